/* SPDX-License-Identifier: ISC */
#pragma once

#include "mem.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * `json` as compact text (RFC 8259) in `m`, its size in *length; a NUL stands behind it. Non-ASCII
 * characters stand as they are; numbers as jansson writes them.
 */
const char *json_text(struct mem *m, json_t *json, size_t *length);

/* The lines of a text as a new array; "" has none. NULL if one is not UTF-8. */
json_t *json_lines(const char *text, size_t length);

/* Year, month, day, hour, minute and second of UTC as ISO 8601 has them, such as
 * "2026-01-31T23:59:59.000Z", or the day alone. NULL without memory. */
json_t *json_moment(const unsigned part[6], unsigned long milliseconds, bool day);

/*
 * Put the new reference `value` into a row under `name`; or, if `member` is not NULL, into the
 * object of that name, under `member`. The names are ASCII. False if there is no such value.
 */
bool row_put(json_t *row, const char *name, const char *member, json_t *value);

/* The text of a member of a row, or NULL if it is not there or no text; borrowed from the row. */
const char *row_text(json_t *row, const char *name);

/* The whole number of a member of a row, or 0; and the member `id`. */
int64_t row_number(json_t *row, const char *name);
int64_t row_id(json_t *row);
