/* SPDX-License-Identifier: ISC */
/*
 * tmpl: pages made at random that were found good are rendered with all kinds of data, and each
 * variable is looked up in what came of it: it stands where it may. And files broken at random.
 */
#include "tmpl_help.h"
#include "tmpl_parts.h"

enum {
	PAGES = 3000,
	DATA = 12,
	PIECES = 14,
};

/* A fixed row of numbers: a failure comes again. */
static uint32_t seed;

static uint32_t
number(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % below;
}

static const char *
pieces(int depth)
{
	static const char *const words[] = { "<a", "<p", " href=\"", " title=\"", " href='", "\"",
		"\"", "'", ">", ">", "<b>", "</b>", "x", " ", "{{x}}", "{{x}}", "{{xUrl}}",
		"{{xUrl}}", "{{{xHtml}}}", "<title>", "</title>", "<script>", "</script>", "<!--",
		"-->", "/", "<i title=\"{{x}}\" href='{{xUrl}}'>",
		"<i{{#a}} title=\"{{x}}\"{{/a}}>", "{{> p}}", "{{> q}}",
		"{{<q}}{{$b}}\"{{/b}}{{/q}}", "=", "h", "ref", " b" };
	static const char *const around[][2] = { { "{{#a}}", "{{/a}}" }, { "{{#l}}", "{{/l}}" },
		{ "{{^a}}", "{{/a}}" }, { "{{$b}}", "{{/b}}" },
		{ "{{<q}}{{$b}}", "{{/b}}{{/q}}" } };
	char *text = mem_copy(m, "", 0);

	for (uint32_t n = number(depth == 0 ? PIECES : 5); n > 0; n--) {
		uint32_t which = number(5);

		if (depth < 3 && number(5) == 0)
			text = mem_print(m, "%s%s%s%s", text, around[which][0], pieces(depth + 1),
				around[which][1]);
		else
			text = mem_print(m, "%s%s", text, words[number(COUNT(words))]);
	}
	return text;
}

static json_t *
data(void)
{
	json_t *d = mem_pack(
		m, "{s:s, s:s, s:s}", "x", "\1x\1", "xUrl", "\1xUrl\1", "xHtml", "\1xHtml\1");
	json_t *list = json_array();

	json_object_set_new(d, "a", number(2) ? json_true() : json_false());
	for (uint32_t n = number(4); n > 0; n--)
		json_array_append_new(list, json_pack("{s:b}", "a", number(2)));
	json_object_set_new(d, "l", list);
	return d;
}

/* Follow the rendered page; the marks tell which variable stands where. */
static void
assert_safe(const char *text)
{
	struct tmpl_html h;

	memset(&h, 0, sizeof h);
	for (const char *s = text; *s != '\0'; s++) {
		char name[8] = "";
		const char *end;

		if (*s != '\1') {
			assert_null(tmpl_html_step(&h, *s));
			continue;
		}
		assert_non_null(end = strchr(s + 1, '\1'));
		memcpy(name, s + 1, (size_t)(end - s - 1));
		assert_null(tmpl_html_value(&h, name, strcmp(name, "xHtml") == 0));
		s = end;
	}
	assert_null(tmpl_html_end(&h));
}

static void
good_pages_are_safe_with_all_data(void **state)
{
	int good = 0, values = 0;

	(void)state;
	seed = 20;
	for (int i = 0; i < PAGES; i++) {
		struct tmpls *set = set_of(false);
		const char *why, *text;
		const struct tmpl *t;
		size_t length;

		put("page.html", pieces(0));
		put("p.html", pieces(2));
		put("q.html", mem_print(m, "%s{{$b}}%s{{/b}}%s", pieces(3), pieces(3), pieces(3)));
		t = tmpls_need(set, "page.html", &why);
		for (int n = 0; t != NULL && n < DATA; n++) {
			text = tmpl_render(m, t, data(), &length);
			assert_safe(text);
			values += strchr(text, '\1') != NULL;
		}
		good += t != NULL;
		tmpls_free(set);
		mem_drop(m);
	}
	drop("page.html");
	drop("p.html");
	drop("q.html");
	assert_true(good > PAGES / 10); /* or the test says nothing */
	assert_true(values > PAGES / 10);
}

/* Every start of a page, and pages with bytes changed: an answer, and why not with a line. */
static void
broken_files_are_refused_or_fine(void **state)
{
	static const char whole[] =
		"{{! c }}\n{{<page}}\n  {{$b}}\n    <a href=\"{{xUrl}}\">{{#l}}{{.}}{{/l}}</a>\n"
		"  {{/b}}\n{{/page}}\n{{=<% %>=}}<%^a%><%& xHtml%><%/a%><%={{ }}=%>{{{xHtml}}}\n"
		"{{$b}}\n  <style>{{xCss}}</style>\n{{/b}}<!-- --><title>{{x}}</title>\n";
	static const char odd[] = "{}<>#/^$=!&\"' \n%.x-";
	int good = 0;

	(void)state;
	seed = 5;
	for (size_t i = 0; i < sizeof whole + 1000; i++) {
		char *text = mem_copy(m, whole, i < sizeof whole ? i : sizeof whole - 1);
		struct tmpls *set = set_of(true);
		const char *why;
		const struct tmpl *t;
		size_t length;

		for (uint32_t n = i < sizeof whole ? 0 : 1 + number(4); n > 0; n--)
			text[number(sizeof whole - 1)] = odd[number(sizeof odd - 1)];
		put("page.html", text);
		t = tmpls_need(set, "page.html", &why);
		if (t == NULL)
			assert_true(atoi(strstr(why, "page.html:") + 10) > 0);
		else
			assert_non_null(tmpl_render(m, t, data(), &length));
		good += t != NULL;
		tmpls_free(set);
		mem_drop(m);
	}
	drop("page.html");
	assert_true(good > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_pages_are_safe_with_all_data),
		cmocka_unit_test(broken_files_are_refused_or_fine),
	};

	return cmocka_run_group_tests(tests, up, down);
}
