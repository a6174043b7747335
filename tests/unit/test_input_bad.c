/* SPDX-License-Identifier: ISC */
/* input: bodies that are broken, badly encoded, or made to cost much. */
#include "input_help.h"

#include <time.h>

static const struct field one[] = { { "a", LINE, .max = 9, .need = true }, { 0 } };

#define DEEP   "! body is nested too deeply or has too many values"
#define BROKEN "! body is not valid JSON"
#define A_LESS "! a can't be blank"

static void
N2_encoding(void **state)
{
	static const char bad[] = "! a must be UTF-8 without NUL";
	static const struct http_pair path[] = { { "a", "\xc3\x28", 1, 2, NULL, NULL },
		{ "a", "x\0y", 1, 3, NULL, NULL } };
	static const struct {
		const char *type, *body;
		size_t length;
		const char *said;
	} rows[] = {
		{ FORM, "a=%C3%28", 8, bad }, { FORM, "a=\xed\xa0\x80", 5, bad },
		{ FORM, "a=x%00", 6, bad }, { FORM, "a=x\0", 4, bad },
		{ FORM, "a=%4", 4, "! body must be UTF-8 without NUL" },
		{ FORM, "a=x&%zz", 7, "! body must be UTF-8 without NUL" },
		{ FORM, "a%00=x", 6, A_LESS }, /* not the name that it begins with */
		{ FORM, "a\0z=x", 5, A_LESS }, { FORM, "a=x&\xff\xff=1", 8, "{\"a\":\"x\"}" },
		{ JSON, "{\"a\":\"\xff\"}", 9, BROKEN },
		{ JSON, "{\"a\":\"\xc0\x80\"}", 10, BROKEN },
		{ JSON, "{\"a\":\"\xed\xa0\x80\"}", 11, BROKEN },
		{ JSON, "{\"a\":\"\\u0000\"}", 14, BROKEN },
		{ JSON, "{\"a\\u0000\":\"x\"}", 15, BROKEN },
		{ JSON, "{\"a\":\"x\0\"}", 10, BROKEN }, { JSON, "{\"a\":\"x\"}\0", 10, BROKEN },
		{ JSON, "{\"a\":\"x\"}{\"a\":1}", 9, "{\"a\":\"x\"}" }, /* the length counts */
		{ JSON, "{\"a\":\"\\ud800\"}", 14, BROKEN },
		{ JSON, "{\"a\":\"\\udc00\\ud800\"}", 20, BROKEN },
		{ JSON, "{\"a\":\"\xef\xbf\xbe\"}", 11, "{\"a\":\"\xef\xbf\xbe\"}" }, /* U+FFFE */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(
			read_bytes(one, NULL, rows[i].type, rows[i].body, rows[i].length),
			rows[i].said);
	for (size_t i = 0; i < COUNT(path); i++) {
		struct http_request rq = { .method = GET, .query = "" };

		assert_string_equal(read_request(one, NULL, &rq, path + i, 1), bad);
	}
}

static void
N1_broken_json(void **state)
{
	static const char object[] = "! body must be an object";
	static const struct {
		const char *body, *said;
	} rows[] = {
		{ "{", BROKEN },
		{ "{\"a\":\"x\"", BROKEN },
		{ "{\"a\":\"x", BROKEN },
		{ "{\"a\":\"x\\", BROKEN },
		{ "{\"a\":\"x\"}}", BROKEN },
		{ "]]]]", BROKEN },
		{ "{\"a\":\"x\"} x", BROKEN },
		{ "{\"a\":\"x\"}{}", BROKEN },
		{ "{\"a\":\"x\",}", BROKEN },
		{ "{'a':'x'}", BROKEN },
		{ "{a:1}", BROKEN },
		{ "{\"a\":NaN}", BROKEN },
		{ "{\"a\":01}", BROKEN },
		{ "{\"a\":1e400}", BROKEN },
		{ "{\"a\":9223372036854775808}", BROKEN },
		{ "{\"a\":\"x\",\"a\":\"y\"}", BROKEN }, /* duplicate members */
		{ "{\"a\":\"x\",\"c\":{\"d\":1,\"d\":1}}", BROKEN },
		{ "{\"a\":\"x\",\"\\u0061\":\"y\"}", BROKEN },
		{ "\xef\xbb\xbf{\"a\":\"x\"}", BROKEN }, /* BOM */
		{ "\xff\xfe{", BROKEN },                 /* UTF-16 */
		{ " \t\r\n{\"a\":\"x\"}\n", "{\"a\":\"x\"}" },
		{ "null", BROKEN },
		{ "1", BROKEN },
		{ "\"x\"", BROKEN },
		{ " ", BROKEN },
		{ "[]", object },
		{ "[{\"a\":\"x\"}]", object },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(read_body(one, NULL, JSON, rows[i].body), rows[i].said) != 0)
			fail_msg("%s", rows[i].body);
}

static void
N1_depth_and_number_of_values(void **state)
{
	const struct {
		const char *body, *said;
	} rows[] = {
		/* 32 levels with the outermost object, then 33 */
		{ mem_print(m, "{\"a\":\"x\",\"c\":%s%s}", times(31, "["), times(31, "]")),
			"{\"a\":\"x\"}" },
		{ mem_print(m, "{\"a\":\"x\",\"c\":%s%s}", times(32, "["), times(32, "]")), DEEP },
		{ mem_print(m, "{\"a\":\"x\",\"c\":%s1%s}", times(31, "{\"d\":"), times(31, "}")),
			"{\"a\":\"x\"}" },
		{ mem_print(m, "{\"a\":\"x\",\"c\":%s1%s}", times(32, "{\"d\":"), times(32, "}")),
			DEEP },
		/* brackets in a text, or closed again, are no depth */
		{ mem_print(m, "{\"a\":\"x\",\"c\":\"%s\\\"%s\"}", times(99, "["), times(99, "{")),
			"{\"a\":\"x\"}" },
		{ mem_print(m, "{\"a\":\"x\",\"c\":[%s1]}", times(99, "[],")), "{\"a\":\"x\"}" },
		/* a, c and 9,998 more are 10,000 */
		{ mem_print(m, "{\"a\":\"x\",\"c\":[%s1]}", times(9997, "1,")), "{\"a\":\"x\"}" },
		{ mem_print(m, "{\"a\":\"x\",\"c\":[%s1]}", times(9998, "1,")), DEEP },
		{ mem_print(m, "{\"a\":\"x\",\"c\":\"%s\"}", times(20000, ",")), "{\"a\":\"x\"}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(read_body(one, NULL, JSON, rows[i].body), rows[i].said) != 0)
			fail_msg("row %zu: %.60s…", i, rows[i].body);
}

/* What would be most work for the parser is refused before it, in less than 20 ms of processor. */
static void
N1_costly_bodies_are_cheap(void **state)
{
	const char *const bodies[] = { times(1000000, "["), times(1000000, "{\"a\":"),
		mem_print(m, "{%s\"a\":1}", times(1000000, "\"k\":1,")),
		mem_print(m, "[%s]", times(1000000, "[],")) };

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		clock_t start = clock();

		assert_string_equal(read_body(one, NULL, JSON, bodies[i]), DEEP);
		assert_in_range(clock() - start, 0, CLOCKS_PER_SEC / 50);
	}
	assert_string_equal(
		read_body(one, NULL, JSON, mem_print(m, "{\"a\":\"%s\"}", times(1 << 20, "x"))),
		"! a is too long (maximum is 9 characters)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(N2_encoding),
		cmocka_unit_test(N1_broken_json),
		cmocka_unit_test(N1_depth_and_number_of_values),
		cmocka_unit_test(N1_costly_bodies_are_cheap),
	};

	return cmocka_run_group_tests(tests, up, down);
}
