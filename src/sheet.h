/* SPDX-License-Identifier: ISC */
#pragma once

#include "mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Rows of a CSV file (RFC 4180), read one after the other; lines end as they like. */
struct sheet;

enum {
	SHEET_FIELDS = 64,
	SHEET_ROW_BYTES = 64 << 10 /* without quotes and commas */
};

struct sheet_row {
	size_t line, last; /* the first is 1 */
	size_t count;
	struct sheet_field {
		const char *text; /* any bytes; a NUL stands behind them */
		size_t length;
	} field[SHEET_FIELDS];
	const char *wrong; /* what is wrong with its form, instead of fields; or NULL */
};

/* Read from `f`, which stays the caller's. */
struct sheet *sheet_new(FILE *f);
void sheet_free(struct sheet *sheet);

/*
 * The next row, its fields in `m`; lines that are empty are none. Behind a row of a broken form
 * reading goes on at the next line. False at the end of the file, or when it cannot be read on
 * (ferror).
 */
bool sheet_next(struct sheet *sheet, struct mem *m, struct sheet_row *row);

/* The first byte of a file behind a byte order mark, not yet taken; or EOF. */
int sheet_first(FILE *f);

/* Write fields as one row, each quoted. Errors stay with `f`. */
void sheet_write(FILE *f, const char *const *fields, size_t count);
