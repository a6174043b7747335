/* SPDX-License-Identifier: ISC */
/* sheet: rows of RFC 4180 with their lines, and what is broken costs its own lines alone. */
#include "sheet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct mem *m;

/* All rows as "LINE-LAST:field|field;", those of a broken form as "LINE-LAST!why;". */
static const char *
all_of(const char *text, size_t length)
{
	FILE *f = fmemopen((void *)text, length, "r");
	struct sheet *sheet;
	struct sheet_row row;
	const char *out = "";

	assert_non_null(f);
	sheet_first(f);
	sheet = sheet_new(f);
	while (sheet_next(sheet, m, &row)) {
		out = mem_print(
			m, "%s%zu-%zu%s", out, row.line, row.last, row.wrong != NULL ? "!" : ":");
		if (row.wrong != NULL)
			assert_int_equal(row.count, 0);
		for (size_t i = 0; i < row.count; i++)
			out = mem_print(m, "%s%s%s", out, i > 0 ? "|" : "", row.field[i].text);
		out = mem_print(m, "%s%s;", out, row.wrong != NULL ? row.wrong : "");
	}
	sheet_free(sheet);
	fclose(f);
	return out;
}

#define ROWS(text, rows) assert_string_equal(all_of(text, sizeof text - 1), rows)

static void
rows_and_lines(void **state)
{
	(void)state;
	ROWS("a,b\r\nc,d\r\n", "1-1:a|b;2-2:c|d;");
	ROWS("a,b\nc,d", "1-1:a|b;2-2:c|d;");
	ROWS("a,b\rc,d\r", "1-1:a|b;2-2:c|d;");
	ROWS("\n\r\n\na\n\n\nb\n\n", "4-4:a;7-7:b;");
	ROWS("a,\n,\n\"\"\n\"\",\n", "1-1:a|;2-2:|;3-3:;4-4:|;");
	ROWS("\xef\xbb\xbf"
	     "a,b\n",
		"1-1:a|b;");
	ROWS("\n", "");
	ROWS(" a , b \n", "1-1: a | b ;");
	ROWS("a;b\tc\n", "1-1:a;b\tc;");
}

static void
quotes(void **state)
{
	(void)state;
	ROWS("\"a,b\",\"c\"\"d\"\n", "1-1:a,b|c\"d;");
	ROWS("\"a\nb\r\nc\",d\r\ne,f\n", "1-3:a\nb\r\nc|d;4-4:e|f;");
	ROWS("\"a\n\",b", "1-2:a\n|b;");
	ROWS("\"a\"", "1-1:a;");
}

#define QUOTE "has a quote where none may stand"
#define OPEN  "opens a quote that nothing closes"

static void
broken_rows(void **state)
{
	(void)state;
	ROWS("a\nb\"c\nd\n", "1-1:a;2-2!" QUOTE ";3-3:d;");
	ROWS("a\n\"b\"c,d\ne\n", "1-1:a;2-2!" QUOTE ";3-3:e;");
	ROWS("\"a\n\nb\"c\r\nd\r\n", "1-3!" QUOTE ";4-4:d;");
	ROWS("a\n\"b\nc\n", "1-1:a;2-4!" OPEN ";");
	ROWS("\"", "1-1!" OPEN ";");
	ROWS("a\"", "1-1!" QUOTE ";");
}

static void
bounds(void **state)
{
	size_t size = 3 * SHEET_ROW_BYTES;
	char *text = malloc(size), fields[2 * SHEET_FIELDS + 3];

	(void)state;
	assert_non_null(text);
	memset(text, 'x', size);
	memcpy(text, "a\n\"", 3);
	text[SHEET_ROW_BYTES + 100] = '\n';
	memcpy(text + size - 3, "\nb\n", 3);
	text[SHEET_ROW_BYTES + 200] = '\n';
	text[SHEET_ROW_BYTES + 201] = ',';
	text[SHEET_ROW_BYTES + 202] = '\n';
	assert_string_equal(all_of(text, size),
		"1-1:a;2-2!is too long, or opens a quote that nothing closes;3-3:"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx;4-4:|;"
		"5-5!is too long, or opens a quote that nothing closes;6-6:b;");
	free(text);
	memset(fields, ',', sizeof fields);
	fields[SHEET_FIELDS - 1] = '\n'; /* just enough, then one too many */
	fields[2 * SHEET_FIELDS] = '\n';
	fields[2 * SHEET_FIELDS + 1] = 'z';
	fields[2 * SHEET_FIELDS + 2] = '\n';
	assert_non_null(strstr(all_of(fields, sizeof fields), ";2-2!has too many fields;3-3:z;"));
}

static void
any_bytes(void **state)
{
	static char text[] = "a\0b,\xff\n";
	FILE *f = fmemopen(text, sizeof text - 1, "r");
	struct sheet *sheet = sheet_new(f);
	struct sheet_row row;

	(void)state;
	assert_true(sheet_next(sheet, m, &row));
	assert_int_equal(row.count, 2);
	assert_int_equal(row.field[0].length, 3);
	assert_memory_equal(row.field[0].text, "a\0b", 4);
	assert_string_equal(row.field[1].text, "\xff");
	assert_false(sheet_next(sheet, m, &row));
	sheet_free(sheet);
	fclose(f);
}

static void
written(void **state)
{
	static const char *const fields[] = { "a", "", "b,\"c\"", "d\ne" };
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	sheet_write(f, fields, 4);
	fclose(f);
	assert_string_equal(text, "\"a\",\"\",\"b,\"\"c\"\"\",\"d\ne\"\r\n");
	free(text);
}

static int
open_memory(void **state)
{
	(void)state;
	m = mem_new();
	return 0;
}

static int
close_memory(void **state)
{
	(void)state;
	mem_free(m);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_and_lines),
		cmocka_unit_test(quotes),
		cmocka_unit_test(broken_rows),
		cmocka_unit_test(bounds),
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(written),
	};

	return cmocka_run_group_tests(tests, open_memory, close_memory);
}
