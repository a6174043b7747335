/* SPDX-License-Identifier: ISC */
/*
 * article_list: many articles at a time, newest first. Owns how a page of a list is found: its ids
 * by one index alone, whatever there is behind it, and only then the rows. Counts for one filter
 * are kept; for several, what the rarest finds is looked through.
 */
#include "article.h"

#include "article_parts.h"
#include "json.h"
#include "text.h"

#include <string.h>

#define LIMIT " LIMIT :limit OFFSET :offset"

/* What else an article x has to fit, when there are several filters; NULL is none. */
#define AUTHOR(article)                                                                            \
	" AND (:author IS NULL OR EXISTS (SELECT 1 FROM articles y WHERE y.id = " article          \
	" AND y.author_id = :author))"
#define TAG(article, at)                                                                           \
	" AND (:tag IS NULL OR EXISTS (SELECT 1 FROM article_tags y WHERE y.tag_id = :tag"         \
	" AND y.article_created_at = " at " AND y.article_id = " article "))"
#define FAN(article, at)                                                                           \
	" AND (:fan IS NULL OR EXISTS (SELECT 1 FROM favorites y WHERE y.user_id = :fan"           \
	" AND y.article_created_at = " at " AND y.article_id = " article "))"

#define BY_AUTHOR                                                                                  \
	" FROM articles x WHERE x.author_id = :author" TAG("x.id", "x.created_at")                 \
		FAN("x.id", "x.created_at")
#define BY_TAG                                                                                     \
	" FROM article_tags x WHERE x.tag_id = :tag" AUTHOR("x.article_id")                        \
		FAN("x.article_id", "x.article_created_at")
#define BY_FAN                                                                                     \
	" FROM favorites x WHERE x.user_id = :fan" AUTHOR("x.article_id")                          \
		TAG("x.article_id", "x.article_created_at")

#define NEWEST_LINK    " ORDER BY x.article_created_at DESC, x.article_id DESC"
#define NEWEST_ARTICLE " ORDER BY x.created_at DESC, x.id DESC"

/* The filters of a list, from the rarest to the one that finds most. */
enum by {
	BY_NOTHING,
	THE_AUTHOR,
	THE_TAG,
	THE_FAN
};

/* The ids of a page: [{id}]. */
static json_t *
ids_of(struct db *db, enum by by, json_t *args)
{
	switch (by) {
	case THE_AUTHOR: return db_rows(db, "SELECT x.id" BY_AUTHOR NEWEST_ARTICLE LIMIT, args);
	case THE_TAG:
		return db_rows(db, "SELECT x.article_id AS id" BY_TAG NEWEST_LINK LIMIT, args);
	case THE_FAN:
		return db_rows(db, "SELECT x.article_id AS id" BY_FAN NEWEST_LINK LIMIT, args);
	default: return db_rows(db, "SELECT x.id FROM articles x" NEWEST_ARTICLE LIMIT, args);
	}
}

static int64_t
count_of(struct db *db, enum by by, json_t *args)
{
	switch (by) {
	case THE_AUTHOR: return row_number(db_row(db, "SELECT COUNT(*) AS n" BY_AUTHOR, args), "n");
	case THE_TAG: return row_number(db_row(db, "SELECT COUNT(*) AS n" BY_TAG, args), "n");
	default: return row_number(db_row(db, "SELECT COUNT(*) AS n" BY_FAN, args), "n");
	}
}

static bool
has_filter(json_t *in)
{
	return row_text(in, "tag") != NULL || row_text(in, "author") != NULL ||
		row_text(in, "favorited") != NULL;
}

static const char *
canonical(struct db *db, const char *name)
{
	char *key = mem_copy(db_mem(db), name != NULL ? name : "", name != NULL ? strlen(name) : 0);

	text_lower(key);
	return key;
}

/* What the filters stand for and how many articles each finds by itself: {author, authorCount, tag,
 * tagCount, fan, fanCount}, null where there is no such thing; without a filter {n} alone. */
static json_t *
look_up(struct db *db, json_t *in)
{
	const char *tag = row_text(in, "tag");

	if (!has_filter(in))
		return db_row(db, "SELECT n FROM totals WHERE name = 'articles'", NULL);
	return db_row(db,
		"SELECT u.id AS author, c.articles_count AS authorCount,"
		" t.id AS tag, t.articles_count AS tagCount,"
		" v.id AS fan, d.favorites_count AS fanCount FROM (SELECT 1) s"
		" LEFT JOIN users u ON u.username_key = :author LEFT JOIN writers c ON c.user_id = u.id"
		" LEFT JOIN tags t ON t.name = :tag"
		" LEFT JOIN users v ON v.username_key = :fan LEFT JOIN writers d ON d.user_id = v.id",
		db_args(db, NULL, "{s:s, s:s, s:s}", "author",
			canonical(db, row_text(in, "author")), "tag", tag != NULL ? tag : "", "fan",
			canonical(db, row_text(in, "favorited"))));
}

/* The rows in the order of the ids, which go from them; what has been removed meanwhile is left
 * out. For the server, to sort them once more would be more work than all the rest. */
static json_t *
in_order(struct db *db, json_t *ids, json_t *rows)
{
	json_t *ordered = mem_json(db_mem(db), json_array()), *id, *row;
	size_t i, j;

	json_array_foreach(ids, i, id)
	{
		json_array_foreach(rows, j, row)
		{
			if (row_id(row) != row_id(id))
				continue;
			json_array_append(ordered, row);
			json_object_del(row, "id");
			break;
		}
	}
	return ordered;
}

static json_t *
answer(struct db *db, json_t *articles, int64_t n)
{
	return mem_pack(
		db_mem(db), "{s:O?, s:I}", "articles", articles, "articlesCount", (json_int_t)n);
}

json_t *
article_rows(struct db *db, json_t *ids, int64_t n, int64_t me)
{
	size_t length;
	json_t *articles = ids;

	if (!db_ok(db))
		return NULL;
	if (json_array_size(ids) > 0)
		articles = in_order(db, ids,
			db_rows(db,
				"SELECT a.id, " ARTICLE_MEMBERS
				" FROM JSON_TABLE(:ids, '$[*]' COLUMNS"
				" (id BIGINT UNSIGNED PATH '$.id')) p"
				" STRAIGHT_JOIN articles a ON a.id = p.id"
				" STRAIGHT_JOIN users u ON u.id = a.author_id" ARTICLE_READER,
				mem_pack(db_mem(db), "{s:s, s:I}", "ids",
					json_text(db_mem(db), ids, &length), "me",
					(json_int_t)me)));
	return answer(db, articles, n);
}

/* What everybody sees first, by one statement, which the server can answer from its query cache:
 * it never does so for a JSON_TABLE. */
static json_t *
front_page(struct db *db, json_t *in, int64_t me)
{
	json_t *args = db_args(db, in, "{s:I}", "me", (json_int_t)me), *rows, *row;
	int64_t n;
	size_t i;

	rows = db_rows(db,
		"SELECT (SELECT n FROM totals WHERE name = 'articles') AS n, " ARTICLE_MEMBERS
		" FROM articles a STRAIGHT_JOIN users u ON u.id = a.author_id" ARTICLE_READER
		" ORDER BY a.created_at DESC, a.id DESC LIMIT :limit",
		args);
	n = row_number(json_array_get(rows, 0), "n");
	json_array_foreach(rows, i, row)
	{
		json_object_del(row, "n");
	}
	return answer(db, rows, n);
}

json_t *
article_list(struct db *db, json_t *in, int64_t me)
{
	static const struct {
		const char *in, *count;
	} filters[] = {
		[THE_AUTHOR] = { "author", "authorCount" },
		[THE_TAG] = { "tag", "tagCount" },
		[THE_FAN] = { "favorited", "fanCount" },
	};
	json_t *found, *args, *ids;
	enum by best = BY_NOTHING;
	int used = 0;
	int64_t n;

	if (!has_filter(in) && row_number(in, "offset") == 0)
		return front_page(db, in, me);
	if ((found = look_up(db, in)) == NULL)
		return NULL;
	n = row_number(found, "n");
	for (enum by by = THE_AUTHOR; by <= THE_FAN; by++) {
		if (row_text(in, filters[by].in) == NULL)
			continue;
		if (used++ == 0 || row_number(found, filters[by].count) < n) {
			n = row_number(found, filters[by].count);
			best = by;
		}
	}
	args = db_args(db, found, "{s:O, s:O}", "limit", json_object_get(in, "limit"), "offset",
		json_object_get(in, "offset"));
	ids = row_number(in, "offset") < n ? ids_of(db, best, args)
					   : mem_json(db_mem(db), json_array());
	if (used > 1 && n > 0)
		n = count_of(db, best, args);
	return article_rows(db, ids, n, me);
}
