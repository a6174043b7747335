/* SPDX-License-Identifier: ISC */
#pragma once

#include "err.h"
#include "http.h"
#include "mem.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What a value must be. Texts are UTF-8 without NUL; lengths count characters. */
enum field_type {
	LINE = 1, /* text without control characters */
	TEXT,     /* any text, line breaks and all */
	INT,      /* whole number from min to max */
	NUMBER,   /* number from min to max */
	BOOL,     /* true, false; in forms also on, 1, yes and their opposites */
	NAME,     /* a username: ASCII letters, digits, _ - . */
	EMAIL,    /* a mail address, 254 bytes at most */
	URL,      /* an http or https address, or a relative one; shown, never fetched */
	SLUG,     /* lower-case letters and digits in words joined by - */
	TAGS,   /* list of lines of 60 characters at most: sorted, each once; in forms split at , */
	DATE,   /* YYYY-MM-DD of a real day */
	CHOICE, /* one of `choices` */
	PASSWORD, /* any text; min in characters, max in bytes */
	OBJECT,   /* `fields` */
	LIST,     /* objects of `fields`, `max` of them at most */
};

/* One member that a request may hold. A table of these ends with a row whose name is NULL. */
struct field {
	const char *name;
	enum field_type type;
	long min, max; /* 0, 0 = no bound; max below min = no upper one */
	bool need;     /* must be there and not blank; otherwise absent = left out of the input */
	bool null;     /* null, "" and blanks are taken as null; otherwise they are refused */
	bool clamp;    /* INT: outside the bounds = the nearest of them, not an error */
	const char *const *choices; /* ends with NULL */
	const struct field *fields;
};

/*
 * The declared members of a request, typed and valid, as an object in `m`; unknown ones are
 * dropped. A name is looked up in `path`, then in the query (GET, HEAD, DELETE) or the body (other
 * methods); of a name given twice the first counts. A JSON body must be one object, holding
 * `envelope` if that is not NULL; a form is flat. Everything wrong is noted in `fault`, all at
 * once, per member (nested: "a.b", "a.0.b"); then the result is NULL. `fields` NULL: nothing is
 * read, the result is {}.
 */
json_t *input_read(struct mem *m, const struct field *fields, const char *envelope,
	const struct http_request *rq, const struct http_pair *path, size_t path_count,
	struct fault *fault);
