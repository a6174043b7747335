/* SPDX-License-Identifier: ISC */
/*
 * article_seen: what one reader sees of articles, beside what all see alike. Owns the answer's
 * `author` and `favorited`. What all see is asked for by itself, so that one answer of the server's
 * query cache does for everybody; who wrote it stands in `users`, of which content may read single
 * columns and so gets nothing from that cache.
 */
#include "article_parts.h"

#include "json.h"

/* Of one article. */
static json_t *
seen_of(struct db *db, json_t *row, int64_t me)
{
	json_t *args = db_args(db, NULL, "{s:O, s:O, s:I}", "id", json_object_get(row, "id"),
		"author", json_object_get(row, "authorId"), "me", (json_int_t)me);

	if (me == 0)
		return db_rows(db,
			"SELECT 1 = 0 AS favorited, " PROFILE_TO_ANYBODY
			" FROM users u WHERE u.id = :author",
			args);
	return db_rows(db,
		"SELECT f.user_id IS NOT NULL AS favorited, " PROFILE_AUTHOR
		" FROM users u" PROFILE_READER " LEFT JOIN favorites f ON f.article_id = :id"
		" AND f.user_id = :me WHERE u.id = :author",
		args);
}

#define EACH                                                                                       \
	" FROM JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$[0]',"                  \
	" author BIGINT UNSIGNED PATH '$[1]')) p STRAIGHT_JOIN users u ON u.id = p.author"

static json_t *
seen_of_each(struct db *db, json_t *rows, int64_t me)
{
	json_t *ids = mem_json(db_mem(db), json_array()), *row, *args;
	size_t i, length;

	json_array_foreach(rows, i, row)
	{
		json_array_append_new(ids,
			json_pack("[O, O]", json_object_get(row, "id"),
				json_object_get(row, "authorId")));
	}
	args = db_args(db, NULL, "{s:s, s:I}", "rows", json_text(db_mem(db), ids, &length), "me",
		(json_int_t)me);
	if (me == 0)
		return db_rows(
			db, "SELECT p.id, 1 = 0 AS favorited, " PROFILE_TO_ANYBODY EACH, args);
	return db_rows(db,
		"SELECT p.id, f.user_id IS NOT NULL AS favorited, " PROFILE_AUTHOR EACH
			PROFILE_READER " LEFT JOIN favorites f ON f.article_id = p.id"
		" AND f.user_id = :me",
		args);
}

json_t *
article_seen(struct db *db, json_t *rows, int64_t me)
{
	size_t n = json_array_size(rows), found = 0;
	json_t *seen, *all = mem_json(db_mem(db), json_array()), *row;

	if (n == 0)
		return rows;
	seen = n == 1 ? seen_of(db, json_array_get(rows, 0), me) : seen_of_each(db, rows, me);
	for (size_t i = 0; i < n; i++) {
		row = json_array_get(rows, i);
		for (size_t j = 0; j < json_array_size(seen); j++) { /* they come in order */
			json_t *more = json_array_get(seen, (found + j) % json_array_size(seen));

			if (n > 1 && row_id(more) != row_id(row))
				continue;
			json_object_update_missing(row, more);
			json_object_del(row, "id");
			json_object_del(row, "authorId");
			json_array_append(all, row); /* unless its author has just left */
			found++;
			break;
		}
	}
	return all;
}
