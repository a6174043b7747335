/* SPDX-License-Identifier: ISC */
/*
 * spec_row: one row of a program as an operation of OpenAPI: who may, what it takes, what it
 * answers and how it may fail. Knows nothing of the document around it.
 */
#include "spec.h"

#include <string.h>

/* What an error means to whoever gets it; those without `always` stand at the rows that have them.
 */
static const struct meaning {
	int status;
	bool always;
	const char *text;
} meanings[] = {
	{ 400, true, "The request is malformed." },
	{ 401, false, "No token or password, or a bad one." },
	{ 403, false, "Not for you, not with this token, or not without current_password." },
	{ 404, false, "There is no such thing, or the site goes without it." },
	{ 409, false, "Taken by somebody else; or it is the last admin." },
	{ 412, false, "Changed by somebody else since If-Match was true." },
	{ 413, true, "The body is too large." },
	{ 415, false, "The body is neither JSON nor a form, or not the form that is wanted." },
	{ 416, false, "No byte of the file is in that range." },
	{ 422, false, "What was sent is wrong: each member, and all that is wrong with it." },
	{ 429, true, "Too many requests; Retry-After says when to come again." },
	{ 431, true, "The headers are too large." },
	{ 500, true, "The server has failed; X-Request-ID is in its log." },
	{ 503, true, "The server is not ready; Retry-After says when to come again." },
};

enum {
	MEANINGS = sizeof meanings / sizeof meanings[0]
};

static bool
says(const struct spec_row *r, const char *what)
{
	return json_is_true(json_object_get(r->said, what));
}

static bool
in_path(const struct spec_row *r, const struct field *f)
{
	const char *at = strstr(r->route->api, mem_print(r->m, "/:%s", f->name));
	char end = at != NULL ? at[2 + strlen(f->name)] : 'x';

	return end == '\0' || end == '/';
}

/* GET has no body, nor has DELETE without an envelope. */
static bool
has_body(const struct spec_row *r)
{
	return r->route->method != GET &&
		(r->route->method != DELETE || r->route->envelope != NULL);
}

static bool
in_body(const void *of, const struct field *f)
{
	return has_body(of) && !in_path(of, f);
}

static json_t *
examples(const struct spec_row *r, const char *kind, const char *name)
{
	return json_object_get(json_object_get(r->said, kind), name);
}

static void
put_parameter(const struct spec_row *r, json_t *list, const struct field *f)
{
	bool path = in_path(r, f);
	json_t *one, *example = examples(r, path ? "path" : "query", f->name);
	struct field plain = *f;

	if (in_body(r, f))
		return;
	plain.null = false; /* a query knows no null: its member is empty */
	one = mem_pack(r->m, "{s:s, s:s, s:b, s:O}", "name", f->name, "in", path ? "path" : "query",
		"required", path || f->need, "schema", spec_value(r->m, &plain));
	if (f->null && !path)
		json_object_set_new(one, "allowEmptyValue", json_true());
	if (f->type == IS_TAGS)
		json_object_set_new(one, "explode", json_false());
	if (example != NULL)
		json_object_set(one, "example", example);
	json_array_append(list, one);
}

static void
put_header(const struct spec_row *r, json_t *list, const char *name, const char *text)
{
	json_array_append(list,
		mem_pack(r->m, "{s:s, s:s, s:{s:s, s:s}}", "name", name, "in", "header", "schema",
			"type", "string", "description", text));
}

static json_t *
parameters(const struct spec_row *r)
{
	json_t *list = mem_json(r->m, json_array());

	for (const struct field *f = r->route->input; f != NULL && f->name != NULL; f++)
		put_parameter(r, list, f);
	if (says(r, "once"))
		put_header(r, list, "Idempotency-Key",
			"the same again with the same key gets the first answer, and is not done twice");
	if (says(r, "matched"))
		put_header(r, list, "If-Match", "the ETag of what was read");
	if (says(r, "cached"))
		put_header(r, list, "If-None-Match", "the ETag of what one has");
	return list;
}

/* The type of the body: a file comes in a form of parts. */
static const char *
media(const struct spec_row *r)
{
	for (const struct field *f = r->route->input; f != NULL && f->name != NULL; f++)
		if (f->type == IS_UPLOAD)
			return "multipart/form-data";
	return "application/json";
}

/* NULL: there is none. */
static json_t *
body(const struct spec_row *r)
{
	json_t *schema = spec_object(r->m, r->route->input, in_body, r);
	json_t *example = json_object_get(r->said, "body");
	bool need = json_object_get(schema, "required") != NULL || r->route->envelope != NULL;
	const char *envelope = r->route->envelope;

	if (json_object_size(json_object_get(schema, "properties")) == 0)
		return NULL;
	if (example == NULL)
		example = mem_json(r->m, json_object());
	if (envelope != NULL) {
		schema = mem_pack(r->m, "{s:s, s:[s], s:{s:O}}", "type", "object", "required",
			envelope, "properties", envelope, schema);
		example = mem_pack(r->m, "{s:O}", envelope, example);
	}
	return mem_pack(r->m, "{s:b, s:{s:{s:O, s:O}}}", "required", need, "content", media(r),
		"schema", schema, "example", example);
}

static json_t *
answer(const struct spec_row *r, const char *shape)
{
	if (shape == NULL)
		return mem_pack(r->m, "{s:s}", "description", "Done; there is no body.");
	if (strcmp(shape, "any") == 0)
		return mem_pack(r->m, "{s:s, s:{s:{s:{}}}}", "description", "An answer.", "content",
			"application/json", "schema");
	if (strcmp(shape, "bytes") == 0)
		return mem_pack(
			r->m, "{s:s, s:{s:{}}}", "description", "The bytes.", "content", "*/*");
	return mem_pack(r->m, "{s:s, s:{s:{s:O}}}", "description", mem_print(r->m, "%s.", shape),
		"content", "application/json", "schema", spec_ref(r->m, "schemas", shape));
}

/* Whether the row may be answered so, by what stands in its columns. */
static bool
may_err(const struct spec_row *r, int status)
{
	const struct route *t = r->route;
	json_t *more = json_object_get(r->said, "errors"), *one;
	size_t i;

	json_array_foreach(more, i, one)
	{
		if (json_integer_value(one) == status)
			return true;
	}
	switch (status) {
	case 401:
	case 403: return t->guard != OPEN;
	case 404: return t->feature != FEATURE_ALWAYS;
	case 415: return has_body(r) && t->input != NULL;
	case 422: return t->input != NULL;
	default: return false;
	}
}

static json_t *
responses(const struct spec_row *r)
{
	json_t *all = mem_json(r->m, json_object()), *shape;
	const char *status;

	json_object_foreach(json_object_get(r->said, "answers"), status, shape)
	{
		json_object_set(all, status, answer(r, json_string_value(shape)));
	}
	if (says(r, "cached"))
		json_object_set(
			all, "304", mem_pack(r->m, "{s:s}", "description", "You have it already."));
	for (size_t i = 0; i < MEANINGS; i++) {
		const char *name = mem_print(r->m, "%d", meanings[i].status);

		if (meanings[i].always || may_err(r, meanings[i].status))
			json_object_set(all, name, spec_ref(r->m, "responses", name));
	}
	return all;
}

static json_t *
security(const struct spec_row *r)
{
	if (says(r, "basic"))
		return mem_pack(r->m, "[{s:[]}, {}]", "basic");
	if (r->route->guard == OPEN)
		return mem_pack(r->m, "[]");
	return r->route->guard == PUBLIC ? mem_pack(r->m, "[{s:[]}, {}]", "token")
					 : mem_pack(r->m, "[{s:[]}]", "token");
}

/* What a site may leave out, and this with it. */
static json_t *
features(const struct spec_row *r)
{
	switch (r->route->feature) {
	case FEATURE_ARTICLES: return mem_pack(r->m, "[s]", "articles");
	case FEATURE_COMMENTS: return mem_pack(r->m, "[s, s]", "articles", "comments");
	case FEATURE_FEED: return mem_pack(r->m, "[s, s]", "articles", "follow");
	case FEATURE_FOLLOW: return mem_pack(r->m, "[s]", "follow");
	case FEATURE_FILES: return mem_pack(r->m, "[s]", "files");
	default: return mem_pack(r->m, "[]");
	}
}

json_t *
spec_operation(const struct spec_row *r)
{
	json_t *list = parameters(r), *sent = body(r);
	json_t *all = mem_pack(r->m, "{s:[s], s:O, s:s, s:O, s:O}", "tags", r->program->name,
		"summary", json_object_get(r->said, "summary"), "x-guard", route_guard(r->route),
		"x-features", features(r), "security", security(r));

	if (json_array_size(list) > 0)
		json_object_set(all, "parameters", list);
	if (sent != NULL)
		json_object_set(all, "requestBody", sent);
	json_object_set(all, "responses", responses(r));
	return all;
}

json_t *
spec_meanings(struct mem *m)
{
	json_t *all = mem_json(m, json_object());

	for (size_t i = 0; i < MEANINGS; i++)
		json_object_set(all, mem_print(m, "%d", meanings[i].status),
			mem_pack(m, "{s:s, s:{s:{s:O}}}", "description", meanings[i].text,
				"content", "application/json", "schema",
				spec_ref(m, "schemas", "Errors")));
	return all;
}
