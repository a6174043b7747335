/* SPDX-License-Identifier: ISC */
/* tmpl: what the specification of Mustache asks for; which file is used; depth and size. */
#include "tmpl_help.h"

static void
variables(void **state)
{
	static const struct page pages[] = {
		{ "no tag: {x} } {\n", "{}", "no tag: {x} } {\n", { 0 } },
		{ "", "{}", "", { 0 } },
		{ "Hello, {{ who }}!{{who}}", "{\"who\":\"you\"}", "Hello, you!you", { 0 } },
		{ "{{x}}", "{\"x\":\"&<>\\\"'&amp;\"}", "&amp;&lt;&gt;&quot;&#39;&amp;amp;",
			{ 0 } },
		{ "{{{xHtml}}}{{& xHtml }}{{xHtml}}", "{\"xHtml\":\"<b>\"}", "<b><b>&lt;b&gt;",
			{ 0 } },
		{ "{{{ a.xHtml }}}", "{\"a\":{\"xHtml\":\"'\"}}", "'", { 0 } },
		{ "{{=<% %>=}}<%{xHtml}%><%&xHtml%>", "{\"xHtml\":\"<i>\"}", "<i><i>", { 0 } },
		{ "{{a}} {{b}} {{c}} {{d}}",
			"{\"a\":85,\"b\":-1.21,\"c\":1e30,\"d\":9007199254740993}",
			"85 -1.21 1e30 9007199254740993", { 0 } },
		{ "{{a}} {{b}}.{{c}}{{d}}{{e}}{{f}}.",
			"{\"a\":true,\"b\":false,\"c\":null,\"d\":[1],\"e\":{\"x\":1}}",
			"true false..", { 0 } },
		{ "{{a.b.c}}{{a.b.c.d}}{{a.x.c}}{{x.y}}",
			"{\"a\":{\"b\":{\"c\":\"v\"}},\"c\":\"w\"}", "v", { 0 } },
		{ "{{#a}}{{b.c}}{{/a}}", "{\"a\":{\"b\":{}},\"b\":{\"c\":\"wrong\"}}", "", { 0 } },
		{ "{{#a}}{{b}}{{/a}}", "{\"a\":{\"b\":null},\"b\":\"wrong\"}", "", { 0 } },
		{ "{{.}}", "\"all\"", "all", { 0 } },
		{ "[{{x}}{{.}}{{#y}}a{{/y}}]", NULL, "[]", { 0 } },
		{ "{{x}} {{y}}", "{\"x\":\"{{y}}{{{userHtml}}}\",\"y\":\"{{=<% %>=}}\"}",
			"{{y}}{{{userHtml}}} {{=&lt;% %&gt;=}}", { 0 } },
		{ "  {{x}}\n", "{\"x\":\"-\"}", "  -\n", { 0 } },
		{ "{{x}}", "{\"x\":\"\xc3\xa9\xf0\x9f\x98\x80\"}", "\xc3\xa9\xf0\x9f\x98\x80",
			{ 0 } },
		{ "{{a-b_2}}", "{\"a-b_2\":1}", "1", { 0 } },
		{ "{{\r\n\fa\r\n\f}}", "{\"a\":1}", "1", { 0 } },
	};

	(void)state;
	assert_pages(pages, COUNT(pages), false);
}

static void
sections(void **state)
{
	static const struct page pages[] = {
		{ "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":true}", "yes", { 0 } },
		{ "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":0}", "yes", { 0 } },
		{ "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":\"a\"}", "yes", { 0 } },
		{ "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":{}}", "yes", { 0 } },
		{ "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":[0]}", "yes", { 0 } },
		{ "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":false}", "no", { 0 } },
		{ "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":null}", "no", { 0 } },
		{ "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":\"\"}", "no", { 0 } },
		{ "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":[]}", "no", { 0 } },
		{ "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{}", "no", { 0 } },
		{ "{{#a.b}}{{c}}{{d}}{{/a.b}}", "{\"a\":{\"b\":{\"c\":1}},\"d\":2}", "12", { 0 } },
		{ "{{#x}}({{.}}){{/x}}", "{\"x\":[\"a\",1,2.5,true,null]}", "(a)(1)(2.5)(true)()",
			{ 0 } },
		{ "{{#x}}{{#.}}{{.}}{{/.}};{{/x}}", "{\"x\":[[1,2],[3]]}", "12;3;", { 0 } },
		{ "{{#x}}{{n}}{{#y}}{{n}}{{m}}{{/y}} {{/x}}",
			"{\"m\":\"m\",\"x\":[{\"n\":1,\"y\":[{\"n\":2},{}]},{\"n\":3}]}",
			"12m1m 3 ", { 0 } },
		{ "{{#x}}{{.}} is {{x}}{{/x}}", "{\"x\":\"it\"}", "it is it", { 0 } },
		{ "{{#b}}B {{#b}}C{{/b}}{{/b}}{{^n}}n{{^n}}m{{/n}}{{/n}}", "{\"b\":true}", "B Cnm",
			{ 0 } },
		{ "|{{# x }}={{/ x }}|{{^ y }}-{{/y}}", "{\"x\":true}", "|=|-", { 0 } },
	};

	(void)state;
	assert_pages(pages, COUNT(pages), false);
}

static void
comments_and_delimiters(void **state)
{
	static const struct page pages[] = {
		{ "ab{{! no \n {{{ no }}cd", "{}", "abcd", { 0 } },
		{ "a\n  {{! no }}\nb\n", "{}", "a\nb\n", { 0 } },
		{ "a\n  {{!\n no\n }}  \r\nb\n", "{}", "a\nb\n", { 0 } },
		{ "  ab {{! cd }}\n", "{}", "  ab \n", { 0 } },
		{ "{{=<% %>=}}(<%x%>{{x}})", "{\"x\":1}", "(1{{x}})", { 0 } },
		{ "({{=[ ]=}}[x])", "{\"x\":1}", "(1)", { 0 } },
		{ "{{=| |=}}|#s|{{x}}|x||/s||={{ }}=|{{x}}", "{\"x\":1,\"s\":true}", "{{x}}11",
			{ 0 } },
		{ "{{#s}}{{=| |=}}|x||/s||x|", "{\"x\":1,\"s\":true}", "11", { 0 } },
		{ "{{=| |=}}[|>p|]", "{\"x\":1}", "[.1.]", { "p.html", ".{{x}}." } },
		{ "{{>p}} {{x}} |x|", "{\"x\":1}", "1 1 |x|", { "p.html", "{{=| |=}}|x|" } },
		{ "a\n  {{=@   @ =}}\nb@x@", "{\"x\":1}", "a\nb1", { 0 } },
		{ "|{{= @ @=}}|", "{}", "||", { 0 } },
		{ "{{=12345678 87654321=}}12345678x87654321", "{\"x\":1}", "1", { 0 } },
	};

	(void)state;
	assert_pages(pages, COUNT(pages), false);
}

static void
lines_of_tags_vanish(void **state)
{
	static const struct page pages[] = {
		{ "a\n{{#x}}\nb\n{{/x}}\nc\n", "{\"x\":1}", "a\nb\nc\n", { 0 } },
		{ "a\n \t{{#x}} \nb\n  {{/x}}\t\nc\n", "{\"x\":1}", "a\nb\nc\n", { 0 } },
		{ "a\n{{#x}}\nb\n{{/x}}\nc\n", "{}", "a\nc\n", { 0 } },
		{ "|\r\n{{#x}}\r\n{{/x}}\r\n|", "{\"x\":1}", "|\r\n|", { 0 } },
		/* a \r alone ends no line */
		{ "{{#x}}\r-{{/x}}\r", "{\"x\":1}", "\r-\r", { 0 } },
		{ "  {{#x}}\n#{{/x}}\n/", "{\"x\":1}", "#\n/", { 0 } },
		{ "#{{#x}}\n/\n  {{/x}}", "{\"x\":1}", "#\n/\n", { 0 } },
		{ "  {{^x}}\n^{{/x}}\n/", "{}", "^\n/", { 0 } },
		{ " {{#x}}in{{/x}}\n", "{\"x\":1}", " in\n", { 0 } },
		{ " | {{#x}} {{! no }}\n {{/x}} | \n", "{\"x\":1}", " |  \n  | \n", { 0 } },
		{ "{{#x}}{{/x}}\n-", "{\"x\":1}", "\n-", { 0 } },
		{ "{{#x}}\n- {{.}}\n{{/x}}\n", "{\"x\":[1,2]}", "- 1\n- 2\n", { 0 } },
	};

	(void)state;
	assert_pages(pages, COUNT(pages), false);
}

static void
partials(void **state)
{
	static const struct page pages[] = {
		{ "*{{>p}}*", "{\"x\":1}", "*1*", { "p.html", "{{x}}" } },
		{ "{{> node}}", "{\"c\":\"a\",\"n\":[{\"c\":\"b\",\"n\":[]}]}", "a(b())",
			{ "node.html", "{{c}}({{#n}}{{>node}}{{/n}})" } },
		{ "{{> p }}{{>q.r}}", "{}", "pq", { "p.html", "p", "q.r.html", "q" } },
		{ "  {{x}}  {{> p}}\n", "{\"x\":\"|\"}", "  |  >\n>\n", { "p.html", ">\n>" } },
		{ "|\r\n{{>p}}\r\n|", "{}", "|\r\n>|", { "p.html", ">" } },
		{ "  {{>p}}\n>", "{}", "  >\n  >>", { "p.html", ">\n>" } },
		{ ">\n  {{>p}}", "{}", ">\n  >\n  >", { "p.html", ">\n>" } },
		{ "\\\n {{>p}}\n/\n", "{\"xHtml\":\"<\\n->\"}", "\\\n |\n <\n->|\n /\n/\n",
			{ "p.html", "|\n{{{xHtml}}}|\n/\n" } },
		{ " {{>p}}\n", "{\"x\":[1,2]}", " a\n   1\n   2\n\n b\n",
			{ "p.html", "a\n{{#x}}\n  {{>q}}\n{{/x}}\n\nb\n", "q.html", "{{.}}\n" } },
		{ " {{>p}}\n", "{}", " x\n", { "p.html", "{{>q}}x\n", "q.html", "" } },
	};

	(void)state;
	assert_pages(pages, COUNT(pages), false);
}

static void
parents_and_blocks(void **state)
{
	static const struct page pages[] = {
		{ "{{$t}}as it {{x}}{{/t}}\n", "{\"x\":\"{{y}}\"}", "as it {{y}}\n", { 0 } },
		{ "{{<p}}{{/p}}\n", "{}", "default", { "p.html", "{{$t}}default{{/t}}" } },
		{ "{{<p}}{{$t}}mine{{/t}}{{/p}}", "{\"t\":\"data\"}", "...mine...",
			{ "p.html", "...{{$t}}default{{/t}}..." } },
		{ "1 {{<p}}{{$a}}x{{/a}}{{/p}} {{<p}}{{$b}}y{{/b}}{{/p}}\n", "{}",
			"1 |x B| |A y|\n", { "p.html", "|{{$a}}A{{/a}} {{$b}}B{{/b}}|" } },
		{ "{{>p}}|{{<p}}{{/p}}", "{}", "d|d", { "p.html", "{{$t}}d{{/t}}" } },
		{ "{{<p}} no {{x}} {{#y}}no{{/y}}{{! no }} {{$t}}yes{{/t}} no {{>q}}{{/p}}",
			"{\"x\":1}", "yes", { "p.html", "{{$t}}d{{/t}}", "q.html", "no" } },
		{ "{{<p}}{{$t}}is {{x}}{{/t}}{{/p}}", "{\"x\":\"out\",\"n\":{\"x\":\"in\"}}",
			"is in", { "p.html", "{{#n}}{{$t}}{{/t}}{{/n}}" } },
		/* what is passed on from furthest out wins, through partials too */
		{ "{{<p}}{{$a}}c{{/a}}{{/p}}", "{}", "c",
			{ "p.html", "{{<o}}{{$a}}p{{/a}}{{/o}}", "o.html",
				"{{<g}}{{$a}}o{{/a}}{{/g}}", "g.html", "{{$a}}g{{/a}}" } },
		{ "{{<p}}{{/p}}", "{}", "p",
			{ "p.html", "{{<g}}{{$a}}p{{/a}}{{/g}}", "g.html", "{{>h}}", "h.html",
				"{{$a}}g{{/a}}" } },
		{ "{{<p}}{{$a}}C{{/a}}{{/p}}", "{}", "[C]",
			{ "p.html", "{{<g}}{{$b}}[{{$a}}{{/a}}]{{/b}}{{/g}}", "g.html",
				"{{$b}}{{/b}}" } },
		{ "{{<p}}{{$f}}mine{{/f}}{{/p}}", "{}", "mine mine mine end",
			{ "p.html", "{{$f}}1{{/f}} {{$b}}{{<q}}{{/q}}{{/b}}", "q.html",
				"{{$f}}2{{/f}} {{<p}}{{$b}}end{{/b}}{{/p}}" } },
		{ "{{<p}}{{$none}}no{{/none}}{{/p}}", "{}", "p", { "p.html", "p" } },
		{ "{{<p}}{{$a}}{{<q}}{{$b}}deep{{/b}}{{/q}}{{/a}}{{/p}}", "{}", "([deep])",
			{ "p.html", "({{$a}}{{/a}})", "q.html", "[{{$b}}{{/b}}]" } },
	};

	(void)state;
	assert_pages(pages, COUNT(pages), false);
}

static void
blocks_take_the_indentation_of_their_place(void **state)
{
	static const struct page pages[] = {
		{ "{{<p}}{{$b}}\ntop\n\nend\n{{/b}}{{/p}}", "{}", "top\n\nend\n",
			{ "p.html", "{{$b}}default{{/b}}" } },
		{ "{{<p}}{{$b}}one{{/b}}{{/p}}", "{}", "list:\n  one\n",
			{ "p.html", "list:\n  {{$b}}two{{/b}}\n" } },
		{ "Head\n  {{<p}}{{/p}}\nend", "{}", "Head\n  one\n  two\nend",
			{ "p.html", "one\ntwo\n" } },
		{ "{{<p}}{{$b}}\none\ntwo{{/b}}\n{{/p}}\n", "{}", "Head\n  one\n  two\n",
			{ "p.html", "Head\n  {{$b}}{{/b}}\n" } },
		{ "{{<p}}{{$b}}\n    one\n      two\n{{/b}}{{/p}}\n", "{}",
			"Head\n  one\n    two\n", { "p.html", "Head\n  {{$b}}\n  {{/b}}\n" } },
		{ "{{<p}}{{$b}}\none\ntwo\n{{/b}}{{/p}}\n", "{}", "Head\n  one\n  two\n",
			{ "p.html", "Head\n{{$b}}\n  default\n{{/b}}\n" } },
		{ "{{<p}}\n  {{$b}}\n    {{#x}}\n    - {{.}}\n    {{/x}}\n    {{>q}}\n  {{/b}}\n{{/p}}\n",
			"{\"x\":[1,2]}", "\t- 1\n\t- 2\n\tq\n\tr\n",
			{ "p.html", "\t{{$b}}\n\t{{/b}}\n", "q.html", "q\nr\n" } },
		{ "{{<p}}{{/p}}", "{}", "a\n  b\n", { "p.html", "a\n  {{$b}}\n  b\n  {{/b}}\n" } },
	};

	(void)state;
	assert_pages(pages, COUNT(pages), false);
}

static void
depth_and_number_of_partials_are_bounded(void **state)
{
	static const struct page once = { "x{{> page}}", "{}",
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", { 0 } };
	struct tmpls *set = set_of(false);
	size_t length;

	(void)state;
	assert_pages(&once, 1, false);
	put("page.html", "x{{> page}}{{<page}}{{$a}}{{/a}}{{/page}}");
	length = strlen(rendered(set, "{}"));
	assert_int_equal(length, 100001);
	drop("page.html");
	tmpls_free(set);
}

static void
large_data(void **state)
{
	enum {
		ROWS = 50000
	};
	struct tmpls *set = set_of(false);
	json_t *rows = json_array(), *data = mem_pack(m, "{s:o}", "rows", rows);
	const char *why, *text;
	size_t length;

	(void)state;
	put("page.html", "{{#rows}}\n<li class=\"{{class}}\">{{n}}\n{{/rows}}\n");
	for (int i = 0; i < ROWS; i++)
		json_array_append_new(rows, json_pack("{s:i, s:s}", "n", 100000 + i, "class", "<"));
	text = tmpl_render(m, tmpls_need(set, "page.html", &why), data, &length);
	assert_int_equal(length, ROWS * strlen("<li class=\"&lt;\">100000\n"));
	assert_string_equal(text + length - 8, ">149999\n");
	drop("page.html");
	tmpls_free(set);
}

static void
each_file_is_the_owners_or_the_installed_one(void **state)
{
	const char *owner = mem_print(m, "%s/own", folder);
	const char *no_folder = mem_print(m, "%s/a.html", folder);
	const char *folders[] = { "", owner, "/nowhere", no_folder, folder, NULL };
	struct tmpls *set = tmpls_new(folders, false);

	(void)state;
	assert_int_equal(mkdir(owner, 0700), 0);
	assert_int_equal(mkdir(mem_print(m, "%s/widgets", owner), 0700), 0);
	put("page.html", "installed {{> a}} {{> b}}");
	put("a.html", "installed a {{> widgets/c}}");
	put("b.html", "installed b");
	put("own/b.html", "own b");
	put("own/widgets/c.html", "own c {{> b}}");
	assert_string_equal(rendered(set, "{}"), "installed installed a own c own b own b");
	assert_string_equal(tmpls_file(set, "a.html"), mem_print(m, "%s/a.html", folder));
	assert_string_equal(tmpls_file(set, "b.html"), mem_print(m, "%s/b.html", owner));
	assert_null(tmpls_file(set, "c.html"));
	assert_null(tmpls_file(set, "../own/b.html"));
	drop("own/widgets/c.html");
	drop("own/widgets");
	drop("own/b.html");
	drop("own");
	drop("a.html");
	drop("b.html");
	/* what was read once stays as it was */
	put("page.html", "changed");
	assert_string_equal(rendered(set, "{}"), "installed installed a own c own b own b");
	drop("page.html");
	tmpls_free(set);
}

static void
files_of_the_folder_one_is_in(void **state)
{
	const char *folders[] = { ".", NULL }, *why;
	struct tmpls *set = tmpls_new(folders, false);
	int back = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	put("page.html", "{{/x}}");
	assert_int_equal(chdir(folder), 0);
	assert_null(tmpls_need(set, "page.html", &why));
	assert_int_equal(fchdir(back), 0);
	assert_string_equal(why, "page.html:1: this closes nothing");
	close(back);
	drop("page.html");
	tmpls_free(set);
}

/* The other files are looked for with the ending of the one that names them. */
static void
a_file_without_ending(void **state)
{
	struct tmpls *set = set_of(false);
	const char *why;
	size_t length;

	(void)state;
	put("a", "{{> b}}.");
	put("b", "no ending");
	put("b.html", "wrong");
	assert_string_equal(
		tmpl_render(m, tmpls_need(set, "a", &why), NULL, &length), "no ending.");
	drop("a");
	drop("b");
	drop("b.html");
	tmpls_free(set);
}

static void
a_missing_partial_renders_empty_if_lenient(void **state)
{
	static const struct page pages[] = {
		{ "[{{> none}}{{<none}}{{$a}}x{{/a}}{{/none}}]", "{}", "[]", { 0 } },
		{ "a\n  {{> none}}\nb", "{}", "a\nb", { 0 } },
	};
	static const struct page refused = { "\n[{{> none}}]", "{}",
		"page.html:2: there is no template none.html", { 0 } };

	(void)state;
	assert_pages(pages, COUNT(pages), true);
	assert_pages(&refused, 1, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables),
		cmocka_unit_test(sections),
		cmocka_unit_test(comments_and_delimiters),
		cmocka_unit_test(lines_of_tags_vanish),
		cmocka_unit_test(partials),
		cmocka_unit_test(parents_and_blocks),
		cmocka_unit_test(blocks_take_the_indentation_of_their_place),
		cmocka_unit_test(depth_and_number_of_partials_are_bounded),
		cmocka_unit_test(large_data),
		cmocka_unit_test(each_file_is_the_owners_or_the_installed_one),
		cmocka_unit_test(files_of_the_folder_one_is_in),
		cmocka_unit_test(a_file_without_ending),
		cmocka_unit_test(a_missing_partial_renders_empty_if_lenient),
	};

	return cmocka_run_group_tests(tests, up, down);
}
