/* SPDX-License-Identifier: ISC */
/* input: what forms bring that JSON does not: pills, colours, and where to go on to. */
#include "input_help.h"

static void
tags_of_several_inputs(void **state)
{
	static const struct field tags[] = { { "tag", TAGS, .max = 3 }, { "b", BOOL }, { 0 } };
	static const struct field any[] = { { "tag", TAGS, .null = true }, { 0 } };
	static const struct http_pair path[] = { { "tag", "p,q", 3, 3, NULL, NULL } };
	static const char many[] = "! tag has too many entries (maximum is 3)";
	static const struct {
		const char *body, *said;
	} rows[] = {
		{ "tag=c&tag=a&tag=b", "{\"tag\":[\"a\",\"b\",\"c\"]}" },
		{ "tag=c,+a&b=on&tag=&tag=b,", "{\"tag\":[\"a\",\"b\",\"c\"],\"b\":true}" },
		{ "tag=&tag=", "{\"tag\":[]}" },
		{ "tag", "{\"tag\":[]}" },
		{ "tags=a&Tag=b", "{}" }, /* an unticked box is absent too */
		{ "tag=a,b&tag=c,d", many },
		{ "tag=a&tag=b&tag=c&tag=d", many },
		{ "tag=a&tag=%ff", "! tag must be UTF-8 without NUL" },
		{ "tag=%c3&tag=%a4", "! tag must be UTF-8 without NUL" },
		{ "tag=a&tag=b%00", "! tag must be UTF-8 without NUL" },
		{ "tag=a&tag=b%0a", "! tag must be one line without control characters" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(read_body(tags, NULL, FORM, rows[i].body), rows[i].said);
	assert_string_equal(
		read_body(tags, NULL, FORM, mem_print(m, "tag=%s", times(300000, "a,"))), many);
	assert_string_equal(read_body(any, NULL, FORM, "tag="), "{\"tag\":null}");
	assert_string_equal(read_multipart(tags,
				    PART("name=tag", "b") PART("name=tag; filename=f", "x")
					    PART("name=tag", "a")),
		"{\"tag\":[\"a\",\"b\"]}");
	assert_string_equal(
		read_request(tags, NULL,
			&(struct http_request){ .method = GET, .query = "tag=a&tag=b" }, path, 1),
		"{\"tag\":[\"p\",\"q\"]}");
}

/* What a refused form shows again: as it came, but for blanks, doubles and what is no tag at all.
 */
static void
tags_shown_again(void **state)
{
	static const struct {
		const char *body, *list;
	} rows[] = {
		{ "tag=c&tag=a", "[\"c\",\"a\"]" },
		{ "tag=+a%09,%09b+,,+,%09&tag=a&tag=ab", "[\"a\",\"b\",\"ab\"]" },
		{ "tag=a%ff", "[]" },
		{ "b=on", "[]" },
	};
	struct http_request rq = { .method = POST, .query = "", .type = FORM };
	struct fault fault = { 0 };
	size_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		rq.body = rows[i].body;
		rq.length = strlen(rq.body);
		assert_string_equal(
			json_text(m,
				input_tags(m, input_open(m, &rq, NULL, NULL, 0, &fault), "tag"),
				&n),
			rows[i].list);
	}
	rq.body = mem_print(m, "tag=%s,a&tag=%s", times(256, "x"), times(200, "b,c,"));
	rq.length = strlen(rq.body);
	assert_string_equal(
		json_text(m, input_tags(m, input_open(m, &rq, NULL, NULL, 0, &fault), "tag"), &n),
		"[\"a\",\"b\",\"c\"]");
	assert_int_equal(json_array_size(input_tags(m, NULL, "tag")), 0);
	assert_int_equal(fault.count, 0);
}

static void
colours(void **state)
{
	static const struct field one[] = { { "c", COLOR }, { 0 } };
	static const char bad[] = "! c is not a colour (#rrggbb)";
	static const struct {
		const char *value, *said;
	} rows[] = { { "\"#0a1B2f\"", "{\"c\":\"#0a1b2f\"}" },
		{ "\"#FFFFFF\"", "{\"c\":\"#ffffff\"}" }, { "\"#fff\"", bad },
		{ "\"0a1b2f0\"", bad }, { "\"#0a1b2g\"", bad }, { "\"#0a1b2f0\"", bad },
		{ "\"#0a1b2f \"", bad }, { "\"#0a1b2\"", bad }, { "\" #0a1b2f\"", bad },
		{ "\"#0a1b2\\n\"", bad }, { "\"red\"", bad }, { "\"\"", "! c can't be blank" },
		{ "1", "! c can't be blank" } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(
			read_body(one, NULL, JSON, mem_print(m, "{\"c\":%s}", rows[i].value)),
			rows[i].said);
	assert_string_equal(read_body(one, NULL, FORM, "c=%23AA00bb"), "{\"c\":\"#aa00bb\"}");
	assert_string_equal(
		read_body(one, NULL, FORM, "c=%23AA00bb%00"), "! c must be UTF-8 without NUL");
}

static void
S6_paths_of_this_site(void **state)
{
	static const char *const good[] = { "/", "/settings", "/profile/ada", "/profile/a.b",
		"/tag/c++", "/tag/c%2B%2B", "/tag/a%20b", "/tag/a b", "/tag/\xc3\xa4",
		"/tag/%C3%A4", "/a/", "/?feed=following", "/?page=2&a=//b",
		"/?next=http://a.example/", "/?a=/../b", "/?a=%2f%00%0d%zz", "/@evil", "/:80",
		"/a:b", "/http:", "/...", "/.a", "/a..b/", "/..a", "/login/x", "/loginx", "/Login",
		"/x/logout", "/%3f", "/a;b=c" };
	static const char *const bad[] = { "", "settings", "//", "//evil.example", "///evil",
		"/\\evil", "\\/evil", "\\\\evil", "https:evil", "https://evil", "http:/evil",
		"\t//evil", " //evil", "/\t/evil", "/\n/evil", "\n/a", "/a\n", "/a\x7f",
		"/a\xc2\x85", "/login ", "/a ", "/a?b ", "/%0d%0aSet-Cookie:a=b",
		"/%0D%0ALocation:%20//evil", "/%00", "/%1f", "/%7F", "/%C2%85",
		"javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "@evil", ".evil",
		"/..//evil", "/..", "/../", "/.", "/./", "/a/../b", "/a/..", "/a/.", "/./a",
		"/a//b", "/a//", "/../?a", "/.?a", "/a/..?b", "/%2f", "/%2Fevil", "/a%2fb",
		"/%5cevil", "/%5Cevil", "/%2e%2e/evil", "/%2E", "/.%2e/", "/a%2eb", "/%252f",
		"/%25", "/%255cevil", "/%", "/%2", "/%zz", "/%%", "/a%", "/a%2?b", "/a#b", "/#",
		"/?a#b", "/a\\b", "/?a\\b", "/\xff", "/?\xff", "/%ff", "/%c0%af", "/%ed%a0%80",
		"/\xc0\xaf", "/login", "/login?next=/a", "/register", "/register?", "/logout",
		"/%6cogin", "/log%69n?next=/", "/logou%74" };
	const char *longest = mem_print(m, "/%01999d", 0), *query = mem_print(m, "/?%01998d", 0);

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (!input_local(good[i]))
			fail_msg("%s is refused", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (input_local(bad[i]))
			fail_msg("%s is taken", bad[i]);
	assert_int_equal(strlen(longest), 2000);
	assert_true(input_local(longest));
	assert_true(input_local(query));
	assert_false(input_local(mem_print(m, "%s0", longest)));
	assert_false(input_local(mem_print(m, "%s0", query)));
	assert_false(input_local(mem_print(m, "/%010240d", 0)));
}

/* What is not safe is absent, and never an error. */
static void
S6_where_to_go_on_to(void **state)
{
	static const struct field one[] = { { "next", NEXT }, { "b", LINE }, { 0 } };
	static const struct {
		const char *type, *body, *said;
	} rows[] = {
		{ FORM, "next=/settings%3Fa%3Db", "{\"next\":\"/settings?a=b\"}" },
		{ FORM, "next=/tag/a%2520b", "{\"next\":\"/tag/a%20b\"}" },
		{ FORM, "b=x&next=//evil", "{\"b\":\"x\"}" },
		{ FORM, "next=/%5Cevil", "{}" },
		{ FORM, "next=/%250d%250aSet-Cookie:a", "{}" },
		{ FORM, "next=/%25252f", "{}" },
		{ FORM, "next=", "{}" },
		{ FORM, "next", "{}" },
		{ FORM, "next=/a%00", "{}" },
		{ FORM, "next=/%00/evil", "{}" },
		{ FORM, "next=%ff", "{}" },
		{ FORM, "next=//evil&next=/a", "{}" }, /* the first counts */
		{ JSON, "{\"next\":\"/a\"}", "{\"next\":\"/a\"}" },
		{ JSON, "{\"next\":\"//a\"}", "{}" },
		{ JSON, "{\"next\":null}", "{}" },
		{ JSON, "{\"next\":[\"/a\"]}", "{}" },
		{ JSON, "{\"next\":1}", "{}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(read_body(one, NULL, rows[i].type, rows[i].body), rows[i].said);
	assert_string_equal(read_multipart(one, PART("name=next; filename=f", "/a")), "{}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_of_several_inputs),
		cmocka_unit_test(tags_shown_again),
		cmocka_unit_test(colours),
		cmocka_unit_test(S6_paths_of_this_site),
		cmocka_unit_test(S6_where_to_go_on_to),
	};

	return cmocka_run_group_tests(tests, up, down);
}
