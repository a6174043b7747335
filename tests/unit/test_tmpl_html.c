/* SPDX-License-Identifier: ISC */
/* tmpl: where in HTML a variable may stand and where not, each refusal with its file and line. */
#include "tmpl_help.h"

#define ADDRESS ": in an attribute that holds an address a name must end in Url"
#define NO_TAG  ": a variable in a tag, outside of a quoted value"
#define BARE    ": a variable in a value without quotes"
#define EXPECT  "a quote, = or < where an attribute should stand"

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
		{ "<A\tHREF \n=\n \"{{y}}", NULL, "page.html:3: {{y}}" ADDRESS, { 0 } },
		{ "<a href=\"{{xUrl.y}}\">", NULL, "page.html:1: {{xUrl.y}}" ADDRESS, { 0 } },
		{ "<a href=\"{{#xUrl}}{{.}}{{/xUrl}}\">", NULL, "page.html:1: {{.}}" ADDRESS,
			{ 0 } },
		{ "<a title=\"x\"href=\"{{y}}\">", NULL, "page.html:1: {{y}}" ADDRESS, { 0 } },
		{ "<a title=x href=\"{{y}}\">", NULL, "page.html:1: {{y}}" ADDRESS, { 0 } },
		{ "<a title href=\"{{y}}\">", NULL, "page.html:1: {{y}}" ADDRESS, { 0 } },
		{ "<br/><a/href=\"{{y}}\">", NULL, "page.html:1: {{y}}" ADDRESS, { 0 } },
		{ "<a hr{{#x}}ef=\"{{y}}\"{{/x}}>", NULL, "page.html:1: {{y}}" ADDRESS, { 0 } },
		{ "<a a{{#x}} href{{/x}}=\"{{y}}\">", NULL, "page.html:1: {{y}}" ADDRESS, { 0 } },
		{ "{{#l}}{{^first}}\" href=\"{{x}}{{/first}}<p title=\"{{/l}}\">", NULL,
			"page.html:1: {{x}}" ADDRESS, { 0 } },
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
		/* a file may be left out, so that its quote may be missing */
		{ "<p {{> p}}{{y}}\">", NULL, "page.html:1: {{y}}" NO_TAG,
			{ "p.html", "title=\"" } },
		/* it is known only when it is known what comes of itself */
		{ "{{> p}}", NULL, "p.html:1: {{y}}" ADDRESS,
			{ "p.html", "{{#a}}{{> p}}{{y}}{{/a}}{{^a}}<a href=\"{{/a}}" } },
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
		{ "<a href=/x/{{yUrl}}>", NULL, "page.html:1: {{yUrl}}" BARE, { 0 } },
		{ "<a title= {{y}}>", NULL, "page.html:1: {{y}}" BARE, { 0 } },
		{ "<p {{x}}>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "<p {{x}}=\"a\">", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "<p a{{x}}>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "<p a {{x}}>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "<p a=\"\"{{x}}>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "<{{x}}>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "</{{x}}>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "<h{{x}}>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "<!DOCTYPE {{x}}>", NULL, "page.html:1: {{x}}" NO_TAG, { 0 } },
		{ "<p onclick=\"{{x}}\">", NULL,
			"page.html:1: {{x}}: a variable in an on… attribute", { 0 } },
		{ "<p ONnew='{{xUrl}}'>", NULL,
			"page.html:1: {{xUrl}}: a variable in an on… attribute", { 0 } },
		{ "<p style=\"{{xCss}}\">", NULL,
			"page.html:1: {{xCss}}: a variable in style=", { 0 } },
		{ "<iframe srcdoc=\"{{x}}\"></iframe>", NULL,
			"page.html:1: {{x}}: a variable in this attribute", { 0 } },
		{ "<meta http-equiv=\"{{x}}\">", NULL,
			"page.html:1: {{x}}: a variable in this attribute", { 0 } },
		{ "<meta http-equiv=refresh content=\"0;url={{xUrl}}\">", NULL,
			"page.html:1: {{xUrl}}: a variable in content= beside http-equiv=", { 0 } },
		{ "<meta content=\"{{x}}\"\nhttp-equiv=refresh>", NULL,
			"page.html:2: a variable in content= beside http-equiv=", { 0 } },
		/* what opens and closes quotes differently */
		{ "<a {{#x}}href=\"{{/x}}{{^x}}title=\"{{/x}}{{y}}\">", NULL,
			"page.html:1: {{y}}" NO_TAG, { 0 } },
		{ "<a title=\"{{#x}}\"{{/x}}{{y}}\">", NULL, "page.html:1: " EXPECT, { 0 } },
		{ "{{#l}}\n<b title='{{/l}}", NULL, "page.html:2: " EXPECT, { 0 } },
		{ "<a b\n=\"x\"\"c\">", NULL, "page.html:2: " EXPECT, { 0 } },
		{ "<a \"b\">", NULL, "page.html:1: " EXPECT, { 0 } },
		{ "<a =b>", NULL, "page.html:1: " EXPECT, { 0 } },
		{ "<a b<c>", NULL, "page.html:1: " EXPECT, { 0 } },
		{ "<a<b>", NULL, "page.html:1: a < in a tag", { 0 } },
		{ "<a b=c\"d>", NULL, "page.html:1: a quote, = or < in a value without quotes",
			{ 0 } },
		{ "\n<? x ?>", NULL, "page.html:2: this is no tag: write &lt; for a <", { 0 } },
		{ "</ x>", NULL, "page.html:1: this is no tag: write &lt; for a <", { 0 } },
		{ "<![CDATA[x]]>", NULL,
			"page.html:1: behind <! only a comment or the DOCTYPE may stand", { 0 } },
		{ "<!-x>", NULL, "page.html:1: behind <! only a comment or the DOCTYPE may stand",
			{ 0 } },
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

static void
elements_that_hold_no_markup(void **state)
{
	static const struct page pages[] = {
		{ "<script>\n{{x}}</script>", NULL, "page.html:2: {{x}}: a variable in <script>",
			{ 0 } },
		{ "<SCRIPT type=x>\"</\"{{xCss}}</SCRIPT>", NULL,
			"page.html:1: {{xCss}}: a variable in <script>", { 0 } },
		{ "<script src=x />{{x}}", NULL, "page.html:1: {{x}}: a variable in <script>",
			{ 0 } },
		{ "<script></scripts>{{x}}", NULL, "page.html:1: {{x}}: a variable in <script>",
			{ 0 } },
		{ "<script><!--<script></script>{{x}}", NULL, "page.html:1: <! in <script>",
			{ 0 } },
		{ "<style>\n\n{{site.theme}}</style>", NULL,
			"page.html:3: {{site.theme}}: in <style> a name must end in Css", { 0 } },
		{ "<style><{{xCss}}</style>", NULL,
			"page.html:1: {{xCss}}: a variable where it could end the element", { 0 } },
		{ "<title></{{x}}</title>", NULL,
			"page.html:1: {{x}}: a variable where it could end the element", { 0 } },
		{ "<title>a<b></title>", NULL, "page.html:1: a tag in an element that holds none",
			{ 0 } },
		{ "<svg><style><a href=\"{{x}}\">", NULL,
			"page.html:1: a tag in an element that holds none", { 0 } },
		{ "<xmp>{{x}}</xmp>", NULL,
			"page.html:1: {{x}}: a variable where it could end the element", { 0 } },
		{ "<plaintext>", NULL, "page.html:1: <plaintext> never ends", { 0 } },
		{ "<!-- a\n{{x}} -->", NULL,
			"page.html:2: {{x}}: a variable in an HTML comment: {{! }} leaves things out",
			{ 0 } },
		{ "<!--!>{{x}}-->", NULL,
			"page.html:1: {{x}}: a variable in an HTML comment: {{! }} leaves things out",
			{ 0 } },
		{ "<!-- -- > -!> {{x}}-->", NULL,
			"page.html:1: {{x}}: a variable in an HTML comment: {{! }} leaves things out",
			{ 0 } },
	};

	(void)state;
	assert_pages(pages, COUNT(pages), false);
}

static void
what_may_stand(void **state)
{
	static const struct page pages[] = {
		{ "<a class=\"a {{x}}\" href='{{b.cUrl}}?{{#p}}page={{dUrl}}{{/p}}' {{#x}}hidden{{/x}}>{{x}}</a>",
			"{\"x\":\"<\",\"b\":{\"cUrl\":\"/&\"},\"p\":1,\"dUrl\":2}",
			"<a class=\"a &lt;\" href='/&amp;?page=2' hidden>&lt;</a>", { 0 } },
		{ "<input{{> attributes}}>{{x}}", "{\"x\":1,\"r\":true,\"v\":\"\\\"\"}",
			"<input required value=\"&quot;\">1",
			{ "attributes.html",
				"{{#r}} required{{/r}}{{#m}} minlength=\"{{m}}\"{{/m}}{{#p}} "
				"pattern='{{p}}'{{/p}}{{#v}} value=\"{{v}}\"{{/v}}" } },
		{ "<title>{{x}} < 2 </b> &lt;</title><textarea>{{x}}</textarea>",
			"{\"x\":\"</title>\"}",
			"<title>&lt;/title&gt; < 2 </b> &lt;</title><textarea>&lt;/title&gt;</textarea>",
			{ 0 } },
		{ "<style>{{site.themeCss}} @media (1px < width) {}</style>{{x}}", "{\"x\":1}",
			"<style> @media (1px < width) {}</style>1", { 0 } },
		{ "<script src=\"{{xUrl}}\"></script ><script>if (a<b) '</'</script>{{x}}",
			"{\"x\":1}", "<script src=\"\"></script ><script>if (a<b) '</'</script>1",
			{ 0 } },
		{ "<!-- <a href=\" --> {{x}}<!-->{{x}}<!--->{{x}}<!-- -- > --!>{{x}}<!----><!-- --->{{x}}",
			"{\"x\":1}",
			"<!-- <a href=\" --> 1<!-->1<!--->1<!-- -- > --!>1<!----><!-- --->1",
			{ 0 } },
		{ "<!doctype html><meta name=description content=\"{{x}}\"><meta http-equiv=x content=y>"
		  "<p title=\"{{x}}\">1 < 2 <> <<b>{{x}}</b></p >",
			"{}",
			"<!doctype html><meta name=description content=\"\"><meta http-equiv=x content=y>"
			"<p title=\"\">1 < 2 <> <<b></b></p >",
			{ 0 } },
		{ "<p{{#a}} a{{/a}}{{#b}} b{{/b}}{{#c}} c=\"{{c}}\"{{/c}}{{#d}} d='{{d}}'{{/d}}>{{x}}",
			"{\"a\":1,\"d\":\"'\"}", "<p a d='&#39;'>", { 0 } },
		{ "<ul>{{#l}}<li{{#on}} class=\"on\"{{/on}}>{{> page}}</li>{{/l}}</ul>",
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
		cmocka_unit_test(elements_that_hold_no_markup),
		cmocka_unit_test(what_may_stand),
	};

	return cmocka_run_group_tests(tests, up, down);
}
