/* SPDX-License-Identifier: ISC */
/*
 * tag: what articles are found by. Owns the tables `tags` and `article_tags`: a tag counts its
 * articles, and goes with the last of them. Rows are taken in the order of names, so that two who
 * change many wait for each other only one way.
 */
#include "tag.h"

#include "json.h"

#include <string.h>

#define NAMES(names)                                                                               \
	" JSON_TABLE(:" names ", '$[*]' COLUMNS (name VARCHAR(60) CHARACTER SET utf8mb4"           \
	" COLLATE utf8mb4_nopad_bin PATH '$')) n"

/* Of rows of names. */
static json_t *
names_of(struct db *db, json_t *rows)
{
	json_t *names = mem_json(db_mem(db), json_array()), *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		json_array_append(names, json_object_get(row, "name"));
	}
	return names;
}

json_t *
tag_list(struct db *db)
{
	return names_of(db,
		db_rows(db,
			"SELECT name FROM (SELECT name FROM tags ORDER BY used_at DESC, id DESC"
			" LIMIT :limit) t ORDER BY name",
			mem_pack(db_mem(db), "{s:i}", "limit", TAGS_SHOWN)));
}

json_t *
tag_latest(struct db *db, long limit)
{
	return names_of(db,
		db_rows(db, "SELECT name FROM tags ORDER BY used_at DESC, id DESC LIMIT :limit",
			mem_pack(db_mem(db), "{s:I}", "limit", (json_int_t)limit)));
}

const char *
tag_lines(struct db *db, json_t *names)
{
	const char *lines = "";
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
	{
		lines = mem_print(
			db_mem(db), "%s%s%s", lines, i > 0 ? "\n" : "", json_string_value(name));
	}
	return lines;
}

/* Of two sorted lists: `all`, each name once; `added`, those that only `to` has; `removed`, those
 * that only `from` has. */
struct difference {
	json_t *all, *added, *removed;
};

static struct difference
compare(struct mem *m, json_t *from, json_t *to)
{
	struct difference d = { mem_json(m, json_array()), mem_json(m, json_array()),
		mem_json(m, json_array()) };
	size_t i = 0, j = 0;

	while (i < json_array_size(from) || j < json_array_size(to)) {
		json_t *old = json_array_get(from, i), *new = json_array_get(to, j);
		int order = old == NULL ? 1
			: new == NULL   ? -1
					: strcmp(json_string_value(old), json_string_value(new));

		json_array_append(d.all, order <= 0 ? old : new);
		if (order < 0)
			json_array_append(d.removed, old);
		if (order > 0)
			json_array_append(d.added, new);
		i += order <= 0;
		j += order >= 0;
	}
	return d;
}

/* One statement a tag: many rows of one would lock the counter of the table's ids, against those
 * who wait for one of these rows. */
static void
add(struct db *db, json_t *names, json_t *args)
{
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
	{
		db_run(db,
			"INSERT INTO tags (name, articles_count, used_at) VALUES (:name, 1, NOW(3))"
			" ON DUPLICATE KEY UPDATE articles_count = articles_count + 1,"
			" used_at = NOW(3)",
			mem_pack(db_mem(db), "{s:O}", "name", name));
	}
	db_run(db,
		"INSERT INTO article_tags (tag_id, article_created_at, article_id)"
		" SELECT t.id, a.created_at, a.id FROM" NAMES(
			"added") " STRAIGHT_JOIN tags t ON t.name = n.name"
				 " STRAIGHT_JOIN articles a ON a.id = :article",
		args);
}

static void
take_away(struct db *db, json_t *args)
{
	db_run(db,
		"UPDATE" NAMES("removed") " STRAIGHT_JOIN tags t ON t.name = n.name"
					  " SET t.articles_count = t.articles_count - 1",
		args);
	db_run(db,
		"DELETE x FROM" NAMES(
			"removed") " STRAIGHT_JOIN tags t ON t.name = n.name STRAIGHT_JOIN article_tags x"
				   " ON x.article_id = :article AND x.tag_id = t.id",
		args);
	db_run(db,
		"DELETE t FROM" NAMES("removed") " STRAIGHT_JOIN tags t ON t.name = n.name"
						 " WHERE t.articles_count = 0",
		args);
}

void
tag_set(struct db *db, int64_t article, json_t *before, json_t *names)
{
	struct mem *m = db_mem(db);
	struct difference d = compare(m, before, names);
	size_t length;
	json_t *args = mem_pack(m, "{s:I, s:s, s:s, s:s}", "article", (json_int_t)article, "all",
		json_text(m, d.all, &length), "added", json_text(m, d.added, &length), "removed",
		json_text(m, d.removed, &length));

	if (json_array_size(d.removed) > 0)
		db_rows(db,
			"SELECT t.id FROM" NAMES(
				"all") " STRAIGHT_JOIN tags t ON t.name = n.name FOR"
				       " UPDATE",
			args);
	if (json_array_size(d.added) > 0)
		add(db, d.added, args);
	if (json_array_size(d.removed) > 0)
		take_away(db, args);
}
