/* SPDX-License-Identifier: ISC */
/*
 * article_leave: what becomes of articles when their author goes, and what the author may take
 * along. Apart from article.c, for programs that write no articles do this.
 */
#include "article.h"

#include "json.h"

void
article_leave(struct db *db, int64_t user)
{
	json_t *id = mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)user);

	/* Nobody may come to love what is about to go. */
	db_rows(db,
		"SELECT id FROM articles WHERE author_id = :id OR id IN"
		" (SELECT article_id FROM favorites WHERE user_id = :id) ORDER BY id FOR UPDATE",
		id);
	db_run(db,
		"UPDATE articles a JOIN favorites f ON f.article_id = a.id"
		" SET a.favorites_count = a.favorites_count - 1 WHERE f.user_id = :id",
		id);
	db_run(db,
		"UPDATE tags t JOIN (SELECT x.tag_id, COUNT(*) AS n FROM articles a"
		" JOIN article_tags x ON x.article_id = a.id WHERE a.author_id = :id"
		" GROUP BY x.tag_id) c ON c.tag_id = t.id SET t.articles_count = t.articles_count - c.n",
		id);
	db_run(db,
		"DELETE FROM tags WHERE articles_count = 0 AND id IN (SELECT x.tag_id"
		" FROM articles a JOIN article_tags x ON x.article_id = a.id WHERE a.author_id = :id)",
		id);
	db_run(db,
		"UPDATE writers w JOIN (SELECT f.user_id, COUNT(*) AS n FROM articles a"
		" JOIN favorites f ON f.article_id = a.id WHERE a.author_id = :id GROUP BY f.user_id) c"
		" ON c.user_id = w.user_id SET w.favorites_count = w.favorites_count - c.n",
		id);
	db_run(db,
		"UPDATE totals SET n = n - (SELECT COUNT(*) FROM articles WHERE author_id = :id)"
		" WHERE name = 'articles'",
		id);
	db_run(db, "DELETE FROM articles WHERE author_id = :id", id);
}

json_t *
article_copy(struct db *db, int64_t user)
{
	json_t *id = mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)user);
	json_t *articles = db_rows(db,
		"SELECT a.slug, a.title, a.description, b.body, a.tag_lines AS `tagList[]`,"
		" a.created_at AS createdAt, a.updated_at AS updatedAt FROM articles a"
		" JOIN article_bodies b ON b.article_id = a.id WHERE a.author_id = :id"
		" ORDER BY a.created_at, a.id",
		id);
	json_t *comments = db_rows(db,
		"SELECT a.slug AS article, c.id, c.body, c.created_at AS createdAt,"
		" c.updated_at AS updatedAt FROM comments c JOIN articles a ON a.id = c.article_id"
		" WHERE c.author_id = :id ORDER BY c.id",
		id);
	json_t *favorites = db_rows(db,
		"SELECT a.slug FROM favorites f JOIN articles a ON a.id = f.article_id"
		" WHERE f.user_id = :id ORDER BY a.created_at, a.id",
		id);
	json_t *following = db_rows(db,
		"SELECT u.username, w.created_at AS since FROM follows w JOIN users u"
		" ON u.id = w.followed_id WHERE w.follower_id = :id ORDER BY u.username_key",
		id);

	return mem_pack(db_mem(db), "{s:O?, s:O?, s:O?, s:O?}", "articles", articles, "comments",
		comments, "favorites", favorites, "following", following);
}
