/* SPDX-License-Identifier: ISC */
#pragma once

/* What the tests of input share: a request in, and what became of it as one line of text. */

#include "arena.h"
#include "input.h"
#include "json.h"

#define JSON "application/json"
#define FORM "application/x-www-form-urlencoded"

/* JSON with ' for ", to be read more easily. */
static inline char *
quoted(char *json)
{
	for (char *c = json; (c = strchr(c, '\'')) != NULL;)
		*c = '"';
	return json;
}

/* The input as JSON, or "! key text; key text; …" with the status before it if it is not 422. */
static inline const char *
read_request(const struct field *fields, const char *envelope, const struct http_request *rq,
	const struct http_pair *path, size_t path_count)
{
	struct fault fault = { 0 };
	const struct sent *sent = input_open(m, rq, envelope, path, path_count, &fault);
	json_t *in = sent != NULL ? input_read(m, fields, sent, &fault) : NULL;
	const char *said = "!";
	char text[160];
	size_t n;

	assert_int_equal(in == NULL, fault.count > 0);
	if (in != NULL)
		return json_text(m, in, &n);
	if (err_status(err_first(&fault)) != 422)
		said = mem_print(m, "! %d", err_status(err_first(&fault)));
	for (size_t i = 0; i < fault.count; i++)
		said = mem_print(m, "%s%s %s %s", said, i > 0 ? ";" : "", fault.flaws[i].key,
			err_text(&fault.flaws[i], text, sizeof text));
	return said;
}

/* The same of a POST with these bytes as its body. */
static inline const char *
read_bytes(const struct field *fields, const char *envelope, const char *type, const char *bytes,
	size_t length)
{
	struct http_request rq = {
		.method = POST, .query = "", .type = type, .body = bytes, .length = length
	};

	return read_request(fields, envelope, &rq, NULL, 0);
}

static inline const char *
read_body(const struct field *fields, const char *envelope, const char *type, const char *body)
{
	return read_bytes(fields, envelope, type, body, strlen(body));
}

/* A part of a multipart form. */
#define PART(parameters, value)                                                                    \
	"--b\r\nContent-Disposition: form-data; " parameters "\r\n\r\n" value "\r\n"
/* A POST of `body` as a multipart form; its closing delimiter is added. */
static inline struct http_request
posted(const char *body)
{
	body = mem_print(m, "%s--b--\r\n", body);
	return (struct http_request){ .method = POST,
		.query = "",
		.type = "multipart/form-data",
		.boundary = "b",
		.body = body,
		.length = strlen(body) };
}

static inline const char *
read_multipart(const struct field *of, const char *body)
{
	struct http_request rq = posted(body);

	return read_request(of, "user", &rq, NULL, 0); /* no envelope in a form */
}

/* `n` copies of `text` in the memory of the test. */
static inline const char *
times(size_t n, const char *text)
{
	size_t length = strlen(text);
	char *all = mem_get(m, n * length + 1);

	for (size_t i = 0; i < n; i++)
		memcpy(all + i * length, text, length);
	return all;
}
