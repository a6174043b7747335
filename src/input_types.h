/* SPDX-License-Identifier: ISC */
#pragma once

#include "input.h"

/*
 * A value as it came: `json` from a JSON body; `text` when it is a string there, or came from a
 * path, a query or a form (then `json` is NULL and the bytes may be anything); `file` alone when it
 * is an uploaded one.
 */
struct value {
	const char *text;
	size_t length;
	json_t *json;
	const struct http_pair *file;
};

/*
 * The value as the type of `f` wants it (neither OBJECT nor LIST), borrowed from the request; or
 * NULL with its errors noted under `key`.
 */
json_t *input_value(struct mem *m, const struct field *f, const struct value *v, const char *key,
	struct fault *fault);
