/* SPDX-License-Identifier: ISC */
/* pager: which pages of a list are linked. */
#include "pager.h"

#include "arena.h"
#include "json.h"

/* "1 2 [3] ... 9": the labels, this one in brackets, dots for a gap. */
static const char *
drawn(long page, long pages)
{
	json_t *links = json_object_get(pager(m, "/x?page=", page, pages), "links"), *link;
	const char *out = "";
	size_t i;

	json_array_foreach(links, i, link)
	{
		bool active = json_is_true(json_object_get(link, "active"));
		const char *label = row_text(link, "label");

		assert_string_equal(row_text(link, "pageUrl"), mem_print(m, "/x?page=%s", label));
		out = mem_print(m, "%s%s%s%s%s%s", out, i > 0 ? " " : "",
			json_is_true(json_object_get(link, "gap")) ? "... " : "", active ? "[" : "",
			label, active ? "]" : "");
	}
	return out;
}

static void
pages_that_are_linked(void **state)
{
	static const struct {
		long page, pages;
		const char *drawn;
	} rows[] = {
		{ 1, 2, "[1] 2" }, { 1, 9, "[1] 2 3 ... 9" }, { 4, 9, "1 2 3 [4] 5 6 ... 9" },
		{ 5, 9, "1 ... 3 4 [5] 6 7 ... 9" }, { 9, 9, "1 ... 7 8 [9]" },
		{ 500, 100000, "1 ... 498 499 [500] 501 502 ... 100000" },
		{ 12, 9, "1 ... 9" }, /* beyond the end */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(drawn(rows[i].page, rows[i].pages), rows[i].drawn);
	assert_null(pager(m, "/x?page=", 1, 1));
	assert_null(pager(m, "/x?page=", 1, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_that_are_linked),
	};

	return cmocka_run_group_tests(tests, up, down);
}
