/* SPDX-License-Identifier: ISC */
/* fuzz_sheet: rows stand one behind the other, and those that were read are read again as written.
 */
#include "sheet.h"

#include "fuzz.h"

/* The texts of a row, written and read again. */
static void
write_and_read(struct mem *m, const char *const *texts, size_t count)
{
	struct sheet *sheet;
	struct sheet_row row;
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);

	HOLDS(f != NULL);
	sheet_write(f, texts, count);
	(void)fclose(f);
	f = fmemopen(out, size, "r");
	HOLDS(f != NULL);
	sheet = sheet_new(f);
	HOLDS(sheet_next(sheet, m, &row));
	HOLDS(row.wrong == NULL && row.line == 1 && row.count == count);
	for (size_t i = 0; i < count; i++)
		HOLDS(strcmp(row.field[i].text, texts[i]) == 0);
	HOLDS(!sheet_next(sheet, m, &row));
	sheet_free(sheet);
	(void)fclose(f);
	free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem *m = fuzz_mem();
	FILE *f = size > 0 && size < SHEET_ROW_BYTES / 4 ? fmemopen((void *)data, size, "r") : NULL;
	struct sheet *sheet;
	struct sheet_row row;
	size_t last = 0;

	if (f == NULL)
		return 0;
	sheet_first(f);
	sheet = sheet_new(f);
	while (sheet_next(sheet, m, &row)) {
		const char *texts[SHEET_FIELDS];

		HOLDS(row.line > last && row.line <= row.last && row.last <= size);
		HOLDS(row.count <= SHEET_FIELDS && (row.count == 0) == (row.wrong != NULL));
		last = row.last;
		for (size_t i = 0; i < row.count; i++) {
			texts[i] = row.field[i].text;
			HOLDS(texts[i][row.field[i].length] == '\0');
		}
		if (row.count > 0)
			write_and_read(m, texts, row.count);
	}
	sheet_free(sheet);
	(void)fclose(f);
	return 0;
}
