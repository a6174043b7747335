/* SPDX-License-Identifier: ISC */
#pragma once

#include "input_types.h"

/* What the checks of single values share. For the files input_*.c alone. */

/* A value on its way: each check notes its own errors. */
struct check {
	struct mem *m;
	const struct field *f;
	const struct value *v;
	const char *key;
	struct fault *fault;
};

/* Note an error of the value; NULL, for `return`. */
json_t *check_wrong(const struct check *c, enum err e, long n);

/* Whether the length is within the bounds of the field, in characters; else its error is noted. */
bool check_fits(const struct check *c);

/* True if a control character (C0, DEL, C1) begins at `s`. */
bool check_is_control(const char *s);

/* True if `s` has a control character. */
bool check_has_control(const char *s);
