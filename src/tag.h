/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"

#include <stdint.h>

/* Tags: texts that articles are found by. They compare exactly. */

enum {
	TAGS_SHOWN = 1000
};

/* The names of tags in use, sorted: those used last, TAGS_SHOWN at most; as an array. */
json_t *tag_list(struct db *db);

/* The same, with the one used last first, and so many at most: for the side of a page. */
json_t *tag_latest(struct db *db, long limit);

/* The names, one a line: how an article keeps them; in request memory. */
const char *tag_lines(struct db *db, json_t *names);

/* Let an article, which is new or held, have these tags instead of those before; both lists are
 * sorted, and NULL is none. */
void tag_set(struct db *db, int64_t article, json_t *before, json_t *names);
