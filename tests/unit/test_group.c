/* SPDX-License-Identifier: ISC */
/* group: the names of groups as one text and as an array. */
#include "group.h"

#include "arena.h"

static void
there_and_back(void **state)
{
	static const struct {
		const char *text;
		size_t count;
	} rows[] = { { "", 0 }, { "a", 1 }, { "a B.c", 2 }, { "board crew-1 rowers_x", 3 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *array = group_array(m, rows[i].text);

		assert_true(json_is_array(array));
		assert_int_equal(json_array_size(array), rows[i].count);
		assert_string_equal(group_text(m, array), rows[i].text);
	}
	assert_string_equal(json_string_value(json_array_get(group_array(m, "a B.c"), 1)), "B.c");
	assert_int_equal(json_array_size(group_array(m, NULL)), 0);
}

static void
what_is_no_array_of_texts(void **state)
{
	(void)state;
	assert_null(group_text(m, NULL));
	assert_null(group_text(m, mem_pack(m, "{}")));
	assert_null(group_text(m, mem_json(m, json_string("a b"))));
	assert_null(group_text(m, mem_pack(m, "[s, i]", "a", 1)));
	assert_null(group_text(m, mem_pack(m, "[n]")));
	assert_string_equal(group_text(m, mem_pack(m, "[]")), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(what_is_no_array_of_texts),
	};

	return cmocka_run_group_tests(tests, up, down);
}
