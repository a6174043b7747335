/* SPDX-License-Identifier: ISC */
/* listing: articles on pages of ten, with their pager, and what such a page says of itself. */
#include "listing.h"

#include "article.h"
#include "json.h"
#include "pager.h"
#include "text.h"

#include <string.h>
#include <strings.h>

json_t *
listing(struct req *rq, const char *path, json_t *filters, bool feed)
{
	const char *url =
		mem_print(rq->mem, "%s%spage=", path, strchr(path, '?') != NULL ? "&" : "?");
	long page = (long)row_number(rq->in, "page"), pages;
	int64_t me = rq->me != NULL ? rq->me->id : 0;
	json_t *in, *found, *links;

	page = page > 0 ? page : 1;
	in = db_args(rq->db, filters, "{s:i, s:I}", "limit", LISTING_SIZE, "offset",
		(json_int_t)(page - 1) * LISTING_SIZE);
	found = feed ? article_feed(rq->db, in, me) : article_list(rq->db, in, me);
	if (found == NULL)
		return NULL;
	pages = (long)((row_number(found, "articlesCount") + LISTING_SIZE - 1) / LISTING_SIZE);
	links = pager(rq->mem, url, page, pages < LISTING_PAGES ? pages : LISTING_PAGES);
	if (links != NULL)
		json_object_set(found, "pager", links);
	json_object_set_new(found, "here",
		json_string(page > 1 ? mem_print(rq->mem, "%s%ld", url, page) : path));
	return found;
}

const char *
listing_site(struct req *rq)
{
	const char *urls = rq->conf->site_urls;

	return mem_copy(rq->mem, urls, strcspn(urls, " "));
}

json_t *
listing_meta(struct req *rq, const char *path, const char *title, const char *text,
	const char *type, const char *picture, const char *feed)
{
	const char *site = listing_site(rq);
	bool https = picture != NULL && strncasecmp(picture, "https://", 8) == 0;
	bool here = picture != NULL && picture[0] == '/' && picture[1] != '/';

	if (!https && !here)
		picture = "/static/apple-touch-icon.png";
	return mem_pack(rq->mem, "{s:s, s:s?, s:s, s:s, s:s, s:s?}", "title", title, "text",
		text != NULL && *text != '\0' ? text : NULL, "type", type, "canonicalUrl",
		mem_print(rq->mem, "%s%s", site, path), "pictureUrl",
		text_url(rq->mem, mem_print(rq->mem, "%s%s", https ? "" : site, picture)),
		"feedUrl", feed);
}
