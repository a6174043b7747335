/* SPDX-License-Identifier: ISC */
/* gate_rules: each word of GATE_REQUIRE, alone and together, and what is none. */
#include "gate_parts.h"

#include "arena.h"

static const struct me ada = { .username = "Ada", .role = "admin", .groups = "board staff" };
static const struct me bob = { .username = "bob", .role = "member", .groups = "" };

static void
words_that_hold(void **state)
{
	static const struct {
		const char *require;
		bool ada, bob;
	} rows[] = {
		{ "member", true, true },
		{ "", true, true },
		{ "admin", true, false },
		{ "  admin   member ", true, false },
		{ "group:staff", true, false },
		{ "group:STAFF", true, false },
		{ "group:sta", false, false },
		{ "group:staffs", false, false },
		{ "group:choir,board", true, false },
		{ "group:,board,", true, false },
		{ "group:,", false, false },
		{ "group:board staff", false, false }, /* the second word is no rule */
		{ "group:staff group:board", true, false },
		{ "group:staff group:choir", false, false },
		{ "user:ada", true, false },
		{ "user:ad,ob,ada,bo", true, false },
		{ "user:bob,ada", true, true },
		{ "user:bob admin", false, false },
		{ "fresh", true, true }, /* the caller's to ask */
		{ "Member", false, false },
		{ "members", false, false },
		{ "admi", false, false },
		{ "user:", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(gate_rules_hold(rows[i].require, &ada), rows[i].ada);
		assert_int_equal(gate_rules_hold(rows[i].require, &bob), rows[i].bob);
	}
}

static void
words_that_are_rules(void **state)
{
	(void)state;
	assert_true(gate_rules_known("member admin fresh group:a user:b,c"));
	assert_true(gate_rules_known(" "));
	assert_false(gate_rules_known("member grup:a"));
	assert_false(gate_rules_known("group:"));
	assert_false(gate_rules_known("user: bob"));
	assert_false(gate_rules_known("fresh:1"));
	assert_true(gate_rules_fresh("group:a fresh"));
	assert_false(gate_rules_fresh("group:fresh user:fresh refresh"));
}

static void
values_of_headers(void **state)
{
	(void)state;
	assert_true(gate_plain("ada@example.org"));
	assert_true(gate_plain(""));
	assert_false(gate_plain("a b"));
	assert_false(gate_plain("a\r\nb"));
	assert_false(gate_plain("\x7f"));
	assert_false(gate_plain("\xc3\xa4"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_that_hold),
		cmocka_unit_test(words_that_are_rules),
		cmocka_unit_test(values_of_headers),
	};

	return cmocka_run_group_tests(tests, up, down);
}
