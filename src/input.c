/* SPDX-License-Identifier: ISC */
/*
 * input: from bytes to declared values. Owns where a member is looked for and the walk through a
 * field table; what a single value must be is in input_types.c. Knows no route and no noun.
 */
#include "input.h"

#include "input_types.h"
#include "text.h"

#include <string.h>

enum {
	DEPTH_MAX = 32,     /* levels of JSON */
	VALUES_MAX = 10000, /* members and elements of a JSON body: parsing stays under a few ms */
};

/* Where members are looked for, in this order. */
struct sent {
	const struct http_pair *path, *pairs;
	size_t path_count, pair_count;
	json_t *json;
};

/*
 * Refuse what would make the parser work hard, before it does: levels by brackets; values by
 * commas, and brackets for the first of each list or object. Broken JSON is left to the parser.
 */
static bool
modest(const char *body, size_t length)
{
	size_t depth = 0, values = 0;
	bool in_string = false;

	for (size_t i = 0; i < length; i++) {
		char c = body[i];
		bool opens = c == '{' || c == '[';

		if (in_string) {
			i += c == '\\';
			in_string = c != '"';
			continue;
		}
		in_string = c == '"';
		depth += opens;
		depth -= (c == '}' || c == ']') && depth > 0;
		values += opens || c == ',';
		if (depth > DEPTH_MAX || values > VALUES_MAX)
			return false;
	}
	return true;
}

static bool
read_json(struct mem *m, const struct http_request *rq, const char *envelope, struct sent *src,
	struct fault *fault)
{
	json_t *root;

	if (!modest(rq->body, rq->length))
		return err_add(fault, ERR_DEEP, NULL, 0);
	root = json_loadb(rq->body, rq->length, JSON_REJECT_DUPLICATES, NULL);
	if (root == NULL)
		return err_add(fault, ERR_JSON, NULL, 0);
	mem_json(m, root);
	if (!json_is_object(root))
		return err_add(fault, ERR_TYPE_OBJECT, NULL, 0);
	src->json = envelope == NULL ? root : json_object_get(root, envelope);
	if (src->json == NULL || json_is_null(src->json))
		return err_add(fault, ERR_BLANK, envelope, 0);
	if (!json_is_object(src->json))
		return err_add(fault, ERR_TYPE_OBJECT, envelope, 0);
	return true;
}

static bool
is_json(const char *type)
{
	size_t n = strlen(type);

	return strcmp(type, "application/json") == 0 ||
		(strncmp(type, "application/", 12) == 0 && n > 17 &&
			strcmp(type + n - 5, "+json") == 0);
}

static bool
read_pairs(struct mem *m, const char *text, size_t length, struct sent *src, struct fault *fault,
	const char *key)
{
	enum err e = http_pairs(m, text, length, &src->pairs, &src->pair_count);

	return e == ERR_NONE || err_add(fault, e, key, HTTP_PAIRS);
}

/* Open the place where this method keeps its members. */
static bool
open_source(struct mem *m, const struct http_request *rq, const char *envelope, struct sent *src,
	struct fault *fault)
{
	bool form;

	if (rq->method & (GET | HEAD | DELETE))
		return read_pairs(m, rq->query, strlen(rq->query), src, fault, "query");
	form = strcmp(rq->type, "application/x-www-form-urlencoded") == 0;
	if (rq->length == 0)
		return form || envelope == NULL || err_add(fault, ERR_BLANK, envelope, 0);
	if (is_json(rq->type))
		return read_json(m, rq, envelope, src, fault);
	if (form)
		return read_pairs(m, rq->body, rq->length, src, fault, NULL);
	return err_add(fault, ERR_MEDIA_TYPE, NULL, 0);
}

/* The first pair of that name which is a file, or is none. A NUL is in no declared name. */
static const struct http_pair *
among(const struct http_pair *pairs, size_t count, const char *name, bool file)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < count; i++)
		if (pairs[i].name_length == n && memcmp(pairs[i].name, name, n) == 0 &&
			(pairs[i].filename != NULL) == file)
			return &pairs[i];
	return NULL;
}

/* The value of a member as it came. False if there is none. */
static bool
look_up(const struct sent *src, const char *name, struct value *v)
{
	const struct http_pair *pair = among(src->path, src->path_count, name, false);

	*v = (struct value){ 0 };
	if (pair == NULL)
		pair = among(src->pairs, src->pair_count, name, false);
	if (pair != NULL) {
		v->text = pair->value;
		v->length = pair->value_length;
		return true;
	}
	v->json = json_object_get(src->json, name);
	if (json_is_string(v->json)) {
		v->text = json_string_value(v->json);
		v->length = json_string_length(v->json);
	}
	return v->json != NULL;
}

static json_t *read_fields(struct mem *m, const struct field *fields, const struct sent *src,
	const char *prefix, struct fault *fault);

static json_t *
read_nested(
	struct mem *m, const struct field *f, json_t *json, const char *key, struct fault *fault)
{
	struct sent inner = { .json = json };

	if (!json_is_object(json)) {
		err_add(fault, ERR_TYPE_OBJECT, key, 0);
		return NULL;
	}
	return read_fields(m, f->fields, &inner, mem_print(m, "%s.", key), fault);
}

static json_t *
read_list(struct mem *m, const struct field *f, json_t *json, const char *key, struct fault *fault)
{
	json_t *list = mem_json(m, json_array()), *item;
	size_t i, most = f->max > 0 ? (size_t)f->max : VALUES_MAX;

	if (!json_is_array(json)) {
		err_add(fault, ERR_TYPE_LIST, key, 0);
		return NULL;
	}
	if (json_array_size(json) > most) {
		err_add(fault, ERR_MANY, key, (long)most);
		return NULL;
	}
	json_array_foreach(json, i, item)
	{
		json_t *read = read_nested(m, f, item, mem_print(m, "%s.%zu", key, i), fault);

		if (read != NULL)
			json_array_append(list, read);
	}
	return list;
}

/* One member into `to`, or its error into `fault`. */
static void
read_field(struct mem *m, const struct field *f, const struct sent *src, const char *prefix,
	struct fault *fault, json_t *to)
{
	const char *key = *prefix != '\0' ? mem_print(m, "%s%s", prefix, f->name) : f->name;
	struct value v;
	json_t *read;

	if (!look_up(src, f->name, &v)) {
		if (f->need)
			err_add(fault, ERR_BLANK, key, 0);
		return;
	}
	if (f->null &&
		(json_is_null(v.json) ||
			(v.text != NULL && text_utf8(v.text, v.length) && text_blank(v.text))))
		read = json_null();
	else if (f->type == OBJECT)
		read = read_nested(m, f, v.json, key, fault);
	else if (f->type == LIST)
		read = read_list(m, f, v.json, key, fault);
	else
		read = input_value(m, f, &v, key, fault);
	if (read != NULL)
		json_object_set(to, f->name, read);
}

static json_t *
read_fields(struct mem *m, const struct field *fields, const struct sent *src, const char *prefix,
	struct fault *fault)
{
	json_t *in = mem_json(m, json_object());

	for (const struct field *f = fields; f->name != NULL; f++)
		read_field(m, f, src, prefix, fault, in);
	return in;
}

const struct sent *
input_open(struct mem *m, const struct http_request *rq, const char *envelope,
	const struct http_pair *path, size_t path_count, struct fault *fault)
{
	struct sent *sent = mem_get(m, sizeof *sent);

	sent->path = path;
	sent->path_count = path_count;
	return open_source(m, rq, envelope, sent, fault) ? sent : NULL;
}

json_t *
input_read(struct mem *m, const struct field *fields, const struct sent *sent, struct fault *fault)
{
	static const struct sent nothing;
	json_t *in;

	if (fields == NULL)
		return mem_json(m, json_object());
	in = read_fields(m, fields, sent != NULL ? sent : &nothing, "", fault);
	return err_first(fault) == ERR_NONE ? in : NULL;
}

const char *
input_text(const struct sent *sent, const char *name)
{
	struct value v;

	if (sent == NULL || !look_up(sent, name, &v) || v.text == NULL)
		return NULL;
	return text_utf8(v.text, v.length) ? v.text : NULL;
}

const char *
input_file(const struct sent *sent, const char *name, size_t *length)
{
	const struct http_pair *file;

	*length = 0;
	if (sent == NULL || (file = among(sent->pairs, sent->pair_count, name, true)) == NULL)
		return NULL;
	*length = file->value_length;
	return file->value;
}
