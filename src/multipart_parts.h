/* SPDX-License-Identifier: ISC */
#pragma once

/* What the readers of multipart bodies share: one has all of the body, one reads it as it comes. */

#include "multipart.h"

#include <stdbool.h>

enum {
	BOUNDARY_CHARS = 70 /* RFC 2046 section 5.1.1 */
};

/* What the headers of a part say. */
struct part {
	bool form; /* its disposition is form-data, and could be read */
	char *name, *filename, *type;
};

/* Whether a boundary is one that RFC 2046 allows; NULL is none. */
bool multipart_boundary(const char *s);

/* Behind the line of a delimiter whose boundary ends at `at`, and whether it is the last one; NULL
 * if that is no delimiter, but data that begins like one. */
const char *multipart_line(const char *at, const char *end, bool *last);

/* The headers of a part, from `at` to `end`; the first of a name counts, a line that is none is
 * passed over. */
struct part multipart_headers(struct mem *m, const char *at, const char *end);

/* Whether the part belongs to the form: it has a name, and no parts of its own. */
bool multipart_counts(const struct part *p);

/* The part as a pair, without its value. */
struct http_pair multipart_pair(const struct part *p);
