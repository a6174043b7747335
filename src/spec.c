/* SPDX-License-Identifier: ISC */
/*
 * spec: adds the rows of one program to the OpenAPI document. Linked with the program in the place
 * of serve(), so it sees the very tables that serve: reads the document so far from standard input,
 * takes each of its own rows out of the member `rows` (api/rows.json: what tables do not say), puts
 * it under `paths`, and writes the document.
 */
#include "spec.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Instead of serve(), by the linker's --wrap. */
int __wrap_serve(int argc, char **argv, const struct program *program);

/* "/articles/:slug" as "/api/articles/{slug}". */
static const char *
address(struct mem *m, const char *pattern)
{
	const char *to = "/api";

	while (*pattern != '\0') {
		size_t n = strcspn(pattern, ":"), name = strcspn(pattern + n, "/");

		to = mem_print(m, "%s%.*s", to, (int)n, pattern);
		if (name > 0)
			to = mem_print(m, "%s{%.*s}", to, (int)name - 1, pattern + n + 1);
		pattern += n + name;
	}
	return to;
}

/* "get" */
static const char *
verb(struct mem *m, const struct route *route)
{
	const char *name = http_allow(m, route->method);
	char *lower = mem_copy(m, name, strlen(name));

	for (char *c = lower; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return lower;
}

/* The member of an object, which is made if it is not there. */
static json_t *
within(struct mem *m, json_t *object, const char *name)
{
	if (json_object_get(object, name) == NULL)
		json_object_set(object, name, mem_json(m, json_object()));
	return json_object_get(object, name);
}

/* Move one row from `rows` to `paths`. False with a line on standard error. */
static bool
move(json_t *document, const struct spec_row *to)
{
	struct spec_row r = *to;
	const char *method = http_allow(r.m, r.route->method);
	const char *key = mem_print(r.m, "%s %s", method, r.route->api);
	json_t *rows = json_object_get(document, "rows");
	const char *status = mem_print(r.m, "%d", r.route->status);

	r.said = json_object_get(rows, key);
	if (r.said == NULL) /* nobody has said anything yet */
		r.said = mem_pack(r.m, "{s:s, s:{s:s}}", "summary", key, "answers", status, "any");
	if (json_object_get(json_object_get(r.said, "answers"), status) == NULL) {
		fprintf(stderr, "api/rows.json: \"%s\" has no answer %s\n", key, status);
		return false;
	}
	json_object_set(within(r.m, within(r.m, document, "paths"), address(r.m, r.route->api)),
		verb(r.m, r.route), spec_operation(&r));
	json_object_del(rows, key);
	if (json_object_size(rows) == 0)
		json_object_del(document, "rows");
	return true;
}

/* What is written short, and what is the same in all documents. */
static void
complete(struct mem *m, json_t *document)
{
	json_t *components = json_object_get(document, "components"), *shape;
	json_t *schemas = json_object_get(components, "schemas");
	const char *name;
	void *next;

	json_object_set_new(
		json_object_get(document, "info"), "version", json_string(POSTERN_VERSION));
	json_object_set(components, "responses", spec_meanings(m));
	json_object_foreach_safe(schemas, next, name, shape)
	{
		if (json_is_string(shape))
			json_object_set(schemas, name, spec_shape(m, json_string_value(shape)));
	}
}

int
__wrap_serve(int argc, char **argv, const struct program *program)
{
	struct mem *m = mem_new();
	json_error_t bad;
	json_t *document = json_loadf(stdin, JSON_REJECT_DUPLICATES, &bad);
	bool done = document != NULL && argc == 1;

	if (!done)
		fprintf(stderr, "%s: %s\n", argv[0], document == NULL ? bad.text : "no words");
	else
		complete(m, mem_json(m, document));
	for (const struct route *r = program->routes; done && r->method != 0; r++)
		if (r->api != NULL)
			done = move(document, &(struct spec_row){ m, program, r, NULL });
	if (done)
		done = json_dumpf(document, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF;
	mem_free(m);
	return done ? 0 : 1;
}
