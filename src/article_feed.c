/* SPDX-License-Identifier: ISC */
/*
 * article_feed: the newest articles of those whom somebody follows. Owns how they are found without
 * a look at all that was ever written: the newest k are among the newest k of the k who wrote last.
 */
#include "article.h"

#include "article_parts.h"
#include "json.h"

#include <stdio.h>
#include <string.h>

enum {
	WRITERS = 24 /* that of_few names one by one; look_up tells of one more */
};

/* The :k followed members who wrote last; n: how many articles all that are followed have. */
#define LATEST                                                                                     \
	"(SELECT t.user_id, t.last_at, SUM(t.articles_count) OVER () AS n FROM follows f"          \
	" JOIN writers t ON t.user_id = f.followed_id"                                             \
	" WHERE f.follower_id = :me AND t.last_at IS NOT NULL"                                     \
	" ORDER BY t.last_at DESC, t.last_id DESC LIMIT :k) w"

#define NEWEST                                                                                     \
	" x.created_at >= :since ORDER BY x.created_at DESC, x.id DESC LIMIT :limit OFFSET :offset"

/*
 * {n; since: a date after which there are k articles at least: when the last of the k wrote, or
 * somebody's k-th was written; writers: those who wrote last, as JSON: [{id, at}]}
 */
static json_t *
look_up(struct db *db, json_t *args)
{
	return db_row(db,
		"SELECT MAX(w.n) AS n, JSON_ARRAYAGG(JSON_OBJECT('id', w.user_id, 'at',"
		" CAST(w.last_at AS CHAR)) ORDER BY w.last_at DESC LIMIT 25) AS writers,"
		" CAST(GREATEST(IF(COUNT(*) < :k, '1000-01-01', MIN(w.last_at)),"
		" COALESCE(MAX((SELECT b.created_at FROM articles b WHERE b.author_id = w.user_id"
		" ORDER BY b.created_at DESC, b.id DESC LIMIT 1 OFFSET :last)), '1000-01-01'))"
		" AS CHAR) AS since FROM " LATEST,
		args);
}

/* Put those of the writers who wrote since then into `args`, as :w0 and so on. False if there may
 * be more of them than that. */
static bool
name_writers(json_t *writers, const char *since, json_t *args)
{
	char name[8];

	for (size_t i = 0; i <= WRITERS; i++) {
		json_t *writer = json_array_get(writers, i);
		bool wrote = writer != NULL && strcmp(row_text(writer, "at"), since) >= 0;

		if (i == WRITERS)
			return !wrote;
		snprintf(name, sizeof name, "w%zu", i);
		json_object_set_new(args, name, json_integer(wrote ? row_id(writer) : 0));
	}
	return false;
}

/* The ids of the page: for each writer the server goes straight to what is new enough. */
static json_t *
of_few(struct db *db, json_t *args)
{
	return db_rows(db,
		"SELECT x.id FROM articles x WHERE x.author_id IN (:w0, :w1, :w2, :w3, :w4, :w5, :w6,"
		" :w7, :w8, :w9, :w10, :w11, :w12, :w13, :w14, :w15, :w16, :w17, :w18, :w19, :w20,"
		" :w21, :w22, :w23) AND" NEWEST,
		args);
}

/* The same of any number of writers, through all that they wrote: for pages further down. */
static json_t *
of_many(struct db *db, json_t *args)
{
	return db_rows(db,
		"SELECT x.id FROM " LATEST " JOIN articles x ON x.author_id = w.user_id AND" NEWEST,
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

	if (offset < n) {
		const char *since = row_text(found, "since");
		json_t *writers =
			mem_json(db_mem(db), json_loads(row_text(found, "writers"), 0, NULL));

		args = db_args(db, args, "{s:s}", "since", since);
		ids = name_writers(writers, since, args) ? of_few(db, args) : of_many(db, args);
	}
	return article_rows(db, ids, n, me);
}
