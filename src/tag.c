/* SPDX-License-Identifier: ISC */
/*
 * tag: what articles are found by. Owns the tables `tags` and `article_tags`: a tag counts its
 * articles, and goes with the last of them. Rows are taken in the order of names, so that two who
 * change many wait for each other only one way.
 */
#include "tag.h"

#include "json.h"

#include <string.h>

#define NAMES                                                                                      \
	" JSON_TABLE(:names, '$[*]' COLUMNS (name VARCHAR(60) CHARACTER SET utf8mb4"               \
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

void
tag_set(struct db *db, int64_t article, json_t *names)
{
	size_t length;
	json_t *args = mem_pack(db_mem(db), "{s:I, s:s}", "article", (json_int_t)article, "names",
		json_text(db_mem(db), names, &length));

	db_run(db,
		"INSERT INTO tags (name, articles_count, used_at) SELECT n.name, 1, NOW(3) FROM" NAMES
		" WHERE NOT EXISTS (SELECT 1 FROM article_tags x JOIN tags t ON t.id = x.tag_id"
		" WHERE x.article_id = :article AND t.name = n.name) ORDER BY n.name"
		" ON DUPLICATE KEY UPDATE articles_count = articles_count + 1, used_at = NOW(3)",
		args);
	db_run(db,
		"INSERT IGNORE INTO article_tags (tag_id, article_created_at, article_id)"
		" SELECT t.id, a.created_at, a.id FROM" NAMES
		" JOIN tags t ON t.name = n.name JOIN articles a ON a.id = :article",
		args);
	db_run(db,
		"UPDATE tags t JOIN article_tags x ON x.tag_id = t.id"
		" SET t.articles_count = t.articles_count - 1"
		" WHERE x.article_id = :article AND t.name NOT IN (SELECT n.name FROM" NAMES ")",
		args);
	db_run(db,
		"DELETE x FROM article_tags x JOIN tags t ON t.id = x.tag_id"
		" WHERE x.article_id = :article AND t.articles_count > 0"
		" AND t.name NOT IN (SELECT n.name FROM" NAMES ")",
		args);
	db_run(db,
		"DELETE t FROM tags t JOIN article_tags x ON x.tag_id = t.id"
		" WHERE x.article_id = :article AND t.articles_count = 0",
		args);
}

void
tag_clear(struct db *db, int64_t article)
{
	tag_set(db, article, mem_json(db_mem(db), json_array()));
}
