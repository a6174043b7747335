/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"
#include "profile.h"

/* What all readers see of an article a; and for article_seen, which takes them away, its id and its
 * author's. */
#define ARTICLE_MEMBERS                                                                            \
	"a.id, a.author_id AS authorId, a.slug, a.title, a.description,"                           \
	" a.tag_lines AS `tagList[]`, a.created_at AS createdAt, a.updated_at AS updatedAt,"       \
	" a.favorites_count AS favoritesCount"

/* These rows of ARTICLE_MEMBERS with `author` and `favorited`, as `me` (0 = anybody) sees them. */
json_t *article_seen(struct db *db, json_t *rows, int64_t me);

/* {articles: those of the ids [{id}], in this order; articlesCount: n}. */
json_t *article_rows(struct db *db, json_t *ids, int64_t n, int64_t me);
