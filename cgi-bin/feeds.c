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

static const struct field tag_in[] = { { "tag", LINE, .need = true }, { 0 } };
static const struct field author_in[] = { { "username", LINE, .need = true }, { 0 } };
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

/* The newest articles that fit, as a feed of this title, whose page is at `path`. */
static json_t *
feed(struct req *rq, json_t *filters, const char *title, const char *path)
{
	json_t *found = article_list(
		rq->db, db_args(rq->db, filters, "{s:i, s:i}", "limit", ENTRIES, "offset", 0), 0);

	if (found == NULL)
		return NULL;
	return answer(rq, "application/atom+xml; charset=utf-8",
		xml_atom(rq->mem, json_object_get(found, "articles"), title, listing_site(rq),
			path));
}

/* GET /feed.xml */
static json_t *
all(struct req *rq)
{
	return feed(rq, NULL, rq->conf->site_name, "/");
}

/* GET /tag/:tag/feed.xml */
static json_t *
tagged(struct req *rq)
{
	const char *tag = row_text(rq->in, "tag");

	return feed(rq, mem_pack(rq->mem, "{s:s}", "tag", tag),
		mem_print(rq->mem, "%s - %s", tag, rq->conf->site_name),
		mem_print(rq->mem, "/tag/%s/", text_escape(rq->mem, tag)));
}

/* GET /profile/:username/feed.xml */
static json_t *
by(struct req *rq)
{
	json_t *author = profile_get(rq->db, row_text(rq->in, "username"), 0);
	const char *name = row_text(author, "username");

	if (author == NULL)
		return NULL;
	return feed(rq, mem_pack(rq->mem, "{s:s}", "author", name),
		mem_print(rq->mem, "%s - %s", name, rq->conf->site_name),
		mem_print(rq->mem, "/profile/%s/", text_escape(rq->mem, name)));
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
	{ GET, NULL, "/feed.xml", OPEN, NULL, NULL, NULL, all, 200, ARTICLES },
	{ GET, NULL, "/tag/:tag/feed.xml", OPEN, NULL, tag_in, NULL, tagged, 200, ARTICLES },
	{ GET, NULL, "/profile/:username/feed.xml", OPEN, NULL, author_in, NULL, by, 200,
		ARTICLES },
	{ GET, NULL, "/robots.txt", OPEN, NULL, NULL, NULL, robots, 200, NULL },
	{ GET, NULL, "/sitemap.xml", OPEN, NULL, NULL, NULL, maps, 200, NULL },
	{ GET, NULL, "/sitemap/:n.xml", OPEN, NULL, map_in, NULL, map, 200, ARTICLES },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv, &(struct program){ "feeds", "content", routes });
}
