/* SPDX-License-Identifier: ISC */
/* markdown: safe HTML (X3), foreign pictures, headings, and how long hard texts take (X4). */
#include "markdown.h"

#include "arena.h"

#include <string.h>
#include <time.h>

static const char *
html(const char *text)
{
	return markdown_html(m, text, true);
}

static void
common(void **state)
{
	(void)state;
	assert_string_equal(html("One *paragraph* with `code`."),
		"<p>One <em>paragraph</em> with <code>code</code>.</p>\n");
	assert_string_equal(html("- a\n- b\n"), "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n");
	assert_string_equal(html("[a](https://example.org/?a=b&c \"t\")"),
		"<p><a href=\"https://example.org/?a=b&amp;c\" title=\"t\">a</a></p>\n");
	assert_string_equal(html(""), "");
}

static void
headings_go_down(void **state)
{
	(void)state;
	assert_string_equal(html("# a\n\nb\n=\n\n## c\n\n##### d\n\n###### e"),
		"<h2>a</h2>\n<h2>b</h2>\n<h3>c</h3>\n<h6>d</h6>\n<h6>e</h6>\n");
}

static void
X3_nothing_runs(void **state)
{
	static const char *const texts[] = { "<script>alert(1)</script>", "a <b onclick=x>b</b>",
		"<img src=x onerror=alert(1)>", "[a](javascript:alert(1))",
		"[a](JaVaScRiPt:alert(1))", "[a](&#106;avascript:alert(1))",
		"[a](java&#10;script:alert(1))", "[a](\\javascript:x)", "![a](javascript:alert(1))",
		"[a](data:text/html,x)", "[a](vbscript:x)", "[a](file:///x)",
		"<javascript:alert(1)>", "[a]: javascript:alert(1)\n\n[a]",
		"[a](<javascript:alert(1)>)", "[a]( javascript:alert(1))",
		"<a href='javascript:x'>y</a>", "<!-- --><script>", "<?php x ?>",
		"<![CDATA[<script>]]>", "<!DOCTYPE x>", "```\"><script>\nx\n```",
		"[x](\"onmouseover=alert(1))", "![\"onerror=alert(1)](x)",
		"[a](x \"\\\"onclick=y\")" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		static const char *const bad[] = { "<script", "href=\"javascript",
			"src=\"javascript", "href=\"data:", "href=\"vbscript", "href=\"file", "<b ",
			"<img src=x", "<?php", "<![", "<!DOC", "\"onmouseover", "\" on",
			"<a href='" };
		const char *out = html(texts[i]);

		for (size_t j = 0; j < COUNT(bad); j++)
			if (strcasestr(out, bad[j]) != NULL)
				fail_msg("%s makes %s", texts[i], out);
	}
}

static void
foreign_pictures(void **state)
{
	static const struct {
		const char *text, *html;
	} rows[] = {
		{ "![a *b*](https://x.org/p.png \"t\")",
			"<p><a href=\"https://x.org/p.png\" title=\"t\">a <em>b</em></a></p>\n" },
		{ "![](//x.org/p)", "<p><a href=\"//x.org/p\">//x.org/p</a></p>\n" },
		{ "![a](/pictures/p.webp)", "<p><img src=\"/pictures/p.webp\" alt=\"a\" /></p>\n" },
		{ "![a](p.webp)", "<p><img src=\"p.webp\" alt=\"a\" /></p>\n" },
		{ "[![a](https://x.org/p)](/there)", "<p><a href=\"/there\">a</a></p>\n" },
		{ "![a ![b](https://x.org/b)](https://x.org/a)",
			"<p><a href=\"https://x.org/a\">a b</a></p>\n" },
		{ "![a [b](/b)](https://x.org/a)", "<p><a href=\"https://x.org/a\">a b</a></p>\n" },
	};

	(void)state;
	assert_string_equal(html(rows[0].text),
		"<p><img src=\"https://x.org/p.png\" alt=\"a b\" title=\"t\" /></p>\n");
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(markdown_html(m, rows[i].text, false), rows[i].html);
	assert_null(strstr(
		markdown_html(m, "![a](/\\x.org) ![b](\\\\x.org) ![c](data:image/png,x)", false),
		"<img"));
}

static void
renderer(void **state)
{
	(void)state;
	assert_string_not_equal(markdown_renderer(m, true), markdown_renderer(m, false));
	assert_true(strlen(markdown_renderer(m, false)) < MARKDOWN_NAME);
}

/* Milliseconds of the processor for `n` bytes of `unit`, the best of a few tries. */
static double
time_of(const char *unit, size_t n)
{
	size_t size = strlen(unit), used = 0;
	char *text = mem_get(m, n + 1);
	double best = 1e9;

	for (; used + size <= n; used += size)
		memcpy(text + used, unit, size);
	for (int tries = 0; tries < 12; tries++) {
		struct timespec a, b;
		double ms;

		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
		html(text);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		ms = (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
		best = ms < best ? ms : best;
	}
	return best;
}

/* What is hard for some parsers takes time as its length, as far as an article may be long. */
static void
X4_hard_texts(void **state)
{
	static const char *const units[] = { "[", "![", "*a ", "a**b", "*a_ ", "[a](", "![[]()",
		"> ", "- ", "`", "``a` ", "<", "x<!--", "x<?", "x<!A ", "x<![CDATA[", "<a b='", "&",
		"\\", "[a][b]", "[a]: b\n", "[a", "](", "[]", "[](<", "[a](<b", "1. ",
		"<http:", "[[[[a]", "!\\[[](", "[ (](", "\n- a", "[a](b \"", "[a](b (", "*_", "**_",
		"__*", "[![a](", "\"", "~~~\n", "> x\n", "- - a\n", "[x]: <a\n" };
	enum {
		LIMIT = 60000
	};

	(void)state;
#if defined(__SANITIZE_ADDRESS__)
	skip(); /* each strstr of its own looks at the whole text first */
#endif
	for (size_t i = 0; i < COUNT(units); i++) {
		double whole = time_of(units[i], LIMIT), half = time_of(units[i], LIMIT / 2);

		/* Below that it is the memory for its nodes that is measured. */
		if (whole > 50 || (whole > 20 && whole / half > 2.3))
			fail_msg("%s: %.1f ms, %.1f ms for half of it", units[i], whole, half);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(common),
		cmocka_unit_test(headings_go_down),
		cmocka_unit_test(X3_nothing_runs),
		cmocka_unit_test(foreign_pictures),
		cmocka_unit_test(renderer),
		cmocka_unit_test(X4_hard_texts),
	};

	return cmocka_run_group_tests(tests, up, down);
}
