/* SPDX-License-Identifier: ISC */
#pragma once

#include "route.h"

/* What the pages of several programs say of articles. */

enum {
	LISTING_SIZE = 10,    /* articles of a page */
	LISTING_PAGES = 10001 /* the API goes no deeper either */
};

/* The number of the page, for the input of a row that shows a listing. */
#define LISTING_PAGE                                                                               \
	{                                                                                          \
		"page", INT, .min = 1, .max = LISTING_PAGES, .clamp = true, .null = true           \
	}

/*
 * One page of articles: {articles, articlesCount, here: its address; pager, if there are more}.
 * `path` is the address of the first page, without a query or with one. `filters` (or NULL) may
 * hold tag, author and favorited; with `feed`, those whom the viewer follows.
 */
json_t *listing(struct req *rq, const char *path, json_t *filters, bool feed);

/* The address of the site, without a slash at its end. */
const char *listing_site(struct req *rq);

/*
 * What a page tells of itself to those who link to it, for templates/layout.html: {title, text,
 * type, canonicalUrl, pictureUrl, feedUrl}. `feed` (or NULL) is the address of its feed; `picture`
 * (or NULL) that of a picture.
 */
json_t *listing_meta(struct req *rq, const char *path, const char *title, const char *text,
	const char *type, const char *picture, const char *feed);
