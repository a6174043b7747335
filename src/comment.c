/* SPDX-License-Identifier: ISC */
/* comment: what is said of an article. Owns the table `comments`; of articles it knows the slug. */
#include "comment.h"

#include "json.h"
#include "markdown.h"
#include "profile.h"

#define MEMBERS                                                                                    \
	"SELECT c.id, c.created_at AS createdAt, c.updated_at AS updatedAt, c.body, " PROFILE_AUTHOR
#define OF_ARTICLE                                                                                 \
	" FROM comments c JOIN users u ON u.id = c.author_id" PROFILE_READER                       \
	" WHERE c.article_id = :article"                                                           \
	" ORDER BY c.created_at, c.id"

/* {article, author, me} for a slug; NULL with ERR_NOT_FOUND noted. With `hold` the article stays
 * until the end of the unit. */
static json_t *
find(struct db *db, const char *slug, int64_t me, bool hold)
{
#define FIND "SELECT id AS article, author_id AS author FROM articles WHERE slug = :slug"
	json_t *args = mem_pack(db_mem(db), "{s:s}", "slug", slug);
	json_t *row = hold ? db_row(db, FIND " LOCK IN SHARE MODE", args) : db_row(db, FIND, args);

	if (row == NULL)
		return db_refuse(db, ERR_NOT_FOUND, "article");
	return db_args(db, row, "{s:I}", "me", (json_int_t)me);
}

json_t *
comment_list(struct db *db, const char *slug, int64_t me)
{
	json_t *args = find(db, slug, me, false);

	return args != NULL ? db_rows(db, MEMBERS OF_ARTICLE, args) : NULL;
}

json_t *
comment_show(struct db *db, const char *slug, json_t *in, int64_t me)
{
	json_t *args = find(db, slug, me, false);

	if (args == NULL)
		return NULL;
	return db_rows(db,
		MEMBERS ", c.html AS bodyHtml FROM (SELECT id FROM comments"
			" WHERE article_id = :article ORDER BY created_at DESC, id DESC"
			" LIMIT :limit OFFSET :offset) n STRAIGHT_JOIN comments c ON c.id = n.id"
			" STRAIGHT_JOIN users u ON u.id = c.author_id" PROFILE_READER
			" ORDER BY c.created_at, c.id",
		db_args(db, args, "{s:O, s:O}", "limit", json_object_get(in, "limit"), "offset",
			json_object_get(in, "offset")));
}

json_t *
comment_add(struct db *db, const char *slug, const char *body, const struct writer *by)
{
	json_t *args = find(db, slug, by->id, true);

	if (args == NULL)
		return NULL;
	args = db_args(db, args, "{s:s, s:s, s:s}", "body", body, "html",
		markdown_html(db_mem(db), body, by->images), "renderer",
		markdown_renderer(db_mem(db), by->images));
	db_run(db,
		"INSERT INTO comments (article_id, author_id, body, html, renderer, created_at,"
		" updated_at) VALUES (:article, :me, :body, :html, :renderer, NOW(3), NOW(3))",
		args);
	return db_row(db,
		MEMBERS " FROM comments c JOIN users u ON u.id = c.author_id" PROFILE_READER
			" WHERE c.id = :id",
		db_args(db, args, "{s:I}", "id", (json_int_t)db_id(db)));
}

bool
comment_remove(struct db *db, const char *slug, int64_t id, int64_t me, bool admin,
	const struct origin *from)
{
	json_t *args = find(db, slug, me, false), *row;

	if (args == NULL)
		return false;
	args = db_args(db, args, "{s:I}", "id", (json_int_t)id);
	row = db_row(db,
		"SELECT author_id AS author FROM comments WHERE id = :id AND article_id = :article"
		" FOR UPDATE",
		args);
	if (row == NULL)
		return db_refuse(db, ERR_NOT_FOUND, "comment") != NULL;
	if (!admin && row_number(row, "author") != me && row_number(args, "author") != me)
		return db_refuse(db, ERR_FORBIDDEN, "comment") != NULL;
	db_run(db, "DELETE FROM comments WHERE id = :id", args);
	event_add_by(db, EVENT_COMMENT_REMOVED, row_number(row, "author"), me, from);
	return db_ok(db);
}

int64_t
comment_render(struct db *db, bool images, int64_t after, long *n)
{
	const char *renderer = markdown_renderer(db_mem(db), images);
	json_t *rows = db_rows(db,
		"SELECT id, body FROM comments WHERE id > :after AND renderer <> :renderer"
		" ORDER BY id LIMIT 100",
		mem_pack(db_mem(db), "{s:I, s:s}", "after", (json_int_t)after, "renderer",
			renderer));
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		db_run(db, "UPDATE comments SET html = :html, renderer = :renderer WHERE id = :id",
			db_args(db, row, "{s:s, s:s}", "html",
				markdown_html(db_mem(db), row_text(row, "body"), images),
				"renderer", renderer));
	}
	*n = db_ok(db) ? (long)json_array_size(rows) : 0;
	return *n > 0 ? row_id(json_array_get(rows, (size_t)*n - 1)) : 0;
}
