/* SPDX-License-Identifier: ISC */
/* listing: what a page says of itself to those who link to it. Its lists want a database: the web
 * tests see to them. */
#include "listing.h"

#include "arena.h"
#include "json.h"

#include <string.h>

static struct req
at(const char *urls)
{
	static struct conf conf;

	conf = (struct conf){ .site_urls = urls };
	return (struct req){ .mem = m, .conf = &conf };
}

/* The first of the addresses is the one that counts. */
static void
site(void **state)
{
	struct req rq = at("https://a.example");

	(void)state;
	assert_string_equal(listing_site(&rq), "https://a.example");
	rq = at("https://b.example http://10.0.0.1:8080");
	assert_string_equal(listing_site(&rq), "https://b.example");
}

static void
meta(void **state)
{
	struct req rq = at("https://b.example http://10.0.0.1:8080");
	json_t *said =
		listing_meta(&rq, "/tag/a%20b", "a b", "About", "website", NULL, "/feed.xml");

	(void)state;
	assert_string_equal(row_text(said, "canonicalUrl"), "https://b.example/tag/a%20b");
	assert_string_equal(row_text(said, "title"), "a b");
	assert_string_equal(row_text(said, "text"), "About");
	assert_string_equal(row_text(said, "type"), "website");
	assert_string_equal(row_text(said, "feedUrl"), "/feed.xml");
	said = listing_meta(&rq, "/", "x", "", "website", NULL, NULL);
	assert_null(row_text(said, "text"));
	assert_null(row_text(said, "feedUrl"));
	said = listing_meta(&rq, "/", "x", NULL, "website", NULL, NULL);
	assert_null(row_text(said, "text"));
}

/* A picture of the site's own, or by https; for all else there is one of every site. */
static void
pictures(void **state)
{
	static const struct {
		const char *picture, *url;
	} rows[] = {
		{ NULL, "https://b.example/static/apple-touch-icon.png" },
		{ "", "https://b.example/static/apple-touch-icon.png" },
		{ "/pictures/p.webp", "https://b.example/pictures/p.webp" },
		{ "https://x.example/p.png", "https://x.example/p.png" },
		{ "HTTPS://x.example/p.png", "HTTPS://x.example/p.png" },
		{ "http://x.example/p.png", "https://b.example/static/apple-touch-icon.png" },
		{ "//x.example/p.png", "https://b.example/static/apple-touch-icon.png" },
		{ "javascript:x", "https://b.example/static/apple-touch-icon.png" },
		{ "p.png", "https://b.example/static/apple-touch-icon.png" },
		{ "/p\"><script>", "https://b.example/p%22%3E%3Cscript%3E" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct req rq = at("https://b.example");
		json_t *said = listing_meta(&rq, "/", "x", NULL, "x", rows[i].picture, NULL);

		assert_string_equal(row_text(said, "pictureUrl"), rows[i].url);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(site),
		cmocka_unit_test(meta),
		cmocka_unit_test(pictures),
	};

	return cmocka_run_group_tests(tests, up, down);
}
