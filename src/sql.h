/* SPDX-License-Identifier: ISC */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
	SQL_NAMES = 48,
	SQL_NAME = 32
};

/* A statement as the server takes it: ? for each :name, and the names in order. */
struct sql {
	char *text; /* malloc'd; the caller frees it */
	size_t count;
	char names[SQL_NAMES][SQL_NAME];
};

/*
 * Turn :name parameters into ?. A colon inside '…', "…" or `…` is left alone; a quote in a text is
 * doubled, not escaped by a backslash. Too many or too long names are a broken invariant and end
 * the process: statements are literals of this program.
 */
void sql_parse(struct sql *out, const char *literal);

/* The alias of a column: "a", "a.b" for *member b of an object `name` a, "a[]" for an array of
 * lines: then true. *member is in `name`, or NULL. */
bool sql_alias(char *name, size_t size, const char *alias, const char **member);
