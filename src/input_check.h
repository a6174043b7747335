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

/* The text as it came, as the request's. */
json_t *check_as_text(const struct check *c);

/* Whether the length is within the bounds of the field, in characters; else its error is noted. */
bool check_fits(const struct check *c);

/* True if a control character (C0, DEL, C1) begins at `s`. */
bool check_is_control(const char *s);

/* True if `s` has a control character. */
bool check_has_control(const char *s);

/* One type each (see enum field_type): the value, or NULL with its errors noted. */
json_t *check_name(const struct check *c);
json_t *check_email(const struct check *c);
json_t *check_url(const struct check *c);
json_t *check_slug(const struct check *c);
json_t *check_date(const struct check *c);
json_t *check_color(const struct check *c);
json_t *check_upload(const struct check *c);
