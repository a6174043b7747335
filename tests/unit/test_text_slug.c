/* SPDX-License-Identifier: ISC */
/* text_slug: titles as they stand in addresses. */
#include "text.h"

#include "arena.h"

static void
titles(void **state)
{
	static const char *const rows[][2] = { { "How to Train Your Dragon",
						       "how-to-train-your-dragon" },
		{ "", "" }, { " - ", "" }, { "a", "a" }, { "--a--b--", "a-b" }, { "A1b2", "a1b2" },
		{ "Don't stop", "dont-stop" }, { "L\xe2\x80\x99\xc3\xa9t\xc3\xa9", "lete" },
		{ "\xc3\x84rger \xc3\xb6 \xc3\x9f", "arger-o-ss" },
		{ "\xc3\x86on \xc5\x92uvre", "aeon-oeuvre" },
		{ "\xc5\x81\xc3\xb3"
		  "d\xc5\xba",
			"lodz" },
		{ "3 \xc3\x97 4 \xc3\xb7 5", "3-4-5" }, { "\xe6\x97\xa5\xe6\x9c\xac", "" },
		{ "a\xe6\x97\xa5"
		  "b",
			"a-b" },
		{ "\xf0\x9f\x99\x82 x", "x" }, { "\xd0\x96", "" }, { "12345", "12345" },
		{ "a\nb\tc", "a-b-c" } };
	char out[121];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = text_slug(out, sizeof out, rows[i][0]);

		assert_string_equal(out, rows[i][1]);
		assert_int_equal(n, strlen(out));
	}
}

/* However little room there is, what is written ends in no hyphen. */
static void
small_rooms(void **state)
{
	static const char title[] = "ab \xc3\x9f \xc3\xa6 c-d";
	char out[16];

	(void)state;
	for (size_t size = 1; size <= sizeof out; size++) {
		size_t n = text_slug(out, size, title);

		assert_true(n < size && n == strlen(out));
		assert_true(n == 0 || out[n - 1] != '-');
		assert_true(strncmp("ab-ss-ae-c-d", out, n) == 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(titles),
		cmocka_unit_test(small_rooms),
	};

	return cmocka_run_group_tests(tests, up, down);
}
