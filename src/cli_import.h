/* SPDX-License-Identifier: ISC */
#pragma once

#include "cli.h"
#include "sheet.h"

/* A row of the file, and what has become of it. */
struct row {
	size_t line, last;   /* of the file */
	json_t *in;          /* what is good of it, as bulk.h has it */
	const char *picture; /* the name of a file, in any bytes; or NULL */
	const char *why;     /* it is refused: all that is wrong, joined by "; " */
	int64_t id;          /* of the member, once there is one */
	bool there;          /* a member already */
	bool bare;           /* and one without a picture */
	char *webp;          /* the picture as it will be stored, in hexadecimal */
	const char *sorry;   /* why there is none */
};

/* Where rows come from: CSV, whose first row named the columns, or JSON lines. */
struct source {
	FILE *file;
	struct sheet *sheet; /* NULL: JSON lines */
	size_t line;         /* of JSON lines: the last one that was read */
	size_t count;
	const char *column[SHEET_FIELDS];
};

/* Open a file, or ("-") standard input. False with a line on standard error. */
bool source_open(struct source *from, struct mem *m, const char *path);
void source_close(struct source *from);

/* The next row in `m`, with all that is wrong in it; false at the end of the file. */
bool source_next(struct source *from, struct mem *m, struct row *row);

/* Note what is wrong with a row: the reason never holds what stands in the file. */
__attribute__((format(printf, 3, 4))) void
row_refuse(struct mem *m, struct row *row, const char *format, ...);

/* Pictures that are files of a folder. */
struct pictures;

/* NULL with a line on standard error. */
struct pictures *pictures_open(struct mem *m, const char *folder);
void pictures_close(struct pictures *p);

/* Make the pictures of those rows that come in, or lack one, in `m`: row->webp or row->sorry. */
void pictures_make(struct pictures *p, struct mem *m, struct row *rows, size_t count);

/* The name of a file as it may be stored, in `m`: what is no text in it becomes "?". */
const char *pictures_name(struct mem *m, const char *name);
