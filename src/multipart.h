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

/* A body that is read as it comes. */
struct multipart;

enum {
	MULTIPART_FORM_BYTES = 64 * 1024, /* beside the file */
	MULTIPART_PARTS = 100,
};

/* Begin; NULL for a boundary that RFC 2046 does not allow. */
struct multipart *
multipart_open(struct mem *m, const char *boundary, const struct http_coming *from);

/*
 * Go on to the next part of the form, past what is left of the present one. Of a text *part has the
 * value; of a file it has none yet: multipart_some reads it, and value_length is 0 only if it is
 * empty. Behind the last part, when all of the body is read, its name is NULL. The errors are those
 * of multipart_read, and ERR_BODY_LENGTH; then that was all.
 */
enum err multipart_next(struct multipart *s, struct http_pair *part);

/* Up to `size` bytes of the present part; 0 at its end, -1 on error: see multipart_wrong. */
ssize_t multipart_some(struct multipart *s, char *to, size_t size);
enum err multipart_wrong(const struct multipart *s);
