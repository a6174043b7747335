/* SPDX-License-Identifier: ISC */
#pragma once

#include "err.h"
#include "http.h"
#include "mem.h"

#include <stddef.h>

enum {
	MULTIPART_HEADER_BYTES = 8 * 1024, /* of one part, the blank line included */
	MULTIPART_TEXT_BYTES = 512 * 1024, /* of all values that are no files */
};

/*
 * Split a multipart/form-data body (RFC 7578): the pairs in `m` at *pairs, their number in *count.
 * The value of a file points into `body`; texts are copied, with a NUL behind them. The type of a
 * file is ASCII in any case, application/octet-stream if the part names none. Parts without a name,
 * and multiparts inside, are skipped. ERR_NONE; ERR_MULTIPART for a boundary (NULL = none) that RFC
 * 2046 does not allow, or a broken body; ERR_MANY for more than HTTP_PAIRS parts; ERR_BODY_LARGE
 * for too much text.
 */
enum err multipart_read(struct mem *m, const char *boundary, const char *body, size_t length,
	const struct http_pair **pairs, size_t *count);
