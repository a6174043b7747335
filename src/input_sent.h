/* SPDX-License-Identifier: ISC */
#pragma once

#include "input_types.h"

/* What came with a request, for the files input*.c alone: members are looked for in this order. */
struct sent {
	const struct http_pair *path, *pairs;
	size_t path_count, pair_count;
	json_t *json;
	bool query;               /* the pairs are those of a query */
	struct multipart *coming; /* a form with a file that is read as it comes; else NULL */
};

/*
 * The value of a declared member, in `m`, as far as its type says what counts as one: for UPLOAD
 * the file that was chosen, for NEXT a safe path, for TAGS all texts of the name. False if there is
 * none.
 */
bool sent_find(struct mem *m, const struct sent *sent, const struct field *f, struct value *v);
