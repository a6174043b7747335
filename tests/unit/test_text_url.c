/* SPDX-License-Identifier: ISC */
/* text_url: what may stand in a link, and what becomes of everything else. */
#include "mem.h"
#include "text.h"

#include "arena.h"

/* Each second one is what becomes of the first. */
static void
assert_all(const char *(*encode)(struct mem *, const char *), const char *const rows[][2],
	size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *made = encode(m, rows[i][0]);

		if (strcmp(made, rows[i][1]) != 0)
			fail_msg("%s: %s instead of %s", rows[i][0], made, rows[i][1]);
	}
}

static void
addresses_stay(void **state)
{
	static const char *const same[] = { "", "/", "/profile/ada", "/?feed=following&page=2",
		"article/x", "./a", "../a", "?a=b", "#main", "http://e.org/",
		"https://e.org:8443/a?b=c#d", "HTTPS://E.ORG/", "http://[::1]/",
		"mailto:a+b@e.org?subject=x", "//e.org/a.png", "/a;b,c'(d)*e!f$g@h~i_j-k.l",
		"/100%25", "/%zz", "/a:b", "./a:b", "?a:b", "#a:b", "https", "/javascript:alert(1)",
		"?javascript:alert(1)" };

	(void)state;
	for (size_t i = 0; i < COUNT(same); i++)
		assert_string_equal(text_url(m, same[i]), same[i]);
}

static void
X5_what_no_url_holds_is_encoded(void **state)
{
	static const char *const rows[][2] = {
		{ "/a b", "/a%20b" },
		{ "/\"><script>", "/%22%3E%3Cscript%3E" },
		{ "/`{|}^", "/%60%7B%7C%7D%5E" },
		{ "/\\evil.org", "/%5Cevil.org" },
		{ "\\\\evil.org", "%5C%5Cevil.org" },
		{ "/\xc3\xa4\xe2\x82\xac", "/%C3%A4%E2%82%AC" },
		{ "/\xff\x80", "/%FF%80" },
		{ "/a\r\nSet-Cookie: x", "/a%0D%0ASet-Cookie:%20x" },
		{ "/a\t\x01\x7f", "/a%09%01%7F" },
		{ "http://e.org/\n", "http://e.org/%0A" },
		/* Browsers skip what stands in front; so it is left out. */
		{ " /a", "/a" },
		{ "\r\n\t\x01\x1f https://e.org", "https://e.org" },
		{ " ", "" },
	};

	(void)state;
	assert_all(text_url, rows, COUNT(rows));
}

static void
X5_other_schemes_lead_nowhere(void **state)
{
	static const char *const strange[] = { "javascript:alert(1)", "JAVASCRIPT:alert(1)",
		"jAvAsCrIpT:x", "java\tscript:x", "java\nscript:x", "java\r\nscript:x",
		" javascript:x", "\tjavascript:x", "\x01\x1f javascript:x", "\n\n\njavascript:x",
		"javascript :x", "javascript\x01:x", "\xc2\xa0javascript:x", "\x7fjavascript:x",
		"javascript:", "javascript://e.org/%0aalert(1)", "data:text/html,<script>",
		"DATA:image/svg+xml;base64,x", "vbscript:x", "file:///etc/passwd",
		"blob:http://e.org/x", "view-source:x", "ftp://e.org", "tel:1", "httpsx://e.org",
		"xhttp://e.org", "http :x", "mailto\t:x", ":", "://e.org", "a:b", "e.org:80" };

	(void)state;
	for (size_t i = 0; i < COUNT(strange); i++)
		if (strcmp(text_url(m, strange[i]), "#") != 0)
			fail_msg("%s: %s", strange[i], text_url(m, strange[i]));
}

static void
escape(void **state)
{
	static const char *const rows[][2] = {
		{ "", "" },
		{ "AZaz09-._~", "AZaz09-._~" },
		{ "a/b?c#d", "a%2Fb%3Fc%23d" },
		{ "a b+c", "a%20b%2Bc" },
		{ "100%", "100%25" },
		{ "%2F", "%252F" },
		{ "&=;,:@$!'()*[]", "%26%3D%3B%2C%3A%40%24%21%27%28%29%2A%5B%5D" },
		{ "\"<>`\\", "%22%3C%3E%60%5C" },
		{ "\x01\x1f\x7f\x80\xff\r\n", "%01%1F%7F%80%FF%0D%0A" },
		{ "\xc3\xa4", "%C3%A4" },
	};

	(void)state;
	assert_all(text_escape, rows, COUNT(rows));
}

/* Every byte, escaped and decoded again as a form is, is what it was. */
static void
escape_every_byte(void **state)
{
	char all[256], *back;
	const char *escaped;

	(void)state;
	for (int i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	all[255] = '\0';
	escaped = text_escape(m, all);
	assert_int_equal(
		strspn(escaped,
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%"),
		strlen(escaped));
	back = mem_copy(m, escaped, strlen(escaped));
	assert_int_equal(text_unescape(back, strlen(escaped)), 255);
	assert_memory_equal(back, all, 255);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_stay),
		cmocka_unit_test(X5_what_no_url_holds_is_encoded),
		cmocka_unit_test(X5_other_schemes_lead_nowhere),
		cmocka_unit_test(escape),
		cmocka_unit_test(escape_every_byte),
	};

	return cmocka_run_group_tests(tests, up, down);
}
