/* SPDX-License-Identifier: ISC */
/* xml: feeds and maps, and that no text breaks out of them. */
#include "xml.h"

#include "arena.h"

#include <string.h>

#define HEAD  "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
#define ATOM  HEAD "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n"
#define MAPS  "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
#define SITE  "https://a.example"
#define EARLY "2026-01-02T03:04:05.678Z"
#define LATE  "2026-02-01T00:00:00.001Z"

static json_t *
article(const char *slug, const char *title, const char *updated)
{
	return json_pack("{s:s, s:s, s:s, s:[s, s], s:s, s:s, s:{s:s}}", "slug", slug, "title",
		title, "description", "About it", "tagList", "oak", "<i>\"", "createdAt", EARLY,
		"updatedAt", updated, "author", "username", "ada");
}

#define ENTRY(title, updated)                                                                      \
	"<entry>\n<title>" title "</title>\n<id>" SITE "/article/one</id>\n"                       \
	"<link rel=\"alternate\" type=\"text/html\" href=\"" SITE "/article/one\"/>\n"             \
	"<published>" EARLY "</published>\n<updated>" updated "</updated>\n"                       \
	"<author><name>ada</name>\n</author>\n<summary>About it</summary>\n"                       \
	"<category term=\"oak\"/>\n<category term=\"&lt;i&gt;&quot;\"/>\n</entry>\n"

static void
atom(void **state)
{
	json_t *list = mem_json(m, json_array());

	(void)state;
	json_array_append_new(list, article("one", "The weir", LATE));
	json_array_append_new(list, article("one", "The weir", EARLY));
	assert_string_equal(xml_atom(m, list, "ada - Club", SITE, "/profile/ada", "/feed.xml?a&b"),
		ATOM "<title>ada - Club</title>\n<id>" SITE "/feed.xml?a&amp;b</id>\n"
		     "<updated>" LATE "</updated>\n"
		     "<link rel=\"self\" type=\"application/atom+xml\" href=\"" SITE
		     "/feed.xml?a&amp;b\"/>\n"
		     "<link rel=\"alternate\" type=\"text/html\" href=\"" SITE
		     "/profile/ada\"/>\n" ENTRY("The weir", LATE)
			     ENTRY("The weir", EARLY) "</feed>\n");
}

/* RFC 4287 wants a date also of a feed of nothing. */
static void
empty_feed(void **state)
{
	const char *feed = xml_atom(m, mem_json(m, json_array()), "Club", SITE, "/", "/feed.xml");

	(void)state;
	assert_non_null(strstr(feed, "<updated>1970-01-01T00:00:00Z</updated>"));
	assert_null(strstr(feed, "<entry>"));
}

static void
X3_texts_stay_texts(void **state)
{
	static const struct {
		const char *text, *xml;
	} rows[] = {
		{ "<b>&\"'", "&lt;b&gt;&amp;&quot;'" },
		{ "]]> <!-- <![CDATA[ <?x", "]]&gt; &lt;!-- &lt;![CDATA[ &lt;?x" },
		{ "&amp;", "&amp;amp;" },
		{ "a\001\010\013\014\r\033b\tc\nd", "ab\tc\nd" },
		{ "\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80" },
		{ "", "" },
		{ "\xef\xbf\xbe\xef\xbf\xbfx", "x" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *list = mem_json(m, json_array());
		const char *feed;

		json_array_append_new(list, article("one", rows[i].text, LATE));
		feed = xml_atom(m, list, rows[i].text, SITE, "/", "/feed.xml");
		assert_non_null(strstr(
			feed, mem_print(m, "<entry>\n<title>%s</title>\n<id>", rows[i].xml)));
		assert_non_null(
			strstr(feed, mem_print(m, "/Atom\">\n<title>%s</title>", rows[i].xml)));
	}
}

static void
maps(void **state)
{
	json_t *list = mem_json(m, json_array());

	(void)state;
	assert_string_equal(xml_maps(m, SITE, 0), HEAD "<sitemapindex " MAPS "</sitemapindex>\n");
	assert_string_equal(xml_maps(m, SITE, 2),
		HEAD "<sitemapindex " MAPS "<sitemap><loc>" SITE
		     "/sitemap/1.xml</loc>\n</sitemap>\n"
		     "<sitemap><loc>" SITE "/sitemap/2.xml</loc>\n</sitemap>\n</sitemapindex>\n");
	assert_string_equal(xml_map(m, SITE, list), HEAD "<urlset " MAPS "</urlset>\n");
	json_array_append_new(list, article("a b&c", "x", LATE));
	assert_string_equal(xml_map(m, SITE, list),
		HEAD "<urlset " MAPS "<url><loc>" SITE "/article/a%20b%26c</loc>\n<lastmod>" LATE
		     "</lastmod>\n</url>\n</urlset>\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(atom),
		cmocka_unit_test(empty_feed),
		cmocka_unit_test(X3_texts_stay_texts),
		cmocka_unit_test(maps),
	};

	return cmocka_run_group_tests(tests, up, down);
}
