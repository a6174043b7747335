/* SPDX-License-Identifier: ISC */
/*
 * input_sent: what a request brought, as it came: which media types and bodies are taken, and where
 * a member is looked for. Knows nothing of what a value must be.
 */
#include "input_sent.h"

#include "multipart.h"
#include "text.h"

#include <string.h>

enum {
	DEPTH_MAX = 32,     /* levels of JSON */
	TAG_BYTES = 255,    /* of a tag that is shown again */
	VALUES_MAX = 10000, /* members and elements of a JSON body: parsing stays under a few ms */
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

static bool
read_parts(struct mem *m, const struct http_request *rq, struct sent *src, struct fault *fault)
{
	enum err e = multipart_read(
		m, rq->boundary, rq->body, rq->length, &src->pairs, &src->pair_count);

	return e == ERR_NONE || err_add(fault, e, NULL, HTTP_PAIRS);
}

/* Open the place where this method keeps its members. */
static bool
open_source(struct mem *m, const struct http_request *rq, const char *envelope, struct sent *src,
	struct fault *fault)
{
	src->query = rq->method & (GET | HEAD) || (rq->method == DELETE && rq->length == 0);
	if (src->query)
		return read_pairs(m, rq->query, strlen(rq->query), src, fault, "query");
	if (rq->length == 0)
		return envelope == NULL || err_add(fault, ERR_BLANK, envelope, 0);
	if (is_json(rq->type))
		return read_json(m, rq, envelope, src, fault);
	if (strcmp(rq->type, "application/x-www-form-urlencoded") == 0)
		return read_pairs(m, rq->body, rq->length, src, fault, NULL);
	if (strcmp(rq->type, "multipart/form-data") == 0)
		return read_parts(m, rq, src, fault);
	return err_add(fault, ERR_MEDIA_TYPE, NULL, 0);
}

/* A NUL is in no declared name. */
static bool
is_called(const struct http_pair *pair, const char *name)
{
	size_t n = strlen(name);

	return pair->name_length == n && memcmp(pair->name, name, n) == 0;
}

/* The first text of that name. */
static const struct http_pair *
text_among(const struct http_pair *pairs, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (pairs[i].filename == NULL && is_called(&pairs[i], name))
			return &pairs[i];
	return NULL;
}

/* The first file of that name. A browser sends an empty one for an input where none was chosen. */
static const struct http_pair *
file_among(const struct sent *src, const char *name)
{
	for (size_t i = 0; i < src->pair_count; i++) {
		const struct http_pair *p = &src->pairs[i];

		if (p->filename != NULL && is_called(p, name) &&
			(*p->filename != '\0' || p->value_length > 0))
			return p;
	}
	return NULL;
}

/* All texts of that name, joined by commas: tags of hidden inputs, and the one being typed. */
static void
join(struct mem *m, const struct sent *src, const char *name, struct value *v)
{
	const struct http_pair *end = src->pairs + src->pair_count;
	size_t size = 1;
	char *to;

	for (const struct http_pair *p = src->pairs; p < end; p++)
		if (p->filename == NULL && is_called(p, name))
			size += p->value_length + 1;
	v->text = to = mem_get(m, size);
	for (const struct http_pair *p = src->pairs; p < end; p++)
		if (p->filename == NULL && is_called(p, name)) {
			if (to > v->text)
				*to++ = ',';
			memcpy(to, p->value, p->value_length);
			to += p->value_length;
		}
	v->length = (size_t)(to - v->text);
}

/* The value of a member as it came. False if there is none. */
static bool
look_up(const struct sent *src, const char *name, struct value *v)
{
	const struct http_pair *pair = text_among(src->path, src->path_count, name);

	*v = (struct value){ 0 };
	if (pair == NULL)
		pair = text_among(src->pairs, src->pair_count, name);
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

struct sent *
input_open(struct mem *m, const struct http_request *rq, const char *envelope,
	const struct http_pair *path, size_t path_count, struct fault *fault)
{
	struct sent *sent = mem_get(m, sizeof *sent);

	sent->path = path;
	sent->path_count = path_count;
	return open_source(m, rq, envelope, sent, fault) ? sent : NULL;
}

/* Whether a member stands in the query, which is written to histories and logs on its way. */
static bool
from_query(const struct sent *src, const char *name)
{
	return src->query && text_among(src->path, src->path_count, name) == NULL;
}

bool
sent_find(struct mem *m, const struct sent *src, const struct field *f, struct value *v)
{
	const struct http_pair *file = f->type == IS_UPLOAD ? file_among(src, f->name) : NULL;

	if (file != NULL) {
		*v = (struct value){ .file = file };
		return true;
	}
	if (!look_up(src, f->name, v) || (f->type == IS_PASSWORD && from_query(src, f->name)))
		return false;
	if (f->type == IS_UPLOAD) /* a form that is not multipart sends the name of a file */
		return v->json != NULL || !text_blank(v->text);
	if (f->type == IS_NEXT)
		return v->text != NULL && strlen(v->text) == v->length && input_next(v->text);
	if (f->type == IS_TAGS && v->json == NULL &&
		text_among(src->path, src->path_count, f->name) == NULL)
		join(m, src, f->name, v);
	return true;
}

const char *
input_text(const struct sent *sent, const char *name)
{
	struct value v;

	if (sent == NULL || !look_up(sent, name, &v) || v.text == NULL)
		return NULL;
	return text_utf8(v.text, v.length) ? v.text : NULL;
}

/* Whether a list holds this text. */
static bool
holds(json_t *list, const char *text, size_t length)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (json_string_length(one) == length &&
			memcmp(json_string_value(one), text, length) == 0)
			return true;
	}
	return false;
}

json_t *
input_tags(struct mem *m, const struct sent *sent, const char *name)
{
	json_t *list = mem_json(m, json_array());
	struct value v = { 0 };

	if (sent == NULL)
		return list;
	join(m, sent, name, &v);
	if (!text_utf8(v.text, v.length))
		return list;
	for (const char *s = v.text; *s != '\0' && json_array_size(list) < TAGS_AGAIN;
		s += *s == ',') {
		size_t n;

		s += strspn(s, " \t");
		n = strcspn(s, ",");
		while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
			n--;
		if (n > 0 && n <= TAG_BYTES && !holds(list, s, n))
			json_array_append_new(list, json_stringn(s, n));
		s += strcspn(s, ",");
	}
	return list;
}

const char *
input_file(const struct sent *sent, const char *name, size_t *length)
{
	const struct http_pair *file;

	*length = 0;
	if (sent == NULL || (file = file_among(sent, name)) == NULL)
		return NULL;
	*length = file->value_length;
	return file->value;
}
