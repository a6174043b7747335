/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"
#include "event.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Articles. As they are answered: {slug, title, description, tagList, createdAt, updatedAt,
 * favorited, favoritesCount, author: {username, bio, image, following}}; one alone has its body
 * too. `me` is who asks, or 0 for anybody. What changes something wants a unit of work with a
 * transaction that reads what is committed by now (struct program), for counts are kept by it.
 */

/* How an article is written: by whom, and whether pictures of other sites may stand in it. */
struct writer {
	int64_t id;
	bool images;
};

/* One article, or NULL with ERR_NOT_FOUND noted. */
json_t *article_get(struct db *db, const char *slug, int64_t me);

/* The same with `bodyHtml`, for its page. */
json_t *article_show(struct db *db, const char *slug, int64_t me);

/*
 * {articles: [without body], articlesCount: of all that fit}, newest first. `in` holds limit and
 * offset; if it has them, tag, author and favorited (a username): an article must fit all.
 */
json_t *article_list(struct db *db, json_t *in, int64_t me);

/* The same of those whom `me` follows. */
json_t *article_feed(struct db *db, json_t *in, int64_t me);

/* All articles in pieces, for maps of the site: how many pieces there are, and the articles of the
 * n-th as [{slug, updatedAt}]. What was written once stays in its piece. */
long article_maps(struct db *db);
json_t *article_map(struct db *db, long n);

/* A new article from {title, description, body, tagList}. Its slug is never one that is there. */
json_t *article_add(struct db *db, json_t *in, const struct writer *by);

/*
 * Change what `in` holds of title, description, body and tagList. `tags` are those of If-Match: ""
 * if any state will do, else ERR_CHANGED is noted when the article is not as one of them says. NULL
 * with that, ERR_NOT_FOUND or ERR_FORBIDDEN noted.
 */
json_t *article_change(
	struct db *db, const char *slug, json_t *in, const struct writer *by, const char *tags);

/* Remove an article, by its author or (`admin`) anybody; with an event. False with ERR_NOT_FOUND or
 * ERR_FORBIDDEN noted. */
bool
article_remove(struct db *db, const char *slug, int64_t me, bool admin, const struct origin *from);

/* Let it be a favourite of `me`, or not; it may have been before. The article, or NULL. */
json_t *article_favor(struct db *db, const char *slug, int64_t me, bool yes);

/* The article of this slug, held until the end of the unit: {id, author, title, slug, updatedAt,
 * tagList}; NULL with ERR_NOT_FOUND noted. */
json_t *article_hold(struct db *db, const char *slug);

/*
 * The end of an account: remove the articles of a member, and take back what was counted of theirs
 * and of their favourites. To be called before the member is removed, who takes the rest along.
 */
void article_leave(struct db *db, int64_t user);

/* What a member has written and chosen, as a copy for the member: {articles, comments, favorites,
 * following}, oldest first. */
json_t *article_copy(struct db *db, int64_t user);

/*
 * Make the HTML anew of texts behind the id `after` that were not made by this renderer, a hundred
 * at most: *n of them. Returns the last id, to go on from; 0 if that was all, or on error.
 */
int64_t article_render(struct db *db, bool images, int64_t after, long *n);
