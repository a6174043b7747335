/* SPDX-License-Identifier: ISC */
#pragma once

#include "mem.h"

#include <jansson.h>

/* Documents in XML, in `m`. `site` is the address of the site, without a slash at its end. */

/* A feed (RFC 4287) of articles as article_list has them: `page` and `self` are the paths of what
 * people read instead, and of the feed itself. */
const char *xml_atom(struct mem *m, json_t *articles, const char *title, const char *site,
	const char *page, const char *self);

/* Of the maps of a site (sitemaps.org) the one that names the `n` others: /sitemap/1.xml, … */
const char *xml_maps(struct mem *m, const char *site, long n);

/* One of them: articles [{slug, updatedAt}]. */
const char *xml_map(struct mem *m, const char *site, json_t *articles);
