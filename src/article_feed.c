/* SPDX-License-Identifier: ISC */
/*
 * article_feed: the newest articles of those whom somebody follows. Owns how they are found without
 * a look at all that was ever written: the newest k are among the newest k of the k who wrote last.
 */
#include "article.h"

#include "article_parts.h"
#include "json.h"

/* The :k followed members who wrote last. */
#define LATEST                                                                                     \
	"(SELECT t.user_id, t.last_at FROM follows f JOIN writers t ON t.user_id = f.followed_id"  \
	" WHERE f.follower_id = :me AND t.last_at IS NOT NULL"                                     \
	" ORDER BY t.last_at DESC, t.last_id DESC LIMIT :k) w"

/* {n: how many articles there are in all; since: a date after which there are k at least, or null}
 */
static json_t *
look_up(struct db *db, json_t *args)
{
	return db_row(db,
		"SELECT (SELECT COALESCE(SUM(t.articles_count), 0) FROM follows f"
		" JOIN writers t ON t.user_id = f.followed_id WHERE f.follower_id = :me) AS n,"
		" CAST(GREATEST(IF(COUNT(*) < :k, '1000-01-01', MIN(w.last_at)),"
		" COALESCE(MAX((SELECT b.created_at FROM articles b WHERE b.author_id = w.user_id"
		" ORDER BY b.created_at DESC, b.id DESC LIMIT 1 OFFSET :last)), '1000-01-01'))"
		" AS CHAR) AS since FROM " LATEST,
		args);
}

json_t *
article_feed(struct db *db, json_t *in, int64_t me)
{
	json_int_t limit = row_number(in, "limit"), offset = row_number(in, "offset");
	json_t *args = mem_pack(db_mem(db), "{s:I, s:I, s:I, s:I, s:I}", "me", (json_int_t)me,
		"limit", limit, "offset", offset, "k", limit + offset, "last", limit + offset - 1);
	json_t *found = look_up(db, args), *ids = mem_json(db_mem(db), json_array());
	int64_t n = row_number(found, "n");

	if (offset < n)
		ids = db_rows(db,
			"SELECT x.id FROM " LATEST
			" JOIN articles x ON x.author_id = w.user_id AND x.created_at >= :since"
			" ORDER BY x.created_at DESC, x.id DESC LIMIT :limit OFFSET :offset",
			db_args(db, args, "{s:s?}", "since", row_text(found, "since")));
	return article_rows(db, ids, n, me);
}
