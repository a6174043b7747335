/* SPDX-License-Identifier: ISC */
/* route: where a browser goes on to after a row has done its work. */
#include "route.h"

#include "arena.h"

static void
goes_to_patterns(void **state)
{
	static const struct {
		const char *pattern, *location;
	} rows[] = {
		{ "/", "/" },
		{ "", "" },
		{ "/settings", "/settings" },
		{ "/profile/:plain", "/profile/ada" },
		{ "/profile/:plain/favorites", "/profile/ada/favorites" },
		{ "/:plain/:empty/x", "/ada//x" },
		{ "/a?x=:plain&y=:odd", "/a?x=ada&y=a%2Fb%3Fc%23d%26e%3Df" },
		/* No value leaves its segment, its line or its attribute. */
		{ "/x/:odd", "/x/a%2Fb%3Fc%23d%26e%3Df" },
		{ "/x/:line", "/x/a%0D%0ASet-Cookie%3A%20x" },
		{ "/x/:quote", "/x/%22%3E%3C%27%5C%60" },
		{ "/x/:wide", "/x/%C3%A4%E2%82%AC" },
		{ "/x/:escaped", "/x/%252F%3Aplain" },
		{ "/:slashes", "/%2F%2Fevil.org" },
		{ "/x/:number", "/x/7" },
		{ "/:negative/:number?y", "/-9223372036854775808/7?y" },
		/* What is not there, or neither, leaves nothing. */
		{ "/x/:absent", "/x/" },
		{ "/x/:absent/y", "/x//y" },
		{ "/x/:real", "/x/" },
		{ "/x/:null?y", "/x/?y" },
		{ "/x/:", "/x/" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct req rq = { .mem = m };
		json_t *from = mem_pack(m,
			"{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:I, s:f, s:n}", "plain",
			"ada", "empty", "", "odd", "a/b?c#d&e=f", "line", "a\r\nSet-Cookie: x",
			"quote", "\"><'\\`", "wide", "\xc3\xa4\xe2\x82\xac", "escaped", "%2F:plain",
			"slashes", "//evil.org", "number", 7, "negative", (json_int_t)INT64_MIN,
			"real", 1.5, "null");

		goes_to(&rq, rows[i].pattern, from);
		if (strcmp(rq.out.location, rows[i].location) != 0)
			fail_msg("%s: %s", rows[i].pattern, rq.out.location);
	}
}

static void
goes_to_without_an_object(void **state)
{
	struct req rq = { .mem = m };

	(void)state;
	goes_to(&rq, "/settings", NULL);
	assert_string_equal(rq.out.location, "/settings");
	goes_to(&rq, "/profile/:username", NULL); /* the last word counts */
	assert_string_equal(rq.out.location, "/profile/");
}

static void
S6_goes_on(void **state)
{
	static const char *const rows[][2] = {
		{ NULL, "/" },
		{ "/settings", "/settings" },
		{ "/?feed=following&page=2", "/?feed=following&page=2" },
		{ "/tag/\xc3\xa4 \"b\"", "/tag/%C3%A4%20%22b%22" },
		/* The input lets none of these through; as a header they would do no harm either.
		 */
		{ "/a\r\nSet-Cookie: x", "/a%0D%0ASet-Cookie:%20x" },
		{ "javascript:alert(1)", "#" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct req rq = { .mem = m, .in = mem_pack(m, "{s:s?}", "next", rows[i][0]) };

		goes_on(&rq);
		assert_string_equal(rq.out.location, rows[i][1]);
	}
}

static void
nothing_to_tell(void **state)
{
	struct req rq = { .mem = m };
	json_t *one = nothing(&rq);

	(void)state;
	assert_true(json_is_object(one));
	assert_int_equal(json_object_size(one), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_to_patterns),
		cmocka_unit_test(goes_to_without_an_object),
		cmocka_unit_test(S6_goes_on),
		cmocka_unit_test(nothing_to_tell),
	};

	return cmocka_run_group_tests(tests, up, down);
}
