/* SPDX-License-Identifier: ISC */
/* tmpl: where in HTML a variable may stand and where not, each refusal with its file and line. */
#include "tmpl_help.h"

#define ADDRESS ": in an attribute that holds an address a name must end in Url"
#define NO_TAG  ": a variable in a tag, outside of a quoted value"
#define BARE    ": a variable in a value without quotes"
#define EXPECT  "a quote or < where an attribute should stand"
#define EQUALS  "a = stands right behind the name of its attribute"
#define QUOTES  "a value stands in quotes, right behind the ="
#define REFUSED "this attribute is refused: files in static/ hold styles and scripts"
#define TEXT    "a < where only text may stand: write &lt;"
#define SELF    "this opens or closes a tag or quote that it does not close or open itself"
#define BEGIN   "this may begin between tags, in a value, or in a tag behind a blank"
#define END     "in a tag this must end in a blank, or in a value with its quotes"

static void
addresses(void **state)
{
	static const char *const names[] = { "href", "src", "action", "formaction", "poster",
		"srcset", "data", "HREF", "Src", "xlink:href", "cite", "background", "ping",
		"manifest", "imagesrcset" };
	static const struct page pages[] = {
		{ "<a class=\"{{x}}\"\n href=\"/x?{{y}}\">", NULL, "page.html:2: {{y}}" ADDRESS,
			{ 0 } },
		{ "<a href='{{y}}'>", NULL, "page.html:1: {{y}}" ADDRESS, { 0 } },
		{ "<A\n\tHREF=\"{{y}}", NULL, "page.html:2: {{y}}" ADDRESS, { 0 } },
		{ "<a href=\"{{xUrl.y}}\">", NULL, "page.html:1: {{xUrl.y}}" ADDRESS, { 0 } },
		{ "<a href=\"{{#xUrl}}{{.}}{{/xUrl}}\">", NULL, "page.html:1: {{.}}" ADDRESS,
			{ 0 } },
		{ "<a title=\"x\"href=\"{{y}}\">", NULL, "page.html:1: {{y}}" ADDRESS, { 0 } },
		{ "<a title href=\"{{y}}\">", NULL, "page.html:1: {{y}}" ADDRESS, { 0 } },
		{ "<br/><a/href=\"{{y}}\">", NULL, "page.html:1: {{y}}" ADDRESS, { 0 } },
		{ "<textarea>{{x}}</textarea><a href=\"{{y}}\">", NULL,
			"page.html:1: {{y}}" ADDRESS, { 0 } },
		{ "<!-- <a title=\" --><a href=\"{{y}}\">", NULL, "page.html:1: {{y}}" ADDRESS,
			{ 0 } },
		{ "<!DOCTYPE html \"><a href=\"{{y}}\">", NULL, "page.html:1: {{y}}" ADDRESS,
			{ 0 } },
		{ "{{> p}}", NULL, "p.html:2: {{y}}" ADDRESS,
			{ "p.html", "\n<a href=\"{{y}}\">" } },
		{ "<a href=\"{{> p}}\">", NULL, "p.html:2: {{y}}" ADDRESS,
			{ "p.html", "\n{{y}}" } },
		{ "{{y}}{{<p}}{{$b}}\n{{y}}{{/b}}{{/p}}", NULL, "page.html:2: {{y}}" ADDRESS,
			{ "p.html", "<a href=\"{{$b}}{{/b}}\">" } },
		{ "{{<p}}{{$b}}x{{/b}}{{/p}}{{> p}}", NULL, "p.html:1: {{y}}" ADDRESS,
			{ "p.html", "<a href=\"{{$b}}{{y}}{{/b}}\">" } },
		/* a block of the same name within what is passed on is another one */
		{ "{{<p}}{{$b}}{{$b}}\n{{y}}{{/b}}{{/b}}{{/p}}", NULL, "page.html:2: {{y}}" ADDRESS,
			{ "p.html", "<a href=\"{{$b}}{{/b}}\">" } },
		/* the same partial, good in one place and bad in the other */
		{ "{{> p}}<a title=\"{{> p}}\" href=\"{{> p}}\">", NULL, "q.html:1: {{y}}" ADDRESS,
			{ "p.html", "{{> q}}", "q.html", "{{y}}" } },
		{ "{{#a}}{{> page}}<a href=\"{{> page}}\">{{/a}}{{y}}", NULL,
			"page.html:1: a < in a value: write &lt;, or is a quote missing?", { 0 } },
	};

	(void)state;
	assert_pages(pages, COUNT(pages), false);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct page bad = { .expected = "page.html:1: {{y}}" ADDRESS },
			    good = { .data = "{}" };

		bad.text = mem_print(m, "<p %s=\"{{y}}\">", names[i]);
		assert_pages(&bad, 1, false);
		good.text = mem_print(m, "<p %s=\"{{y.aUrl}}\" data-%s=\"{{y}}\" %sx='{{y}}'>",
			names[i], names[i], names[i]);
		good.expected = mem_print(
			m, "<p %s=\"\" data-%s=\"\" %sx=''>", names[i], names[i], names[i]);
		assert_pages(&good, 1, false);
	}
}

static void
tags_and_attributes(void **state)
{
	static const struct page pages[] = {
		{ "<a\nhref={{yUrl}}>", NULL, "page.html:2: {{yUrl}}" BARE, { 0 } },
		{ "<a href=/x/{{yUrl}}>", NULL, "page.html:1: " QUOTES, { 0 } },
		{ "<a\ntitle= \"{{y}}\">", NULL, "page.html:2: " QUOTES, { 0 } },
		{ "<a b=>", NULL, "page.html:1: " QUOTES, { 0 } },
		{ "<a href =\"{{y}}\">", NULL, "page.html:1: " EQUALS, { 0 } },
		{ "<p {{x}}>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "<p {{x}}=\"a\">", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "<p a{{x}}>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "<p a {{x}}>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "<p a=\"\"{{x}}>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "<{{x}}>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "</{{x}}>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "<h{{x}}>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "<!DOCTYPE {{x}}>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "\n<p onclick=\"{{x}}\">", NULL, "page.html:2: " REFUSED, { 0 } },
		{ "<p ONnew='{{xUrl}}'>", NULL, "page.html:1: " REFUSED, { 0 } },
		{ "<p style=\"{{xCss}}\">", NULL, "page.html:1: " REFUSED, { 0 } },
		{ "<p srcdoc=\"{{x}}\">", NULL, "page.html:1: " REFUSED, { 0 } },
		{ "<meta HTTP-EQUIV=\"refresh\" content=\"0;url={{xUrl}}\">", NULL,
			"page.html:1: " REFUSED, { 0 } },
		{ "<a b\n=\"x\">", NULL, "page.html:2: " EQUALS, { 0 } },
		{ "<a =b>", NULL, "page.html:1: " EQUALS, { 0 } },
		{ "<a b=\"x\"\"c\">", NULL, "page.html:1: " EXPECT, { 0 } },
		{ "<a \"b\">", NULL, "page.html:1: " EXPECT, { 0 } },
		{ "<a \">", NULL, "page.html:1: " EXPECT, { 0 } },
		{ "<a \n<>", NULL, "page.html:2: " EXPECT, { 0 } },
		{ "<a b'c>", NULL, "page.html:1: " EXPECT, { 0 } },
		{ "<a b<c>", NULL, "page.html:1: " EXPECT, { 0 } },
		{ "<a<b>", NULL, "page.html:1: a quote, = or < in the name of a tag", { 0 } },
		{ "<a=\"{{x}}\">", NULL, "page.html:1: a quote, = or < in the name of a tag",
			{ 0 } },
		{ "<a title=\"x>\n<b>{{x}}</b>", NULL,
			"page.html:2: a < in a value: write &lt;, or is a quote missing?", { 0 } },
		{ "<noscript><p title=\"</noscript><p title='{{x}}'>\">", NULL,
			"page.html:1: a < in a value: write &lt;, or is a quote missing?", { 0 } },
		{ "</p title=\">{{x}}\">", NULL, "page.html:1: an end tag holds its name alone",
			{ 0 } },
		{ "</p/>", NULL, "page.html:1: an end tag holds its name alone", { 0 } },
		{ "\n1 < 2", NULL, "page.html:2: this is no tag: write &lt; for a <", { 0 } },
		{ "\n<? x ?>", NULL, "page.html:2: this is no tag: write &lt; for a <", { 0 } },
		{ "</ x>", NULL, "page.html:1: this is no tag: write &lt; for a <", { 0 } },
		{ "<![CDATA[x]]>", NULL,
			"page.html:1: behind <! only a comment or the DOCTYPE may stand", { 0 } },
		{ "<!-x>", NULL, "page.html:1: behind <! only a comment or the DOCTYPE may stand",
			{ 0 } },
		{ "<title>a<>{{x}}</title>", NULL,
			"page.html:1: a < where only text may stand: write &lt;", { 0 } },
		/* where a page ends */
		{ "\n<a href=\"x", NULL,
			"page.html:2: the page ends in a tag, or in a value whose quote is not closed",
			{ 0 } },
		{ "<a", NULL,
			"page.html:1: the page ends in a tag, or in a value whose quote is not closed",
			{ 0 } },
		{ "<!-- >", NULL, "page.html:1: the page ends in a comment", { 0 } },
		{ "<title>\n\n", NULL,
			"page.html:3: the page ends in an element that is not closed", { 0 } },
	};

	(void)state;
	assert_pages(pages, COUNT(pages), false);
}

/* The one rule: what something holds ends where it begins. */
static void
what_opens_and_closes_apart(void **state)
{
	static const struct page pages[] = {
		{ "\n<a title={{#x}}\"{{/x}}\">", NULL, "page.html:2: " BEGIN, { 0 } },
		{ "<a b=\"\"{{#x}} c{{/x}}{{#y}} d{{/y}}>", NULL, "page.html:1: " END, { 0 } },
		{ "<a {{#x}}hr{{/x}}ef=\"{{y}}\">", NULL, "page.html:1: " END, { 0 } },
		{ "<a hr{{#x}}ef=\"{{yUrl}}\"{{/x}}>", NULL, "page.html:1: " BEGIN, { 0 } },
		{ "<a a{{#x}} href{{/x}}=\"{{y}}\">", NULL, "page.html:1: " BEGIN, { 0 } },
		{ "<li{{#x}} a=\"\"{{/x}}>", NULL, "page.html:1: " BEGIN, { 0 } },
		{ "<{{#x}}a{{/x}}>", NULL, "page.html:1: " BEGIN, { 0 } },
		{ "<!-- {{#x}} -->", NULL, "page.html:1: x is not closed", { 0 } },
		{ "<!-- {{#x}}a{{/x}} -->", NULL, "page.html:1: " BEGIN, { 0 } },
		{ "<!-- -{{#x}}-{{/x}}>{{y}}", NULL, "page.html:1: " BEGIN, { 0 } },
		/* indentation would part the name, and make it another */
		{ "  {{> p}}\n", NULL, "p.html:1: " BEGIN,
			{ "p.html", "<a data-{{> q}}href=\"{{y}}\">", "q.html", "{{> r}}\n",
				"r.html", "" } },
		{ "<a {{#x}}href=\"{{/x}}{{^x}}title=\"{{/x}}{{y}}\">", NULL, "page.html:1: " SELF,
			{ 0 } },
		{ "<a title=\"{{^x}}\"{{/x}}{{y}}\">", NULL, "page.html:1: " SELF, { 0 } },
		{ "{{#l}}\n<b title='{{/l}}", NULL, "page.html:1: " SELF, { 0 } },
		{ "{{#l}}{{^first}}\" href=\"{{x}}{{/first}}<p title=\"{{/l}}\">", NULL,
			"page.html:1: " SELF, { 0 } },
		{ "{{#x}}<!--{{/x}}", NULL, "page.html:1: " SELF, { 0 } },
		{ "{{#x}}<title>{{/x}}a", NULL, "page.html:1: " SELF, { 0 } },
		{ "<title>{{#x}}</title>{{/x}}", NULL, "page.html:1: " SELF, { 0 } },
		{ "<p\n{{> p}}{{y}}\">", NULL, "page.html:2: " SELF, { "p.html", "title=\"" } },
		{ "\n{{> p}}", NULL, "p.html:1: " SELF,
			{ "p.html", "{{#a}}{{> p}}{{y}}{{/a}}{{^a}}<a href=\"{{/a}}" } },
		{ "{{$b}}<p title=\"{{/b}}\">", NULL, "page.html:1: " SELF, { 0 } },
		/* what a page passes on ends where it begins, too */
		{ "{{<p}}\n{{$b}}\"{{/b}}{{/p}}", NULL, "page.html:2: " SELF,
			{ "p.html", "<a title=\"{{$b}}{{/b}}\">" } },
		{ "\n{{<p}}{{$b}}{{/b}}{{/p}}\">", NULL, "page.html:2: " SELF,
			{ "p.html", "<a title=\"{{$b}}{{/b}}" } },
		/* what is passed on counts, through partials and what names itself */
		{ "{{<p}}{{$b}}<b>{{/b}}{{/p}}{{> q}}", NULL,
			"page.html:1: a < where only text"
			" may stand: write &lt;",
			{ "p.html", "{{> q}}<title>{{$b}}{{/b}}</title>", "q.html", "q" } },
		{ "{{> p}}{{<p}}{{$b}}\n{{y}}{{/b}}{{/p}}", NULL, "page.html:2: {{y}}" ADDRESS,
			{ "p.html", "<a href=\"{{> q}}\">{{> p}}", "q.html", "{{$b}}{{/b}}" } },
	};

	(void)state;
	assert_pages(pages, COUNT(pages), false);
}

static void
elements_that_hold_no_markup(void **state)
{
	static const struct page pages[] = {
		{ "<script>\n{{x}}</script>", NULL, "page.html:2: {{x}}: a variable in <script>",
			{ 0 } },
		{ "<SCRIPT type=\"x\">a > b {{xCss}}</SCRIPT>", NULL,
			"page.html:1: {{xCss}}: a variable in <script>", { 0 } },
		{ "<script src=\"x\" />{{x}}", NULL, "page.html:1: {{x}}: a variable in <script>",
			{ 0 } },
		{ "<script></scripts>{{x}}", NULL, "page.html:1: " TEXT, { 0 } },
		{ "<script></script >{{x}}", NULL, "page.html:1: " TEXT, { 0 } },
		{ "<script><!--<script></script>{{x}}", NULL, "page.html:1: " TEXT, { 0 } },
		{ "<script>\na<b</script>", NULL, "page.html:2: " TEXT, { 0 } },
		{ "<style>\n\n{{site.theme}}</style>", NULL,
			"page.html:3: {{site.theme}}: in <style> a name must end in Css", { 0 } },
		{ "<style><{{xCss}}</style>", NULL, "page.html:1: {{xCss}}" NO_TAG, { 0 } },
		{ "<title></{{x}}</title>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "<title>a<b></title>", NULL, "page.html:1: " TEXT, { 0 } },
		{ "<textarea></textare></textarea>", NULL, "page.html:1: " TEXT, { 0 } },
		{ "<svg><style>\n<a href=\"{{x}}\">", NULL, "page.html:2: " TEXT, { 0 } },
		{ "<!-- a\n{{x}} -->", NULL,
			"page.html:2: {{x}}: a variable in an HTML comment: {{! }} leaves things out",
			{ 0 } },
		{ "<!--!>{{x}}-->", NULL, "page.html:1: --! in a comment", { 0 } },
		{ "<!-- -- > -> -!> {{x}}-->", NULL,
			"page.html:1: {{x}}: a variable in an HTML comment: {{! }} leaves things out",
			{ 0 } },
	};

	static const char *const names[] = { "iframe", "noembed", "noframes", "plaintext", "XMP" };

	(void)state;
	assert_pages(pages, COUNT(pages), false);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct page bad = { .expected = "page.html:1: this element is refused" };

		bad.text = mem_print(m, "<%s>", names[i]);
		assert_pages(&bad, 1, false);
		bad.text = mem_print(m, "<%s title=\"x\">", names[i]);
		assert_pages(&bad, 1, false);
	}
}

static void
what_may_stand(void **state)
{
	static const struct page pages[] = {
		{ "<a class=\"a {{x}}\" href='{{b.cUrl}}?{{#p}}page={{dUrl}}{{/p}}' {{#x}}hidden {{/x}}>{{x}}</a>",
			"{\"x\":\"<\",\"b\":{\"cUrl\":\"/&\"},\"p\":1,\"dUrl\":2}",
			"<a class=\"a &lt;\" href='/&amp;?page=2' hidden >&lt;</a>", { 0 } },
		{ "<input {{> attributes}}>{{x}}", "{\"x\":1,\"r\":true,\"v\":\"\\\"\"}",
			"<input  required  value=\"&quot;\">1",
			{ "attributes.html",
				"{{#r}} required {{/r}}{{#m}} minlength=\"{{m}}\"{{/m}}{{#p}} "
				"pattern='{{p}}'{{/p}}{{#v}} value=\"{{v}}\"{{/v}}" } },
		{ "<title>{{x}} > 2 &lt;</title><textarea>{{x}}</textarea>", "{\"x\":\"</title>\"}",
			"<title>&lt;/title&gt; > 2 &lt;</title><textarea>&lt;/title&gt;</textarea>",
			{ 0 } },
		{ "<style>{{site.themeCss}} @media (width > 1px) {}</style>{{x}}", "{\"x\":1}",
			"<style> @media (width > 1px) {}</style>1", { 0 } },
		{ "<script src=\"{{xUrl}}\"></SCRIPT><script>if (a > b) c</script>{{x}}",
			"{\"x\":1}", "<script src=\"\"></SCRIPT><script>if (a > b) c</script>1",
			{ 0 } },
		{ "<!-- <a href=\" --> {{x}}<!-->{{x}}<!--->{{x}}<!-- -- > -->{{x}}<!----><!-- --->{{x}}",
			"{\"x\":1}",
			"<!-- <a href=\" --> 1<!-->1<!--->1<!-- -- > -->1<!----><!-- --->1",
			{ 0 } },
		{ "<!doctype html><meta name=\"a\" content=\"{{x}}\"><br/>"
		  "<p title=\"{{x}}\">1 > 2 <b on one>{{x}}</b></p >",
			"{}",
			"<!doctype html><meta name=\"a\" content=\"\"><br/>"
			"<p title=\"\">1 > 2 <b on one></b></p >",
			{ 0 } },
		{ "<p {{#a}}a {{/a}}{{#b}}b/{{/b}}c='c'{{#c}} d=\"{{c}}\"{{/c}}{{#d}} e='{{d}}'{{/d}}>{{x}}",
			"{\"a\":1,\"d\":\"'\"}", "<p a c='c' e='&#39;'>", { 0 } },
		{ "<ul>{{#l}}<li {{#on}}class=\"on\"{{/on}}>{{> page}}</li>{{/l}}</ul>",
			"{\"l\":[{\"on\":1,\"l\":[]}]}", "<ul><li class=\"on\"><ul></ul></li></ul>",
			{ 0 } },
		{ "<svg><use xlink:href=\"#a\"/><path d=\"{{x}}\"/></svg>{{{xHtml}}}",
			"{\"xHtml\":\"<b>\"}",
			"<svg><use xlink:href=\"#a\"/><path d=\"\"/></svg><b>", { 0 } },
	};

	(void)state;
	assert_pages(pages, COUNT(pages), false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(tags_and_attributes),
		cmocka_unit_test(what_opens_and_closes_apart),
		cmocka_unit_test(elements_that_hold_no_markup),
		cmocka_unit_test(what_may_stand),
	};

	return cmocka_run_group_tests(tests, up, down);
}
