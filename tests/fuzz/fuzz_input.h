/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * What the targets of JSON, forms and queries share: a table with a field of each type, and what
 * must be true of a value that was taken, judged without the code that took it.
 */

#include "fuzz_url.h"
#include "input.h"
#include "json.h"

#include <math.h>
#include <strings.h>

static const char *const fuzz_choices[] = { "red", "green", NULL };
static const struct field fuzz_inner[] = {
	{ "line", LINE, .min = 1, .max = 5, .need = true },
	{ "int", INT, .min = -5, .max = 5 },
	{ 0 },
};
static const struct field fuzz_fields[] = {
	{ "line", LINE, .min = 1, .max = 20 },
	{ "text", TEXT, .min = 0, .max = 50 },
	{ "int", INT, .min = -3, .max = 1000 },
	{ "clamp", INT, .min = 1, .max = 100, .clamp = true },
	{ "free", INT, .min = 0 },
	{ "number", NUMBER, .min = -10, .max = 10 },
	{ "bool", BOOL, .min = 0 },
	{ "name", NAME, .min = 3, .max = 20 },
	{ "email", EMAIL, .min = 0 },
	{ "url", URL, .min = 0, .max = 2000 },
	{ "slug", SLUG, .min = 1, .max = 100 },
	{ "tags", TAGS, .min = 0, .max = 5 },
	{ "date", DATE, .min = 0 },
	{ "choice", CHOICE, .choices = fuzz_choices },
	{ "password", PASSWORD, .min = 8, .max = 72 },
	{ "file", UPLOAD, .min = 1, .max = 4096 },
	{ "color", COLOR, .min = 0 },
	{ "next", NEXT, .min = 0 },
	{ "null", LINE, .min = 1, .max = 9, .null = true },
	{ "object", OBJECT, .fields = fuzz_inner },
	{ "list", LIST, .min = 0, .max = 3, .fields = fuzz_inner },
	{ 0 },
};

#define FUZZ_LOWER "abcdefghijklmnopqrstuvwxyz"
#define FUZZ_UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define FUZZ_DIGIT "0123456789"
#define FUZZ_ALNUM FUZZ_LOWER FUZZ_UPPER FUZZ_DIGIT

static inline bool
fuzz_only(const char *s, const char *of)
{
	return s[strspn(s, of)] == '\0';
}

static inline void
fuzz_file(json_t *file, size_t size)
{
	const char *name = row_text(file, "name"), *type = row_text(file, "type");

	HOLDS(*name != '\0' && strlen(name) <= 255 && strpbrk(name, "/\\") == NULL);
	HOLDS(!fuzz_control(name) && strcmp(name, ".") != 0 && strcmp(name, "..") != 0);
	HOLDS(fuzz_only(type, FUZZ_ALNUM "/!#$%&'*+-.^_`|~") && strchr(type, '/') != NULL);
	HOLDS(row_number(file, "size") >= 1 && row_number(file, "size") <= (int64_t)size);
}

static inline void
fuzz_tags(const struct field *f, json_t *list)
{
	const char *last = "";

	HOLDS(json_is_array(list) && (long)json_array_size(list) <= f->max);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *tag = json_string_value(json_array_get(list, i));

		HOLDS(tag != NULL && strcmp(last, tag) < 0 && !fuzz_control(tag));
		HOLDS(fuzz_chars(tag) <= 60);
		last = tag;
	}
}

/* A text of a type that has a form of its own. */
static inline void
fuzz_formed(struct mem *m, const struct field *f, const char *s)
{
	const char *at = strchr(s, '@');
	size_t scheme = strspn(s, FUZZ_ALNUM "+-.");

	if (f->type == IS_NAME)
		HOLDS(fuzz_only(s, FUZZ_ALNUM "_-.") && strcasecmp(s, "admin") != 0);
	else if (f->type == IS_EMAIL)
		HOLDS(at != NULL && at > s && strchr(at, '.') != NULL &&
			fuzz_only(at + 1, FUZZ_ALNUM "-.") &&
			strpbrk(s, " \t\"<>(),:;[]\\") == NULL && strlen(s) <= 254);
	else if (f->type == IS_URL)
		HOLDS(!fuzz_control(s) &&
			(s[scheme] != ':' || strncasecmp(s, "http:", 5) == 0 ||
				strncasecmp(s, "https:", 6) == 0));
	else if (f->type == IS_SLUG)
		HOLDS(fuzz_only(s, FUZZ_LOWER FUZZ_DIGIT "-") && strstr(s, "--") == NULL);
	else if (f->type == IS_DATE)
		HOLDS(strlen(s) == 10 && fuzz_only(s, FUZZ_DIGIT "-"));
	else if (f->type == IS_CHOICE)
		HOLDS(strcmp(s, "red") == 0 || strcmp(s, "green") == 0);
	else if (f->type == IS_PASSWORD)
		HOLDS(fuzz_chars(s) >= f->min && (long)strlen(s) <= f->max);
	else if (f->type == IS_COLOR)
		HOLDS(strlen(s) == 7 && *s == '#' && fuzz_only(s + 1, FUZZ_DIGIT "abcdef"));
	else if (f->type == IS_NEXT)
		url_is_local(m, s);
	else if (f->type == IS_LINE)
		HOLDS(!fuzz_control(s));
	if (f->type != IS_PASSWORD && (f->min != 0 || f->max != 0))
		HOLDS(fuzz_chars(s) >= f->min && fuzz_chars(s) <= f->max);
}

static inline void fuzz_object(struct mem *m, const struct field *fields, json_t *in, size_t size);

/* A value that was taken from a request with a body of `size` bytes. */
static inline void
fuzz_value(struct mem *m, const struct field *f, json_t *v, size_t size)
{
	double n = json_number_value(v);

	if (f->null && json_is_null(v))
		return;
	if (f->type == IS_INT || f->type == IS_NUMBER) {
		HOLDS(f->type == IS_INT ? json_is_integer(v) : json_is_real(v) && isfinite(n));
		HOLDS(f->max == 0 || (n >= (double)f->min && n <= (double)f->max));
	} else if (f->type == IS_BOOL) {
		HOLDS(json_is_boolean(v));
	} else if (f->type == IS_TAGS) {
		fuzz_tags(f, v);
	} else if (f->type == IS_UPLOAD) {
		fuzz_file(v, size);
	} else if (f->type == IS_OBJECT) {
		fuzz_object(m, f->fields, v, size);
	} else if (f->type == IS_LIST) {
		HOLDS(json_is_array(v) && (long)json_array_size(v) <= f->max);
		for (size_t i = 0; i < json_array_size(v); i++)
			fuzz_object(m, f->fields, json_array_get(v, i), size);
	} else {
		HOLDS(json_is_string(v));
		HOLDS(fuzz_utf8(json_string_value(v), json_string_length(v)));
		fuzz_formed(m, f, json_string_value(v));
	}
}

/* Declared members alone, each as it should be; those that must be there are. */
static inline void
fuzz_object(struct mem *m, const struct field *fields, json_t *in, size_t size)
{
	size_t known = 0;

	HOLDS(json_is_object(in));
	for (const struct field *f = fields; f->name != NULL; f++) {
		json_t *v = json_object_get(in, f->name);

		known += v != NULL;
		HOLDS(v != NULL || !f->need);
		if (v != NULL)
			fuzz_value(m, f, v, size);
	}
	HOLDS(known == json_object_size(in));
}

/* The request read as input; NULL if it is refused, for at least one reason. */
static inline json_t *
fuzz_read(struct mem *m, const struct http_request *rq, struct fault *fault)
{
	const struct sent *sent = input_open(m, rq, NULL, NULL, 0, fault);
	json_t *in = sent != NULL ? input_read(m, fuzz_fields, sent, fault) : NULL;
	char text[200];

	HOLDS((in == NULL) == (fault->count > 0));
	for (size_t i = 0; i < fault->count; i++) {
		err_text(&fault->flaws[i], text, sizeof text);
		HOLDS(fuzz_utf8(text, strlen(text)) && err_status(fault->flaws[i].err) >= 400);
	}
	for (const struct field *f = fuzz_fields; f->name != NULL; f++) {
		const char *again = input_text(sent, f->name);

		HOLDS(again == NULL || fuzz_utf8(again, strlen(again)));
	}
	return in;
}

/* The properties of what input takes; the same request twice is the same twice. */
static inline void
fuzz_request(struct mem *m, const struct http_request *rq)
{
	struct fault fault = { 0 }, same = { 0 };
	json_t *in = fuzz_read(m, rq, &fault), *twin = fuzz_read(m, rq, &same), *back;
	const char *text;
	size_t n;

	HOLDS(json_equal(in, twin) == (in != NULL) && fault.count == same.count);
	if (in == NULL)
		return;
	fuzz_object(m, fuzz_fields, in, rq->length);
	text = json_text(m, in, &n);
	back = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	HOLDS(strlen(text) == n && json_equal(in, back));
	json_decref(back);
}

/* A POST of a body of this type; a NUL stands behind it, as fcgi does it. */
static inline void
fuzz_post(const char *type, const char *boundary, const void *body, size_t length)
{
	struct mem *m = fuzz_mem();
	struct http_request rq = { .method = POST,
		.query = "",
		.type = type,
		.boundary = boundary,
		.body = mem_copy(m, body, length),
		.length = length };

	fuzz_request(m, &rq);
}
