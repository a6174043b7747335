/* SPDX-License-Identifier: ISC */
/*
 * cli_docs: the OpenAPI document of this site, and the page that shows it. Owns what of the
 * document people see; the build has made it (src/spec.c).
 */
#include "cli_docs.h"

#include "cli.h"
#include "conf_place.h"
#include "json.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Whether the site has all that the operation belongs to. */
static bool
is_on(json_t *operation, json_t *on)
{
	json_t *feature;
	size_t i;

	json_array_foreach(json_object_get(operation, "x-features"), i, feature)
	{
		if (!json_is_true(json_object_get(on, json_string_value(feature))))
			return false;
	}
	return true;
}

json_t *
docs_document(struct mem *m, const char *site, json_t *on)
{
	char folder[PATH_MAX];
	json_t *document = NULL, *paths, *item, *operation;
	const char *path, *method;
	void *next, *after;

	if (conf_near(folder, "doc"))
		document = json_load_file(mem_print(m, "%s/openapi.json", folder), 0, NULL);
	if (document == NULL)
		return NULL;
	paths = json_object_get(mem_json(m, document), "paths");
	json_object_set(document, "servers", mem_pack(m, "[{s:s}]", "url", site));
	json_object_foreach_safe(paths, next, path, item)
	{
		json_object_foreach_safe(item, after, method, operation)
		{
			if (!is_on(operation, on))
				json_object_del(item, method);
		}
		if (json_object_size(item) == 0)
			json_object_del(paths, path);
	}
	return document;
}

static bool
is_needed(json_t *schema, const char *name)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(schema, "required"), i, one)
	{
		if (strcmp(json_string_value(one), name) == 0)
			return true;
	}
	return false;
}

static json_t *
field(struct mem *m, const char *name, const char *place, bool need, json_t *schema)
{
	return mem_pack(m, "{s:s, s:s, s:b, s:s}", "name", name, "place", place, "need", need,
		"type", docs_type(m, schema));
}

/* The members of an object; where it has but one object, as an envelope has, that one's. */
static void
add_members(struct mem *m, json_t *list, json_t *schema)
{
	json_t *members = json_object_get(schema, "properties"), *one;
	const char *name, *place = "body";

	json_object_foreach(members, name, one)
	{
		if (json_object_get(one, "properties") == NULL)
			continue;
		place = mem_print(m, "body, in %s", name);
		schema = one;
	}
	json_object_foreach(json_object_get(schema, "properties"), name, one)
	{
		json_array_append(list, field(m, name, place, is_needed(schema, name), one));
	}
}

static json_t *
fields_of(struct mem *m, json_t *operation)
{
	json_t *list = mem_json(m, json_array()), *one;
	json_t *content = json_object_get(json_object_get(operation, "requestBody"), "content");
	const char *media;
	size_t i;

	json_array_foreach(json_object_get(operation, "parameters"), i, one)
	{
		json_array_append(list,
			field(m, row_text(one, "name"), row_text(one, "in"),
				json_is_true(json_object_get(one, "required")),
				json_object_get(one, "schema")));
	}
	json_object_foreach(content, media, one)
	{
		add_members(m, list, json_object_get(one, "schema"));
	}
	return list;
}

/* The schema that an answer has by its name; NULL if it has none. */
static const char *
shape_of(json_t *answer)
{
	json_t *content = json_object_get(answer, "content");
	json_t *json = json_object_get(content, "application/json");
	const char *ref = row_text(json_object_get(json, "schema"), "$ref");

	return ref != NULL ? strrchr(ref, '/') + 1 : NULL;
}

/* Whether any row may be answered so. */
static bool
is_common(const char *status)
{
	static const char *const common[] = { "400", "413", "429", "431", "500", "503" };

	for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
		if (strcmp(status, common[i]) == 0)
			return true;
	return false;
}

/* What a row answers, without what each row may. */
static json_t *
answers_of(struct mem *m, json_t *operation)
{
	json_t *list = mem_json(m, json_array()), *one;
	const char *status;

	json_object_foreach(json_object_get(operation, "responses"), status, one)
	{
		const char *shape = shape_of(one);

		if (*status < '4')
			json_array_append(list,
				mem_pack(m, "{s:s, s:s?, s:s?}", "status", status, "shape", shape,
					"shapeUrl",
					shape != NULL ? mem_print(m, "#%s", shape) : NULL));
		else if (!is_common(status))
			json_array_append(list, mem_pack(m, "{s:s}", "status", status));
	}
	return list;
}

static const char *
upper(struct mem *m, const char *method)
{
	char *name = mem_copy(m, method, strlen(method));

	for (char *c = name; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	return name;
}

static json_t *
row(struct mem *m, const char *site, const char *path, const char *method, json_t *operation)
{
	const char *name = upper(m, method), *id = mem_print(m, "%s%s", method, path);
	json_t *fields = fields_of(m, operation);
	char *at = mem_copy(m, id, strlen(id));

	for (char *c = at; *c != '\0'; c++)
		*c = isalnum((unsigned char)*c) ? *c : '-';
	return mem_pack(m, "{s:s, s:s, s:s, s:s, s:O, s:O, s:b, s:O, s:O, s:s}", "id", at, "idUrl",
		mem_print(m, "#%s", at), "method", name, "path", path, "summary",
		json_object_get(operation, "summary"), "guard",
		json_object_get(operation, "x-guard"), "takes", json_array_size(fields) > 0,
		"fields", fields, "answers", answers_of(m, operation), "curl",
		docs_curl(m, mem_print(m, "%s%s", site, path), name, operation));
}

/* The rows of a program stand together in the document. */
static json_t *
programs_of(struct mem *m, const char *site, json_t *paths)
{
	json_t *programs = mem_json(m, json_array()), *rows = NULL, *item, *operation;
	const char *path, *method, *last = "";

	json_object_foreach(paths, path, item)
	{
		json_object_foreach(item, method, operation)
		{
			const char *name = json_string_value(
				json_array_get(json_object_get(operation, "tags"), 0));

			if (strcmp(name, last) != 0) {
				rows = mem_json(m, json_array());
				json_array_append(programs,
					mem_pack(m, "{s:s, s:O}", "name", name, "rows", rows));
				last = name;
			}
			json_array_append(rows, row(m, site, path, method, operation));
		}
	}
	return programs;
}

static json_t *
statuses_of(struct mem *m, json_t *responses)
{
	json_t *list = mem_json(m, json_array()), *one;
	const char *status;

	json_object_foreach(responses, status, one)
	{
		json_array_append(list,
			mem_pack(m, "{s:s, s:O, s:b}", "status", status, "text",
				json_object_get(one, "description"), "common", is_common(status)));
	}
	return list;
}

static json_t *
objects_of(struct mem *m, json_t *schemas)
{
	json_t *list = mem_json(m, json_array()), *one;
	const char *name;

	json_object_foreach(schemas, name, one)
	{
		json_t *fields = mem_json(m, json_array());

		add_members(m, fields, one);
		json_array_append(list,
			mem_pack(m, "{s:s, s:O, s:s}", "name", name, "fields", fields, "type",
				docs_type(m, one)));
	}
	return list;
}

json_t *
docs_page(struct mem *m, json_t *document)
{
	json_t *components = json_object_get(document, "components");
	json_t *server = json_array_get(json_object_get(document, "servers"), 0);
	const char *site = row_text(server, "url");

	return mem_pack(m, "{s:s, s:O, s:O, s:O, s:O}", "address", site, "text",
		json_object_get(json_object_get(document, "info"), "description"), "programs",
		programs_of(m, site, json_object_get(document, "paths")), "statuses",
		statuses_of(m, json_object_get(components, "responses")), "objects",
		objects_of(m, json_object_get(components, "schemas")));
}
