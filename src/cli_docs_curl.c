/* SPDX-License-Identifier: ISC */
/*
 * cli_docs_curl: an operation of the OpenAPI document as a line for a shell. What is different each
 * time, such as an id, stands there as a variable of the shell: $TOKEN, $ID, $SLUG.
 */
#include "cli_docs.h"
#include "json.h"
#include "text.h"

#include <ctype.h>
#include <string.h>

/* Text in single quotes; a $NAME in it stands outside of them, for the shell to fill in. */
static const char *
quoted(struct mem *m, const char *text)
{
	const char *all = "'";

	while (*text != '\0') {
		size_t n = strcspn(text, "$"), name = 0;

		all = mem_print(m, "%s%.*s", all, (int)n, text);
		text += n;
		if (*text == '$')
			name = 1 + strspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		if (name > 0)
			all = mem_print(m, "%s'\"%.*s\"'", all, (int)name, text);
		text += name;
	}
	return mem_print(m, "%s'", all);
}

/* ID for "id": a variable of the shell. */
static const char *
variable(struct mem *m, const char *name, size_t length)
{
	char *upper = mem_copy(m, name, length);

	for (char *c = upper; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	return mem_print(m, "$%s", upper);
}

/* A whole number as it is, a text as an address has it; NULL if there is none. */
static const char *
example_of(struct mem *m, json_t *list, const char *name, size_t length)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		json_t *value = json_object_get(one, "example");
		const char *found = row_text(one, "name");

		if (strlen(found) != length || strncmp(found, name, length) != 0)
			continue;
		if (json_is_integer(value))
			return mem_print(m, "%lld", (long long)json_integer_value(value));
		return json_is_string(value) ? text_escape(m, json_string_value(value)) : NULL;
	}
	return NULL;
}

static const char *
filled(struct mem *m, const char *address, json_t *list)
{
	const char *all = "";

	while (*address != '\0') {
		size_t n = strcspn(address, "{"), name = strcspn(address + n, "}");
		const char *value;

		all = mem_print(m, "%s%.*s", all, (int)n, address);
		address += n;
		if (*address != '{')
			break;
		value = example_of(m, list, address + 1, name - 1);
		all = mem_print(
			m, "%s%s", all, value != NULL ? value : variable(m, address + 1, name - 1));
		address += name + 1;
	}
	return all;
}

static const char *
query(struct mem *m, json_t *list)
{
	const char *all = "";
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		const char *name = row_text(one, "name");
		const char *value = example_of(m, list, name, strlen(name));

		if (strcmp(row_text(one, "in"), "query") == 0 && value != NULL)
			all = mem_print(m, "%s%s%s=%s", all, *all != '\0' ? "&" : "?", name, value);
	}
	return all;
}

/* One -F for each part of a form; a file's with @. */
static const char *
form(struct mem *m, json_t *content)
{
	json_t *schema = json_object_get(content, "schema"), *value;
	json_t *fields = json_object_get(schema, "properties");
	const char *all = "", *name;

	json_object_foreach(json_object_get(content, "example"), name, value)
	{
		bool file = json_object_get(json_object_get(fields, name), "contentMediaType");

		all = mem_print(m, "%s -F %s", all,
			quoted(m,
				mem_print(m, "%s=%s%s", name, file ? "@" : "",
					json_string_value(value))));
	}
	return all;
}

/* What curl is told of the body; it makes a POST of either. */
static const char *
body(struct mem *m, json_t *content)
{
	json_t *json = json_object_get(content, "application/json");
	json_t *parts = json_object_get(content, "multipart/form-data");
	size_t n;

	if (parts != NULL)
		return form(m, parts);
	return json == NULL
		? ""
		: mem_print(m, " --json %s",
			  quoted(m, json_text(m, json_object_get(json, "example"), &n)));
}

static const char *
credential(json_t *operation, bool has_body)
{
	json_t *first = json_array_get(json_object_get(operation, "security"), 0);

	if (json_object_get(first, "basic") != NULL)
		return has_body ? "" : " -u \"$NAME:$PASSWORD\"";
	return json_object_get(first, "token") != NULL ? " -H \"Authorization: Bearer $TOKEN\""
						       : "";
}

const char *
docs_curl(struct mem *m, const char *address, const char *method, json_t *operation)
{
	json_t *list = json_object_get(operation, "parameters");
	json_t *sent = json_object_get(operation, "requestBody");
	const char *with = body(m, json_object_get(sent, "content"));
	const char *usual = *with != '\0' ? "POST" : "GET";
	bool plain = strcmp(method, usual) == 0;

	return mem_print(m, "curl%s%s%s%s \"%s%s\"", plain ? "" : " -X ", plain ? "" : method,
		credential(operation, *with != '\0'), with, filled(m, address, list),
		query(m, list));
}
