/* SPDX-License-Identifier: ISC */
/* tmpl: broken tags, names and files, each refused with its file and line; and the bounds. */
#include "fail_help.h"
#include "tmpl_help.h"

#define RAW  ": raw output anywhere but between tags"
#define NAME "a name has letters, digits, _ and -, and dots between"

/* page.html is refused; it goes. */
static void
assert_refused(const char *why)
{
	struct tmpls *set = set_of(true);

	assert_string_equal(rendered(set, NULL), why);
	drop("page.html");
	tmpls_free(set);
}

static void
broken_tags(void **state)
{
	static const struct page pages[] = {
		{ "a\n{{#x}}\nb", NULL, "page.html:2: x is not closed", { 0 } },
		{ "{{#x}}{{^y}}\n{{/x}}{{/y}}", NULL,
			"page.html:2: this does not close y of line 1", { 0 } },
		{ "{{#x}}\n{{/y}}", NULL, "page.html:2: this does not close x of line 1", { 0 } },
		{ "{{#xy}}\n{{/x}}", NULL, "page.html:2: this does not close xy of line 1", { 0 } },
		{ "\n\n{{/y}}", NULL, "page.html:3: this closes nothing", { 0 } },
		{ "{{<p}}{{/q}}", NULL, "page.html:1: this does not close p of line 1",
			{ "p.html", "" } },
		{ "\n{{<p}}{{$a}}{{/p}}{{/a}}", NULL,
			"page.html:2: this does not close a of line 2", { "p.html", "" } },
		{ "x\n{{x", NULL, "page.html:2: this tag is not closed: }} is missing", { 0 } },
		{ "x\n{{{x}}", NULL, "page.html:2: this tag is not closed: }}} is missing", { 0 } },
		{ "x\n{{! x", NULL, "page.html:2: this tag is not closed: }} is missing", { 0 } },
		{ "{{=<% %>=}}\n<%x}}", NULL, "page.html:2: this tag is not closed: %> is missing",
			{ 0 } },
		{ "\n{{=<% %>}}", NULL, "page.html:2: this tag is not closed: =}} is missing",
			{ 0 } },
		{ "{{x\n{{y}}", NULL, "page.html:1: this tag is not closed", { 0 } },
		{ "{{a b}}", NULL, "page.html:1: " NAME, { 0 } },
		{ "{{a\rb}}", NULL, "page.html:1: " NAME, { 0 } },
		{ "{{}}", NULL, "page.html:1: " NAME, { 0 } },
		{ "{{#}}{{/}}", NULL, "page.html:1: " NAME, { 0 } },
		{ "{{.a}}", NULL, "page.html:1: " NAME, { 0 } },
		{ "{{a.}}", NULL, "page.html:1: " NAME, { 0 } },
		{ "{{a..b}}", NULL, "page.html:1: " NAME, { 0 } },
		{ "{{..}}", NULL, "page.html:1: " NAME, { 0 } },
		{ "{{$.}}{{/.}}", NULL, "page.html:1: " NAME, { 0 } },
		{ "{{*x}}", NULL, "page.html:1: " NAME, { 0 } },
		{ "\n{{=a=}}", NULL, "page.html:2: delimiters are two words without =", { 0 } },
		{ "{{==}}", NULL, "page.html:1: delimiters are two words without =", { 0 } },
		{ "{{= a=b c =}}", NULL, "page.html:1: delimiters are two words without =", { 0 } },
		{ "{{=a b c=}}", NULL, "page.html:1: delimiters are two words without =", { 0 } },
		{ "\n{{<p}}{{$a}}1{{/a}} {{$a}}2{{/a}}{{/p}}", NULL,
			"page.html:2: block a stands twice", { "p.html", "" } },
	};

	(void)state;
	assert_pages(pages, COUNT(pages), false);
}

static void
names_of_files(void **state)
{
	static const struct page pages[] = {
		{ "\n{{> ../p}}", NULL, "page.html:2: this is no name for a template", { 0 } },
		{ "{{> /etc/passwd}}", NULL, "page.html:1: this is no name for a template", { 0 } },
		{ "{{> p/}}", NULL, "page.html:1: this is no name for a template", { 0 } },
		{ "{{> p q}}", NULL, "page.html:1: this is no name for a template", { 0 } },
		{ "{{> p\\q}}", NULL, "page.html:1: this is no name for a template", { 0 } },
		{ "{{>}}", NULL, "page.html:1: this is no name for a template", { 0 } },
		{ "{{<a/../p}}{{/a/../p}}", NULL, "page.html:1: this is no name for a template",
			{ 0 } },
		{ "{{#a}}\n{{> none}}{{/a}}", NULL, "page.html:2: there is no template none.html",
			{ 0 } },
		{ "\n\n{{<none}}{{/none}}", NULL, "page.html:3: there is no template none.html",
			{ 0 } },
		{ "{{> p}}", NULL, "p.html:2: there is no template q.html",
			{ "p.html", "\n{{> q}}" } },
		/* one of two that name each other is broken */
		{ "{{> p}}", NULL, "q.html:2: z is not closed",
			{ "p.html", "{{> q}}", "q.html", "{{> p}}\n{{#z}}" } },
	};

	(void)state;
	assert_pages(pages, COUNT(pages), false);
}

/* It was named while it was being parsed, when nothing was known to be wrong with it. */
static void
a_good_file_that_names_a_broken_one(void **state)
{
	struct tmpls *set = set_of(false);
	const char *why, *again;

	(void)state;
	put("p.html", "{{> q}}\n{{#z}}");
	put("q.html", "{{> p}}");
	assert_null(tmpls_need(set, "p.html", &why));
	assert_null(tmpls_need(set, "q.html", &again));
	assert_string_equal(why, mem_print(m, "%s/p.html:2: z is not closed", folder));
	assert_string_equal(why, again);
	drop("p.html");
	drop("q.html");
	tmpls_free(set);
}

static void
raw_output(void **state)
{
	static const struct page pages[] = {
		{ "\n{{{x}}}", NULL, "page.html:2: {{x}}: only a name that ends in Html may be raw",
			{ 0 } },
		{ "{{&x}}", NULL, "page.html:1: {{x}}: only a name that ends in Html may be raw",
			{ 0 } },
		{ "{{{.}}}", NULL, "page.html:1: {{.}}: only a name that ends in Html may be raw",
			{ 0 } },
		{ "{{{xHtml.y}}}", NULL,
			"page.html:1: {{xHtml.y}}: only a name that ends in Html may be raw",
			{ 0 } },
		{ "{{=<% %>=}}\n<%{x}%>", NULL,
			"page.html:2: {{x}}: only a name that ends in Html may be raw", { 0 } },
		{ "{{=<% %>=}}\n<%& x%>", NULL,
			"page.html:2: {{x}}: only a name that ends in Html may be raw", { 0 } },
		{ "{{#l}}{{{.}}}{{/l}}", NULL,
			"page.html:1: {{.}}: only a name that ends in Html may be raw", { 0 } },
		{ "<p title=\"{{{xHtml}}}\">", NULL, "page.html:1: {{xHtml}}" RAW, { 0 } },
		{ "<a href=\"{{{xHtml}}}\">", NULL, "page.html:1: {{xHtml}}" RAW, { 0 } },
		{ "<p {{{xHtml}}}>", NULL, "page.html:1: {{xHtml}}" RAW, { 0 } },
		{ "<textarea>{{&xHtml}}</textarea>", NULL, "page.html:1: {{xHtml}}" RAW, { 0 } },
		{ "<script>{{{xHtml}}}</script>", NULL, "page.html:1: {{xHtml}}" RAW, { 0 } },
		{ "<!--\n{{{xHtml}}} -->", NULL, "page.html:2: {{xHtml}}" RAW, { 0 } },
	};

	(void)state;
	assert_pages(pages, COUNT(pages), false);
}

static void
files_that_are_none(void **state)
{
	enum {
		LARGEST = 256 * 1024
	};
	char *large = mem_get(m, LARGEST + 2);
	const char *path = mem_print(m, "%s/page.html", folder);
	struct tmpls *set = set_of(false);
	static const struct page pages[] = {
		{ "a\nb\n\xff", NULL, "page.html:3: is not UTF-8", { 0 } },
		{ "\xed\xa0\x80\n", NULL, "page.html:1: is not UTF-8", { 0 } },
		{ "{{> p}}", NULL, "p.html:2: is not UTF-8", { "p.html", "\n\xc3" } },
		{ "\xef\xbb\xbf{{x}}", "{\"x\":1}", "1", { 0 } },
	};

	(void)state;
	assert_pages(pages, COUNT(pages), false);
	memset(large, 'x', LARGEST + 1);
	put_bytes("page.html", large, LARGEST);
	assert_int_equal(strlen(rendered(set, NULL)), LARGEST);
	tmpls_free(set);
	put_bytes("page.html", large, LARGEST + 1);
	assert_refused("page.html:1: cannot be read: it is larger than 256 KB");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_refused("page.html:1: cannot be read: this is no file");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused("page.html:1: cannot be read: this is no file");
	put_bytes("page.html", "a\n\0", 3);
	assert_refused("page.html:2: is not UTF-8");
}

struct failure {
	long call;
	int error;
	const char *why;
};

static void
read_a_page(const void *what)
{
	const struct failure *f = what;
	struct tmpls *set = set_of(false);

	fail_call(f->call, f->error);
	fputs(rendered(set, NULL), stderr);
}

static void
files_that_cannot_be_read(void **state)
{
	static const struct failure failures[] = {
		{ SYS_newfstatat, EIO, "page.html:1: cannot be read: Input/output error" },
		{ SYS_openat, EMFILE, "page.html:1: cannot be read: Too many open files" },
		{ SYS_read, EIO, "page.html:1: cannot be read: Input/output error" },
		{ SYS_read, 0, "page.html:1: cannot be read: it ends too early" },
	};
	char said[200];

	(void)state;
	put("page.html", "a page");
	for (size_t i = 0; i < COUNT(failures); i++) {
		assert_int_equal(in_child(read_a_page, &failures[i], said, sizeof said), 0);
		assert_string_equal(said, failures[i].why);
	}
	drop("page.html");
	assert_int_equal(symlink("page.html", mem_print(m, "%s/page.html", folder)), 0);
	assert_refused("page.html:1: cannot be read: Too many levels of symbolic links");
}

static void
pages_that_are_nowhere(void **state)
{
	static const char *const bad[] = { "", "/page.html", "../page.html", "a//../b",
		"page.html/", "page html", "p\xc3\xa9.html", "a..b" };
	struct tmpls *set = set_of(true);
	const char *why, *again;
	char *long_name = mem_get(m, 300);

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_null(tmpls_need(set, bad[i], &why));
		assert_string_equal(why, mem_print(m, "%s:1: is no name for a template", bad[i]));
	}
	memset(long_name, 'x', 201);
	assert_null(tmpls_need(set, long_name, &why));
	assert_null(tmpls_need(set, "page.html", &why));
	assert_string_equal(why, "page.html:1: there is no such template");
	put("page.html", "{{/x}}");
	assert_null(tmpls_need(set, "page.html", &why));
	assert_null(tmpls_need(set, "page.html", &again));
	assert_string_equal(why, again);
	drop("page.html");
	tmpls_free(set);
}

static void
nesting_is_bounded(void **state)
{
	struct tmpls *set = set_of(false);
	char *text = mem_get(m, 1000);

	(void)state;
	for (int i = 0; i < 51; i++)
		memcpy(text + (size_t)(7 * i), "{{#x}}\n", 7);
	put("page.html", text);
	assert_refused("page.html:51: sections are nested more than 50 deep");
	for (int i = 0; i < 41; i++)
		put(mem_print(m, "p%d.html", i), mem_print(m, "\n{{> p%d}}", i + 1));
	put("p41.html", "end");
	put("page.html", "{{> p1}}");
	assert_refused("p40.html:2: templates are nested too deeply");
	put("page.html", "{{> p2}}");
	assert_string_equal(strrchr(rendered(set, NULL), '\n'), "\nend");
	drop("page.html");
	tmpls_free(set);
	for (int i = 0; i < 42; i++)
		drop(mem_print(m, "p%d.html", i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_tags),
		cmocka_unit_test(names_of_files),
		cmocka_unit_test(a_good_file_that_names_a_broken_one),
		cmocka_unit_test(raw_output),
		cmocka_unit_test(files_that_are_none),
		cmocka_unit_test(files_that_cannot_be_read),
		cmocka_unit_test(pages_that_are_nowhere),
		cmocka_unit_test(nesting_is_bounded),
	};

	return cmocka_run_group_tests(tests, up, down);
}
