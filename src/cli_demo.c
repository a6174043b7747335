/* SPDX-License-Identifier: ISC */
/*
 * cli_demo: something to look at. Four members who can log in; and, for measurements, 10,000 who
 * cannot, with as many articles as are asked for, made by the server itself from its table of
 * numbers. Every tenth of them writes nothing, nine write a quarter of all, and demo1 follows a
 * thousand of them.
 */
#include "cli.h"
#include "cli_migrate.h"
#include "json.h"
#include "markdown.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	CHUNK = 10000, /* articles a transaction, as many as the tables of numbers below have */
	MOST = 10000000
};

/* The members demo1 to demo10000: the id of demo1, or 0. */
static json_int_t
members(struct cli *c)
{
	json_t *row = db_row(c->db, "SELECT COALESCE(MAX(id), 0) + 1 AS id FROM users", NULL);
	json_t *args = mem_pack(c->mem, "{s:I}", "first", (json_int_t)row_id(row));

	db_run(c->db,
		"INSERT INTO users (id, username, username_key, created_at, updated_at)"
		" SELECT :first + seq - 1, CONCAT('demo', seq), CONCAT('demo', seq), NOW(3), NOW(3)"
		" FROM seq_1_to_10000",
		args);
	db_run(c->db,
		"INSERT INTO addresses (user_id, email, email_key) SELECT :first + seq - 1,"
		" CONCAT('demo', seq, '@demo.invalid'), CONCAT('demo', seq, '@demo.invalid')"
		" FROM seq_1_to_10000",
		args);
	db_run(c->db,
		"INSERT INTO follows (follower_id, followed_id, created_at)"
		" SELECT :first, :first + seq, NOW(3) FROM seq_1_to_1000",
		args);
	return db_end(c->db) ? row_id(row) : 0;
}

/* One chunk, from number :from to just before :end, with ids behind :id. Two minutes lie between
 * two articles, so that a million end where the clock is and begin four years ago. */
static bool
chunk(struct db *db, json_t *args)
{
	db_start(db, true);
	db_run(db,
		"INSERT INTO articles (id, slug, author_id, title, description, tag_lines, created_at,"
		" updated_at) SELECT :id + n, CONCAT('demo-', n),"
		" :first + IF(n % 4 = 0, 0, 10 * (n * 7919 % 1000)) + 1 + n DIV 4 % 9,"
		" CONCAT('Demo ', n),"
		" CONCAT('The article number ', n, ', written by nobody for nobody.'),"
		" CONCAT('demo', n % 10, '\n', 'topic', n % 1000),"
		" :now - INTERVAL (:all - n) * 120 SECOND, :now - INTERVAL (:all - n) * 120 SECOND"
		" FROM (SELECT :from + seq AS n FROM seq_0_to_9999) s WHERE n < :end",
		args);
	db_run(db,
		"INSERT INTO article_bodies (article_id, body, html, renderer)"
		" SELECT :id + n, REPEAT(CONCAT('This is *text* number ', n, '. '), 10),"
		" CONCAT('<p>', TRIM(REPEAT(CONCAT('This is <em>text</em> number ', n, '. '), 10)),"
		" '</p>\n'), :renderer"
		" FROM (SELECT :from + seq AS n FROM seq_0_to_9999) s WHERE n < :end",
		args);
	db_run(db,
		"INSERT INTO article_tags (tag_id, article_created_at, article_id)"
		" SELECT t.id, a.created_at, a.id FROM articles a JOIN tags t ON t.name IN"
		" (CONCAT('demo', (a.id - :id) % 10), CONCAT('topic', (a.id - :id) % 1000))"
		" WHERE a.id >= :id + :from AND a.id < :id + :end",
		args);
	db_run(db,
		"INSERT INTO favorites (user_id, article_created_at, article_id)"
		" SELECT :first + IF((a.id - :id) % 10 = 0, 0, 1 + (a.id - :id) * 31 % 9999),"
		" a.created_at, a.id FROM articles a"
		" WHERE a.id >= :id + :from AND a.id < :id + :end AND (a.id - :id) % 5 = 0",
		args);
	return db_end(db);
}

/* What is counted is counted once, at the end. */
static bool
count(struct db *db, json_t *args)
{
	db_start(db, true);
	db_run(db, "UPDATE articles SET favorites_count = 1 WHERE id >= :id AND (id - :id) % 5 = 0",
		args);
	db_run(db,
		"UPDATE tags t SET articles_count = (SELECT COUNT(*) FROM article_tags x"
		" WHERE x.tag_id = t.id)",
		args);
	db_run(db, "DELETE FROM tags WHERE articles_count = 0", NULL);
	db_run(db,
		"INSERT INTO writers (user_id, articles_count, favorites_count)"
		" SELECT id, 0, (SELECT COUNT(*) FROM favorites f WHERE f.user_id = users.id)"
		" FROM users WHERE id >= :first AND id < :first + 10000",
		args);
	db_run(db,
		"UPDATE writers w JOIN (SELECT author_id, COUNT(*) AS n, MAX(created_at) AS at,"
		" MAX(id) AS id FROM articles WHERE id >= :id GROUP BY author_id) a"
		" ON a.author_id = w.user_id SET w.articles_count = a.n, w.last_at = a.at, w.last_id ="
		" a.id",
		args);
	db_run(db, "UPDATE totals SET n = (SELECT COUNT(*) FROM articles) WHERE name = 'articles'",
		NULL);
	return db_end(db);
}

static json_t *
start(struct cli *c, int64_t all)
{
	json_t *row = db_row(c->db,
		"SELECT COALESCE(MAX(id), 0) + 1 AS id, CAST(NOW(3) AS CHAR) AS now FROM articles",
		NULL);

	db_run(c->db,
		"INSERT IGNORE INTO tags (name, articles_count, used_at) SELECT"
		" IF(seq < 10, CONCAT('demo', seq), CONCAT('topic', seq - 10)), 0, NOW(3)"
		" FROM seq_0_to_1009",
		NULL);
	return db_args(c->db, row, "{s:I, s:s}", "all", (json_int_t)all, "renderer",
		markdown_renderer(c->mem, c->conf->site_external_images));
}

/* How far it is, on a line that is written again and again where somebody looks. */
static void
tell(int64_t done, int64_t all)
{
	bool watched = isatty(STDOUT_FILENO) != 0;

	if (watched || done == all || done % (10L * CHUNK) == 0)
		printf("%s%lld of %lld articles%s", watched ? "\r" : "", (long long)done,
			(long long)all, !watched || done == all ? "\n" : "");
	(void)fflush(stdout);
}

static int
articles(struct cli *c, const char *number)
{
	json_int_t first;
	int64_t all;
	json_t *args;

	if (!text_int(number, &all) || all < 1 || all > MOST)
		return cli_fail("usage: postern demo [ARTICLES], 1 to %d", MOST);
	db_start(c->db, true);
	if (db_row(c->db, "SELECT id FROM users WHERE username_key = 'demo1'", NULL) != NULL)
		return cli_fail("there is a member demo1 already; this is for an empty database");
	args = start(c, all);
	if ((first = members(c)) == 0)
		return cli_fault(c);
	for (int64_t n = 0; n < all; n += CHUNK) {
		int64_t end = n + CHUNK < all ? n + CHUNK : all;

		if (!chunk(c->db,
			    db_args(c->db, args, "{s:I, s:I, s:I}", "first", first, "from",
				    (json_int_t)n, "end", (json_int_t)end)))
			return cli_fault(c);
		tell(end, all);
	}
	return count(c->db, db_args(c->db, args, "{s:I}", "first", first)) ? 0 : cli_fault(c);
}

int
cli_demo(struct cli *c)
{
	const char *path = mem_print(c->mem, "%s/demo.sql", migrate_folder(c->mem)), *why;
	const char *file;

	if (c->argc == 1)
		return articles(c, c->argv[0]);
	if (c->argc > 1)
		return cli_fail("usage: postern demo [ARTICLES]");
	if ((file = cli_read(c->mem, path, NULL)) == NULL)
		return cli_fail("%s: %s", path, strerror(errno));
	return db_script(c->db, file, &why) ? 0 : cli_fail("%s: %s", path, why);
}
