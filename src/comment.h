/* SPDX-License-Identifier: ISC */
#pragma once

#include "article.h"

/* Comments on articles: {id, createdAt, updatedAt, body, author}. `me` is who asks, or 0. */

/* All of an article, oldest first; NULL with ERR_NOT_FOUND noted, under `article`. */
json_t *comment_list(struct db *db, const char *slug, int64_t me);

/* The newest of an article, as `limit` and `offset` in `in` say, each with `bodyHtml`, for a page;
 * oldest first. */
json_t *comment_show(struct db *db, const char *slug, json_t *in, int64_t me);

/* So many of all articles, newest first, each with `bodyHtml` and its `article`: {slug, title}. */
json_t *comment_newest(struct db *db, json_t *in, int64_t me);

/* A new one; NULL with ERR_NOT_FOUND noted, under `article`. */
json_t *comment_add(struct db *db, const char *slug, const char *body, const struct writer *by);

/*
 * Remove one, by its author, by that of the article, or (`admin`) by anybody; with an event. False
 * with ERR_NOT_FOUND (under `article` or `comment`) or ERR_FORBIDDEN noted.
 */
bool comment_remove(struct db *db, const char *slug, int64_t id, int64_t me, bool admin,
	const struct origin *from);

/* Make HTML anew, as article_render. */
int64_t comment_render(struct db *db, bool images, int64_t after, long *n);
