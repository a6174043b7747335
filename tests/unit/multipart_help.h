/* SPDX-License-Identifier: ISC */
#pragma once

/* What the tests of multipart share: a body in, and what became of it as one line of text. */

#include "arena.h"
#include "multipart.h"

/* What a body became: "name=value" for a text, "name=value (filename, type)" for a file, joined by
 * "|"; or "!" and the error's text. */
static inline const char *
read_bytes(const char *boundary, const char *body, size_t length)
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

static inline const char *
read_text(const char *boundary, const char *body)
{
	return read_bytes(boundary, body, strlen(body));
}

#define BROKEN    "! 422 is not a valid multipart form"
#define FORM_DATA "Content-Disposition: form-data; name="
#define A         FORM_DATA "a\r\n\r\n"
#define TAIL      "\r\n--b--\r\n"
