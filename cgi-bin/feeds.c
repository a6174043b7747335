/* SPDX-License-Identifier: ISC */
/* feeds: what readers of feeds and search engines ask for: Atom (RFC 4287), robots.txt (RFC 9309)
 * and maps of the site (sitemaps.org). */
#include "article.h"
#include "json.h"
#include "listing.h"
#include "profile.h"
#include "serve.h"
#include "text.h"
#include "xml.h"

#include <string.h>

enum {
	ENTRIES = 20,
	SECONDS = 300
};

static const struct field feed_in[] = {
	{ "tag", LINE, .null = true },
	{ "author", LINE, .null = true },
	{ 0 },
};
static const struct field map_in[] = {
	{ "n", INT, .min = 1, .max = 1000000, .need = true },
	{ 0 },
};

/* The text as the answer, with a tag that names its bytes; it may be kept for five minutes. */
static json_t *
answer(struct req *rq, const char *type, const char *text)
{
	struct http_bytes *b = mem_get(rq->mem, sizeof *b);
	uint8_t hash[32];
	char hex[2 * sizeof hash + 1];

	text_sha256(hash, text, strlen(text));
	text_hex(hex, hash, 16);
	*b = (struct http_bytes){ text, type, mem_print(rq->mem, "\"%s\"", hex), strlen(text) };
	rq->out.bytes = b;
	rq->out.cache = mem_print(rq->mem, "public, max-age=%d", SECONDS);
	return nothing(rq);
}

/* GET /feed.xml: the newest articles, of a tag or an author if one is named. */
static json_t *
feed(struct req *rq)
{
	const char *tag = row_text(rq->in, "tag"), *author = row_text(rq->in, "author");
	const char *what = "", *page = "/", *query = "";
	bool by_author = author != NULL;
	json_t *found;

	if (by_author) {
		json_t *profile = profile_get(rq->db, author, 0);

		if (profile == NULL)
			return NULL;
		what = author = row_text(profile, "username");
		page = mem_print(rq->mem, "/profile/%s", text_escape(rq->mem, author));
		query = mem_print(rq->mem, "?author=%s", text_escape(rq->mem, author));
	} else if (tag != NULL) {
		what = tag;
		page = mem_print(rq->mem, "/tag/%s", text_escape(rq->mem, tag));
		query = mem_print(rq->mem, "?tag=%s", text_escape(rq->mem, tag));
	}
	found = article_list(rq->db,
		mem_pack(rq->mem, "{s:s?, s:s?, s:i, s:i}", "author", author, "tag",
			by_author ? NULL : tag, "limit", ENTRIES, "offset", 0),
		0);
	if (found == NULL)
		return NULL;
	return answer(rq, "application/atom+xml; charset=utf-8",
		xml_atom(rq->mem, json_object_get(found, "articles"),
			mem_print(rq->mem, "%s%s%s", what, *what != '\0' ? " - " : "",
				rq->conf->site_name),
			listing_site(rq), page, mem_print(rq->mem, "/feed.xml%s", query)));
}

/* GET /robots.txt */
static json_t *
robots(struct req *rq)
{
	return answer(rq, "text/plain; charset=utf-8",
		mem_print(rq->mem,
			"User-agent: *\nDisallow: /admin/\nDisallow: /api/\nDisallow: /editor\n"
			"Disallow: /login\nDisallow: /register\nDisallow: /settings\n\n"
			"Sitemap: %s/sitemap.xml\n",
			listing_site(rq)));
}

/* GET /sitemap.xml: which maps there are. */
static json_t *
maps(struct req *rq)
{
	long n = rq->conf->features[FEATURE_ARTICLES] ? article_maps(rq->db) : 0;

	return answer(rq, "application/xml; charset=utf-8", xml_maps(rq->mem, listing_site(rq), n));
}

/* GET /sitemap/:n.xml */
static json_t *
map(struct req *rq)
{
	json_t *articles = article_map(rq->db, (long)row_number(rq->in, "n"));

	if (articles == NULL)
		return NULL;
	return answer(
		rq, "application/xml; charset=utf-8", xml_map(rq->mem, listing_site(rq), articles));
}

#define ARTICLES NULL, FEATURE_ARTICLES

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html feature */
	{ GET, NULL, "/feed.xml", OPEN, NULL, feed_in, NULL, feed, 200, ARTICLES },
	{ GET, NULL, "/robots.txt", OPEN, NULL, NULL, NULL, robots, 200, NULL },
	{ GET, NULL, "/sitemap.xml", OPEN, NULL, NULL, NULL, maps, 200, NULL },
	{ GET, NULL, "/sitemap/:n.xml", OPEN, NULL, map_in, NULL, map, 200, ARTICLES },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(
		argc, argv, &(struct program){ "feeds", "content", routes, .pages = &page_steps });
}
