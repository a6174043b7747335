/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"
#include "profile.h"

/*
 * What article.c and article_list.c both say of an article a of user u, to :me; and where that
 * stands, behind the tables a and u. For everybody who is not logged in :me is 0, so that one
 * answer of the server's query cache does for all of them.
 */
#define ARTICLE_MEMBERS                                                                            \
	"a.slug, a.title, a.description, a.tag_lines AS `tagList[]`, a.created_at AS createdAt,"   \
	" a.updated_at AS updatedAt, f.user_id IS NOT NULL AS favorited,"                          \
	" a.favorites_count AS favoritesCount, " PROFILE_AUTHOR
#define ARTICLE_READER                                                                             \
	PROFILE_READER " LEFT JOIN favorites f ON f.user_id = :me"                                 \
		       " AND f.article_created_at = a.created_at AND f.article_id = a.id"

/* {articles: those of the ids [{id}], in this order; articlesCount: n}. */
json_t *article_rows(struct db *db, json_t *ids, int64_t n, int64_t me);
