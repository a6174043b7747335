/* SPDX-License-Identifier: ISC */
/*
 * tmpl: pages made at random that were found good are rendered with all kinds of data, and each
 * variable is looked up in what came of it: it stands where it may. And files broken at random.
 */
#include "tmpl_help.h"
#include "tmpl_parts.h"

enum {
	PAGES = 2000,
	DATA = 6,
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

/* In the pages that are made a mark stands behind each piece, where a slip may happen. */
#define CUT "\2"

static const char *made(int place, int depth);

static const char *
one_piece(int place, int depth)
{
	static const char *const words[3][6] = {
		{ "x", "{{x}}", "{{{xHtml}}}", "<title>" CUT "{{x}}" CUT "</title>" CUT,
			"<!--" CUT " > " CUT "-->" CUT, "<script>" CUT "x" CUT "</script>" CUT },
		{ "b ", "title=\"{{x}}\"", " href='{{xUrl}}'", "/", " on ", "{{> p}}" },
		{ "x", "{{x}}", "{{xUrl}}", " b ", "&lt;", "{{> q}}" },
	};
	static const char *const around[][2] = { { "{{#a}}", "{{/a}}" }, { "{{#l}}", "{{/l}}" },
		{ "{{^a}}", "{{/a}}" }, { "{{$b}}", "{{/b}}" },
		{ "{{<q}}" CUT "{{$b}}", "{{/b}}" CUT "{{/q}}" } };
	static const char *const names[] = { "title=\"", "href=\"", "title='", "data-href=\"" };
	uint32_t which = number(5), name = number(4);

	if (depth > 3 || number(3) == 0)
		return words[place][number(depth > 2 ? 5 : 6)];
	if (number(2) == 0)
		return mem_print(m, "%s" CUT "%s%s", around[which][0], made(place, depth + 1),
			around[which][1]);
	if (place == 0)
		return mem_print(m, "<%s" CUT " " CUT "%s>" CUT "%s%s", number(2) ? "a" : "p",
			made(1, depth + 1), made(0, depth + 1), number(2) ? "</a>" : "");
	if (place == 1)
		return mem_print(m, "%s" CUT "%s%s" CUT, names[name], made(2, depth + 1),
			name == 2 ? "'" : "\"");
	return words[place][number(depth > 2 ? 5 : 6)];
}

/* What may stand between tags (0), in a tag (1), in a value (2). */
static const char *
made(int place, int depth)
{
	const char *text = "";

	for (uint32_t n = number(depth == 0 ? PIECES : 4); n > 0; n--)
		text = mem_print(m, "%s%s" CUT, text, one_piece(place, depth));
	return text;
}

/* The page without the marks; with `slips` pieces moved, or in the place of others. */
static const char *
slipped(const char *page, uint32_t slips)
{
	const char *pieces[1000] = { 0 };
	char *rest = mem_copy(m, page, strlen(page));
	const char *text = "";
	uint32_t n = 0;

	for (char *piece; n < COUNT(pieces) && (piece = strsep(&rest, CUT)) != NULL;)
		if (*piece != '\0')
			pieces[n++] = piece;
	for (; n > 1 && slips > 0; slips--) {
		uint32_t i = number(n - 1);
		const char *piece = pieces[i];

		pieces[i] = number(4) == 0 ? pieces[number(n)] : pieces[i + 1];
		pieces[i + 1] = piece;
	}
	for (uint32_t i = 0; i < n; i++)
		text = mem_print(m, "%s%s", text, pieces[i]);
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

		put("page.html", slipped(made(0, 0), number(4)));
		put("p.html", slipped(made(1, 2), number(2)));
		put("q.html",
			mem_print(m, "%s{{$b}}%s{{/b}}%s", slipped(made(2, 3), 0),
				slipped(made(2, 2), number(2)), slipped(made(2, 3), 0)));
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
