/* SPDX-License-Identifier: ISC */
#pragma once

/* What the tests of multipart share: a body in, and what became of it as one line of text. */

#include "../fuzz/coming_body.h"
#include "arena.h"
#include "multipart.h"

/* The same as read_bytes says, by the other reader, which never has all of the body. */
static inline const char *
read_coming(const char *boundary, const char *body, size_t length, size_t step)
{
	struct coming_body b = { body, body + length, step };
	struct http_coming from = { more_of, &b };
	struct multipart *s = multipart_open(m, boundary, &from);
	enum err e = s != NULL ? ERR_NONE : ERR_MULTIPART;
	const char *said = "";
	struct http_pair p = { 0 };
	char text[100];

	while (e == ERR_NONE && (e = multipart_next(s, &p)) == ERR_NONE && p.name != NULL) {
		char *value = mem_get(m, length + 1);
		ssize_t n;

		assert_int_equal(strlen(p.name), p.name_length);
		assert_int_equal(p.filename == NULL, p.type == NULL);
		said = mem_print(m, "%s%s%s=%.*s", said, *said != '\0' ? "|" : "", p.name,
			(int)p.value_length, p.filename == NULL ? p.value : "");
		if (p.filename == NULL)
			continue;
		for (size_t all = 0;; all += (size_t)n) {
			n = multipart_some(s, value + all, 7);
			assert_true(all > 0 || (p.value_length == 0) == (n <= 0));
			if (n <= 0)
				break;
			value[all + (size_t)n] = '\0';
		}
		said = mem_print(m, "%s%s (%s, %s)", said, value, p.filename, p.type);
		e = multipart_wrong(s);
	}
	if (e == ERR_NONE)
		assert_ptr_equal(b.at, b.end);
	return e == ERR_NONE
		? said
		: mem_print(m, "! %d %s", err_status(e),
			  err_text(&(struct flaw){ e, NULL, HTTP_PAIRS }, text, sizeof text));
}

/* What a body became: "name=value" for a text, "name=value (filename, type)" for a file, joined by
 * "|"; or "!" and the error's text. */
static inline const char *
read_whole(const char *boundary, const char *body, size_t length)
{
	const struct http_pair *pairs = NULL;
	size_t count = 99;
	enum err e = multipart_read(m, boundary, body, length, &pairs, &count);
	const char *said = "";
	char text[100];

	if (e != ERR_NONE) {
		assert_int_equal(count, 0);
		return mem_print(m, "! %d %s", err_status(e),
			err_text(&(struct flaw){ e, NULL, HTTP_PAIRS }, text, sizeof text));
	}
	for (size_t i = 0; i < count; i++) {
		const struct http_pair *p = &pairs[i];

		assert_int_equal(strlen(p->name), p->name_length);
		assert_int_equal(p->filename == NULL, p->type == NULL);
		if (p->filename != NULL) /* not copied */
			assert_true(
				p->value >= body && p->value + p->value_length <= body + length);
		else
			assert_int_equal(p->value[p->value_length], '\0');
		said = mem_print(m, "%s%s%s=%.*s", said, i > 0 ? "|" : "", p->name,
			(int)p->value_length, p->value);
		if (p->filename != NULL)
			said = mem_print(m, "%s (%s, %s)", said, p->filename, p->type);
	}
	return said;
}

/* The same by both readers; the second takes fewer parts, and less beside the file. */
static inline const char *
read_bytes(const char *boundary, const char *body, size_t length)
{
	static const size_t steps[] = { 1, 2, 7, 1000, 100000 };
	const char *said = read_whole(boundary, body, length);

	for (size_t i = 0; length < 4096 && i < sizeof steps / sizeof steps[0]; i++)
		assert_string_equal(read_coming(boundary, body, length, steps[i]), said);
	return said;
}

static inline const char *
read_text(const char *boundary, const char *body)
{
	return read_bytes(boundary, body, strlen(body));
}

#define BROKEN    "! 422 is not a valid multipart form"
#define FORM_DATA "Content-Disposition: form-data; name="
#define A         FORM_DATA "a\r\n\r\n"
#define TAIL      "\r\n--b--\r\n"
