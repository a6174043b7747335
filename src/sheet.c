/* SPDX-License-Identifier: ISC */
/*
 * sheet: CSV by libcsv, byte after byte, so that each row is handed out with the lines it stands
 * in, and what is broken costs no more than its own lines. Knows no column. The one file that
 * includes csv.h.
 */
#include "sheet.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

struct sheet {
	FILE *f;
	struct csv_parser parser;
	size_t line;   /* of the next byte */
	int before;    /* the byte before it */
	struct mem *m; /* of the row that is being read */
	struct sheet_row *row;
	size_t bytes; /* of the row so far */
	bool complete;
};

/* Blanks around a field belong to it (RFC 4180 section 2). */
static int
no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static void
begin(struct sheet *s)
{
	if (csv_init(&s->parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
		mem_abort("out of memory");
	csv_set_space_func(&s->parser, no_space);
}

struct sheet *
sheet_new(FILE *f)
{
	struct sheet *s = calloc(1, sizeof *s);

	if (s == NULL)
		mem_abort("out of memory");
	s->f = f;
	s->line = 1;
	begin(s);
	return s;
}

void
sheet_free(struct sheet *s)
{
	csv_free(&s->parser);
	free(s);
}

static void
on_field(void *bytes, size_t length, void *sheet)
{
	struct sheet *s = sheet;
	struct sheet_row *row = s->row;

	if (row->count == SHEET_FIELDS)
		row->wrong = "has too many fields";
	else
		row->field[row->count++] =
			(struct sheet_field){ mem_copy(s->m, bytes, length), length };
}

static void
on_row(int end, void *sheet)
{
	struct sheet *s = sheet;

	(void)end;
	s->complete = true;
}

/* The next byte, counting lines: LF, CR LF and CR end one. */
static int
next(struct sheet *s)
{
	int c = getc(s->f);

	s->line += c == '\r' || (c == '\n' && s->before != '\r');
	s->before = c;
	return c;
}

/* Take the rest of the line, and forget what has been read of the row. */
static void
skip(struct sheet *s, const char *wrong)
{
	int c = s->before;

	while (c != EOF && c != '\n' && c != '\r')
		c = next(s);
	s->row->last = s->line - (c != EOF);
	s->row->wrong = wrong;
	s->row->count = 0;
	csv_free(&s->parser);
	begin(s);
}

static bool
at_end(struct sheet *s)
{
	bool good = csv_fini(&s->parser, on_field, on_row, s) == 0;

	if (!good)
		skip(s, "opens a quote that nothing closes");
	s->row->last = s->line;
	if (s->row->wrong != NULL)
		s->row->count = 0;
	return s->complete || !good;
}

bool
sheet_next(struct sheet *s, struct mem *m, struct sheet_row *row)
{
	size_t line;
	bool begun = false;
	int c;

	*row = (struct sheet_row){ 0 };
	s->m = m;
	s->row = row;
	s->bytes = 0;
	s->complete = false;
	do {
		unsigned char byte;

		line = s->line;
		if ((c = next(s)) == EOF)
			return !ferror(s->f) && at_end(s);
		byte = (unsigned char)c;
		if (!begun && c != '\n' && c != '\r') {
			begun = true;
			row->line = line;
		}
		if (csv_parse(&s->parser, &byte, 1, on_field, on_row, s) != 1) {
			if (csv_error(&s->parser) != CSV_EPARSE)
				mem_abort("out of memory");
			skip(s, "has a quote where none may stand");
			return true;
		}
		if (begun && ++s->bytes > SHEET_ROW_BYTES) {
			skip(s, "is too long, or opens a quote that nothing closes");
			return true;
		}
	} while (!s->complete);
	row->last = line;
	if (row->wrong != NULL)
		row->count = 0;
	return true;
}

int
sheet_first(FILE *f)
{
	int c = getc(f);

	if (c == 0xef && getc(f) == 0xbb && getc(f) == 0xbf)
		c = getc(f);
	return ungetc(c, f);
}

void
sheet_write(FILE *f, const char *const *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			putc(',', f);
		csv_fwrite(f, fields[i], strlen(fields[i]));
	}
	fputs("\r\n", f);
}
