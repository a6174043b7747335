/* SPDX-License-Identifier: ISC */
/*
 * article: one article at a time. Owns the tables `articles`, `article_bodies` and `favorites`, and
 * what is counted of them in `writers` and `totals`. Locks go from the article to its tags, then to
 * who is counted for, then to the total, which everybody wants and so has last.
 */
#include "article.h"

#include "article_parts.h"
#include "json.h"
#include "markdown.h"
#include "tag.h"
#include "text.h"

#include <string.h>

enum {
	SLUG_SIZE = 121,
	SUFFIX_BYTES = 5
};

static json_t *
found(struct db *db, json_t *row)
{
	return row != NULL ? row : db_refuse(db, ERR_NOT_FOUND, "article");
}

json_t *
article_show(struct db *db, const char *slug, int64_t me)
{
	json_t *args = mem_pack(db_mem(db), "{s:s, s:I}", "slug", slug, "me", (json_int_t)me);

	return found(db,
		db_row(db,
			"SELECT " ARTICLE_MEMBERS ", b.body, b.html AS bodyHtml FROM articles a"
			" JOIN users u ON u.id = a.author_id"
			" JOIN article_bodies b ON b.article_id = a.id" ARTICLE_READER
			" WHERE a.slug = :slug",
			args));
}

json_t *
article_get(struct db *db, const char *slug, int64_t me)
{
	json_t *article = article_show(db, slug, me);

	json_object_del(article, "bodyHtml");
	return article;
}

json_t *
article_hold(struct db *db, const char *slug)
{
	return found(db,
		db_row(db,
			"SELECT id, author_id AS author, title, slug, updated_at AS updatedAt,"
			" tag_lines AS `tagList[]` FROM articles WHERE slug = :slug FOR UPDATE",
			mem_pack(db_mem(db), "{s:s}", "slug", slug)));
}

/* The slug of a title; "" where it has none, or one that is an address of its own. */
static const char *
slug_of(struct db *db, json_t *in)
{
	char *slug = mem_get(db_mem(db), SLUG_SIZE);

	text_slug(slug, SLUG_SIZE, row_text(in, "title"));
	return strcmp(slug, "feed") == 0 ? "" : slug;
}

/* Another slug of the same title, that nobody has: with random digits, so that a thousand of one
 * title look for theirs at the same time. NULL with ERR_AWAY noted. */
static const char *
other_slug(struct db *db, json_t *in)
{
	uint8_t random[SUFFIX_BYTES] = { 0 };
	char digits[2 * SUFFIX_BYTES + 1], slug[SLUG_SIZE];
	size_t n = text_slug(slug, sizeof slug, row_text(in, "title"));

	if (!text_random(random, sizeof random))
		return db_refuse(db, ERR_AWAY, NULL);
	text_hex(digits, random, sizeof random);
	return mem_print(db_mem(db), "%s%s%s", slug, n > 0 ? "-" : "", digits);
}

/* What a statement wants to know of an article that is written. */
static json_t *
written(struct db *db, json_t *in, const struct writer *by)
{
	const char *body = row_text(in, "body");
	json_t *tags = json_object_get(in, "tagList");

	return db_args(db, in, "{s:I, s:s?, s:s?, s:s}", "me", (json_int_t)by->id, "lines",
		tags != NULL ? tag_lines(db, tags) : NULL, "html",
		body != NULL ? markdown_html(db_mem(db), body, by->images) : NULL, "renderer",
		markdown_renderer(db_mem(db), by->images));
}

#define ADD                                                                                        \
	" INTO articles (slug, author_id, title, description, tag_lines, created_at, updated_at)"  \
	" VALUES (:slug, :me, :title, :description, COALESCE(:lines, ''), NOW(3), NOW(3))"

/* Insert the row under a slug of its own, which is then in `args`. */
static void
insert(struct db *db, json_t *args)
{
	const char *slug = slug_of(db, args);

	if (*slug != '\0') {
		json_object_set_new(args, "slug", json_string(slug));
		if (db_run(db, "INSERT IGNORE" ADD, args) == 1)
			return;
	}
	if ((slug = other_slug(db, args)) == NULL)
		return;
	json_object_set_new(args, "slug", json_string(slug));
	db_run(db, "INSERT" ADD, args);
}

/* Count a new article for its author and in all. */
static void
count(struct db *db, json_t *args)
{
	db_run(db,
		"INSERT INTO writers (user_id, articles_count, last_at, last_id)"
		" SELECT author_id, 1, created_at, id FROM articles WHERE id = :id"
		" ON DUPLICATE KEY UPDATE articles_count = articles_count + 1, last_id ="
		" IF(last_at IS NULL OR (VALUES(last_at), VALUES(last_id)) > (last_at, last_id),"
		" VALUES(last_id), last_id),"
		" last_at = GREATEST(COALESCE(last_at, VALUES(last_at)), VALUES(last_at))",
		args);
	db_run(db, "UPDATE totals SET n = n + 1 WHERE name = 'articles'", NULL);
}

json_t *
article_add(struct db *db, json_t *in, const struct writer *by)
{
	json_t *args = written(db, in, by), *tags = json_object_get(in, "tagList");

	insert(db, args);
	if (!db_ok(db))
		return NULL;
	json_object_set_new(args, "id", json_integer(db_id(db)));
	db_run(db,
		"INSERT INTO article_bodies (article_id, body, html, renderer)"
		" VALUES (:id, :body, :html, :renderer)",
		args);
	tag_set(db, row_id(args), NULL, tags);
	count(db, args);
	return db_ok(db) ? article_get(db, row_text(args, "slug"), by->id) : NULL;
}

/* Whether one of the tags of If-Match is that of an article last changed at `at`. What stands
 * behind the date says more than that: a favourite more is no other text. */
static bool
is_match(struct db *db, const char *tags, const char *at)
{
	return *tags == '\0' || strcmp(tags, "*") == 0 ||
		strstr(tags, mem_print(db_mem(db), "\"%s-", at)) != NULL;
}

/* Another title has another slug, which is then in `args`. */
static void
rename_slug(struct db *db, json_t *args)
{
	const char *slug = slug_of(db, args), *before = row_text(args, "slug");
	json_t *row;

	if (strcmp(slug, before) == 0)
		return;
	json_object_set_new(args, "slug", json_string(slug));
	if (*slug != '\0')
		db_run(db, "UPDATE IGNORE articles SET slug = :slug WHERE id = :id", args);
	row = db_row(db, "SELECT slug FROM articles WHERE id = :id", args);
	if (row == NULL || strcmp(row_text(row, "slug"), slug) == 0 ||
		(slug = other_slug(db, args)) == NULL)
		return;
	json_object_set_new(args, "slug", json_string(slug));
	db_run(db, "UPDATE articles SET slug = :slug WHERE id = :id", args);
}

json_t *
article_change(
	struct db *db, const char *slug, json_t *in, const struct writer *by, const char *tags)
{
	json_t *row = article_hold(db, slug), *args, *list = json_object_get(in, "tagList");
	const char *title = row_text(in, "title");

	if (row == NULL)
		return NULL;
	if (row_number(row, "author") != by->id)
		return db_refuse(db, ERR_FORBIDDEN, "article");
	if (!is_match(db, tags, row_text(row, "updatedAt")))
		return db_refuse(db, ERR_CHANGED, NULL);
	args = db_args(db, written(db, in, by), "{s:I, s:s}", "id", (json_int_t)row_id(row), "slug",
		row_text(row, "slug"));
	if (title != NULL && strcmp(title, row_text(row, "title")) != 0)
		rename_slug(db, args);
	db_run(db,
		"UPDATE articles SET title = COALESCE(:title, title),"
		" description = COALESCE(:description, description),"
		" tag_lines = COALESCE(:lines, tag_lines),"
		" updated_at = GREATEST(NOW(3), updated_at + INTERVAL 1000 MICROSECOND)"
		" WHERE id = :id",
		args);
	if (row_text(in, "body") != NULL)
		db_run(db,
			"UPDATE article_bodies SET body = :body, html = :html, renderer = :renderer"
			" WHERE article_id = :id",
			args);
	if (list != NULL)
		tag_set(db, row_id(row), json_object_get(row, "tagList"), list);
	return article_get(db, row_text(args, "slug"), by->id);
}

bool
article_remove(struct db *db, const char *slug, int64_t me, bool admin, const struct origin *from)
{
	json_t *row = article_hold(db, slug);

	if (row == NULL)
		return false;
	if (!admin && row_number(row, "author") != me)
		return db_refuse(db, ERR_FORBIDDEN, "article") != NULL;
	tag_set(db, row_id(row), json_object_get(row, "tagList"), NULL);
	db_run(db,
		"UPDATE writers w JOIN favorites f ON f.user_id = w.user_id"
		" SET w.favorites_count = w.favorites_count - 1 WHERE f.article_id = :id",
		row);
	db_rows(db, "SELECT user_id FROM writers WHERE user_id = :author FOR UPDATE", row);
	db_run(db, "DELETE FROM articles WHERE id = :id", row);
	db_run(db,
		"UPDATE writers w LEFT JOIN (SELECT created_at, id FROM articles WHERE author_id = :author"
		" ORDER BY created_at DESC, id DESC LIMIT 1) a ON TRUE"
		" SET w.articles_count = w.articles_count - 1, w.last_at = a.created_at,"
		" w.last_id = a.id WHERE w.user_id = :author",
		row);
	db_run(db, "UPDATE totals SET n = n - 1 WHERE name = 'articles'", NULL);
	event_add_by(db, EVENT_ARTICLE_REMOVED, row_number(row, "author"), me, from);
	return db_ok(db);
}

json_t *
article_favor(struct db *db, const char *slug, int64_t me, bool yes)
{
	json_t *row = article_hold(db, slug), *args;
	long long changed;

	if (row == NULL)
		return NULL;
	args = db_args(db, row, "{s:I, s:i}", "me", (json_int_t)me, "by", yes ? 1 : -1);
	changed = yes
		? db_run(db,
			  "INSERT IGNORE INTO favorites (user_id, article_created_at, article_id)"
			  " SELECT :me, created_at, id FROM articles WHERE id = :id",
			  args)
		: db_run(db,
			  "DELETE f FROM favorites f JOIN articles a ON a.id = f.article_id"
			  " WHERE a.id = :id AND f.user_id = :me"
			  " AND f.article_created_at = a.created_at",
			  args);
	if (changed == 1) {
		db_run(db,
			"UPDATE articles SET favorites_count = CAST(favorites_count AS SIGNED) + :by"
			" WHERE id = :id",
			args);
		db_run(db,
			"INSERT INTO writers (user_id, favorites_count) VALUES (:me, 1)"
			" ON DUPLICATE KEY UPDATE"
			" favorites_count = CAST(favorites_count AS SIGNED) + :by",
			args);
	}
	return article_get(db, slug, me);
}

int64_t
article_render(struct db *db, bool images, int64_t after, long *n)
{
	const char *renderer = markdown_renderer(db_mem(db), images);
	json_t *rows = db_rows(db,
		"SELECT article_id AS id, body FROM article_bodies WHERE article_id > :after"
		" AND renderer <> :renderer ORDER BY article_id LIMIT 100",
		mem_pack(db_mem(db), "{s:I, s:s}", "after", (json_int_t)after, "renderer",
			renderer));
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		/* Unless it has been written anew meanwhile. */
		db_run(db,
			"UPDATE article_bodies SET html = :html, renderer = :renderer"
			" WHERE article_id = :id AND body = :body",
			db_args(db, row, "{s:s, s:s}", "html",
				markdown_html(db_mem(db), row_text(row, "body"), images),
				"renderer", renderer));
	}
	*n = db_ok(db) ? (long)json_array_size(rows) : 0;
	return *n > 0 ? row_id(json_array_get(rows, (size_t)*n - 1)) : 0;
}
