/* SPDX-License-Identifier: ISC */
/*
 * cli_migrate: the tables, step by step. Owns `schema_migrations` (what ran, with its checksum) and
 * `schema_lock` (a row that a second connection holds, so that two runs wait for each other);
 * cli_grants.c has `schema_grants`. DDL
 * commits by itself, so each step may be run again; one that was begun and not finished is.
 */
#include "cli_migrate.h"

#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	LOCK_TRIES = 30
}; /* of two seconds each */

/* Make the tables of our own. Without the lock, for it stands in one of them. */
static bool
make_own(struct cli *c)
{
	static const char own[] =
		"CREATE TABLE IF NOT EXISTS schema_migrations (number SMALLINT UNSIGNED NOT NULL PRIMARY KEY,"
		" name VARCHAR(100) NOT NULL, checksum CHAR(64) NOT NULL, started_at DATETIME(3) NOT NULL,"
		" finished_at DATETIME(3) NULL) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;"
		"CREATE TABLE IF NOT EXISTS schema_lock (id TINYINT UNSIGNED NOT NULL PRIMARY KEY)"
		" ENGINE = InnoDB;"
		"CREATE TABLE IF NOT EXISTS schema_grants (class VARCHAR(20) NOT NULL PRIMARY KEY,"
		" checksum CHAR(64) NOT NULL) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;";
	const char *why;

	if (!db_script(c->db, own, &why))
		return cli_fail("%s", why) == 0;
	/* Another run may hold the row: to look at it waits for nobody, to insert it would. */
	if (db_row(c->db, "SELECT id FROM schema_lock", NULL) == NULL)
		db_run(c->db, "INSERT IGNORE INTO schema_lock (id) VALUES (1)", NULL);
	return db_ok(c->db) || cli_fault(c) == 0;
}

/* Mark the steps that have run. */
static bool
read_state(struct cli *c, struct steps *all)
{
	json_t *rows, *row;
	size_t i;

	if (db_row(c->db,
		    "SELECT 1 AS here FROM information_schema.tables WHERE table_schema = DATABASE()"
		    " AND table_name = 'schema_grants'",
		    NULL) == NULL)
		return db_ok(c->db) || cli_fault(c) == 0; /* an empty database: nothing has run */
	rows = db_rows(c->db,
		"SELECT number, checksum, finished_at IS NOT NULL AS finished FROM schema_migrations",
		NULL);
	if (rows == NULL)
		return cli_fault(c) == 0;
	json_array_foreach(rows, i, row)
	{
		size_t number = (size_t)json_integer_value(json_object_get(row, "number"));

		if (number < 1 || number > all->count)
			return cli_fail(
				       "the database knows step %03zu and %s does not: an older Postern?",
				       number, all->folder) == 0;
		all->step[number - 1].recorded =
			json_string_value(json_object_get(row, "checksum"));
		all->step[number - 1].finished = json_is_true(json_object_get(row, "finished"));
	}
	return true;
}

static bool
edited(const struct step *s)
{
	return s->finished && strcmp(s->recorded, s->checksum) != 0;
}

static bool
run_file(struct cli *c, const struct steps *all, const struct step *s, const char *way)
{
	const char *text = step_read(c, all, s, way), *why;

	if (text == NULL)
		return cli_fail("%s/%s.%s.sql: %s", all->folder, s->name, way, strerror(errno)) ==
			0;
	printf("%s %s\n", strcmp(way, "up") == 0 ? "up  " : "down", s->name);
	if (!db_script(c->db, text, &why))
		return cli_fail(
			       "%s.%s.sql stopped: %s. Mend the cause and run the same command again.",
			       s->name, way, why) == 0;
	return true;
}

static bool
step_up(struct cli *c, const struct steps *all, const struct step *s)
{
	json_t *args = mem_pack(c->mem, "{s:i, s:s, s:s}", "number", s->number, "name", s->name,
		"checksum", s->checksum);

	db_run(c->db,
		"INSERT INTO schema_migrations (number, name, checksum, started_at)"
		" VALUES (:number, :name, :checksum, NOW(3))"
		" ON DUPLICATE KEY UPDATE checksum = :checksum, started_at = NOW(3)",
		args);
	if (!db_ok(c->db))
		return cli_fault(c) == 0;
	if (!run_file(c, all, s, "up"))
		return false;
	db_run(c->db, "UPDATE schema_migrations SET finished_at = NOW(3) WHERE number = :number",
		args);
	return db_ok(c->db) || cli_fault(c) == 0;
}

static int
migrate_up(struct cli *c, const struct steps *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (edited(&all->step[i]))
			return cli_fail(
				"%s was edited after it ran: write a new step (postern migrate new)",
				all->step[i].name);
	for (size_t i = 0; i < all->count; i++)
		if (!all->step[i].finished && !step_up(c, all, &all->step[i]))
			return 1;
	return migrate_grants(c, false);
}

static int
migrate_down(struct cli *c, const struct steps *all, int64_t count)
{
	for (size_t i = all->count; i > 0 && count > 0; i--) {
		const struct step *s = &all->step[i - 1];

		if (s->recorded == NULL)
			continue;
		if (!run_file(c, all, s, "down"))
			return 1;
		db_run(c->db, "DELETE FROM schema_migrations WHERE number = :number",
			mem_pack(c->mem, "{s:i}", "number", s->number));
		if (!db_ok(c->db))
			return cli_fault(c);
		count--;
	}
	return 0;
}

/* status prints each step; check exits with 1 if any is not as it should be. */
static int
migrate_status(const struct steps *all, bool print)
{
	int pending = 0;

	for (size_t i = 0; i < all->count; i++) {
		const struct step *s = &all->step[i];

		pending += !s->finished || edited(s);
		if (print)
			printf("%-10s %s\n",
				edited(s)             ? "edited"
					: s->finished ? "done"
					: s->recorded ? "half done"
						      : "pending",
				s->name);
	}
	if (print)
		return 0;
	return pending == 0
		? 0
		: cli_fail("%d steps are pending or were edited: postern migrate status", pending);
}

/* --sql: print what would run. */
static int
print_sql(struct cli *c, const struct steps *all, bool up, int64_t count)
{
	for (size_t n = 0; n < all->count; n++) {
		const struct step *s = &all->step[up ? n : all->count - 1 - n];

		if (up ? s->finished : s->recorded == NULL || count-- <= 0)
			continue;
		printf("-- %s\n%s\n", s->name, step_read(c, all, s, up ? "up" : "down"));
	}
	return up ? migrate_grants(c, true) : 0;
}

/* Wait for other runs: a second connection holds the lock row until it is freed. */
static struct db *
take_lock(struct cli *c, struct fault *fault)
{
	struct db *lock = db_new(c->conf);

	db_serve(lock, c->mem, fault);
	for (int tries = 0; tries < LOCK_TRIES; tries++) {
		db_start(lock, true);
		if (db_row(lock, "SELECT id FROM schema_lock WHERE id = 1 FOR UPDATE", NULL) !=
			NULL)
			return lock;
		if (db_trouble(lock) != DB_AGAIN)
			break;
		db_end(lock);
		if (tries == 0)
			fputs("postern: waiting for another migration\n", stderr);
	}
	db_free(lock);
	return NULL;
}

static int
run_locked(struct cli *c, struct steps *all, bool up, int64_t count)
{
	struct fault fault = { 0 };
	struct db *lock;
	int status = 1;

	if (!make_own(c))
		return 1;
	if ((lock = take_lock(c, &fault)) == NULL)
		return cli_fail("another migration holds the lock, or the database went away");
	if (read_state(c, all))
		status = up ? migrate_up(c, all) : migrate_down(c, all, count);
	db_end(lock);
	db_free(lock);
	return status;
}

/* Whether the words make sense; the number behind `down` in *count. */
static bool
understood(const struct cli *c, int64_t *count)
{
	static const struct {
		const char *name;
		int least, most; /* words behind it */
	} commands[] = {
		{ "up", 0, 0 },
		{ "down", 0, 1 },
		{ "status", 0, 0 },
		{ "check", 0, 0 },
		{ "new", 1, 1 },
	};

	for (size_t i = 0; c->argc > 0 && i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(commands[i].name, c->argv[0]) != 0)
			continue;
		if (c->argc == 2 && strcmp(c->argv[0], "down") == 0)
			return text_int(c->argv[1], count) && *count > 0;
		return c->argc > commands[i].least && c->argc - 1 <= commands[i].most;
	}
	return false;
}

int
cli_migrate(struct cli *c)
{
	bool print = cli_flag(c, "--sql"), up, down;
	struct steps all = { 0 };
	int64_t count = 1;

	if (!understood(c, &count))
		return cli_fail(
			"usage: postern migrate up | down [N] | status | check | new NAME   [--sql]");
	if (!steps_find(c, &all))
		return 1;
	if (strcmp(c->argv[0], "new") == 0)
		return step_new(c, &all);
	up = strcmp(c->argv[0], "up") == 0;
	down = strcmp(c->argv[0], "down") == 0;
	if ((up || down) && !print)
		return run_locked(c, &all, up, count);
	if (!read_state(c, &all))
		return 1;
	if (up || down)
		return print_sql(c, &all, up, count);
	return migrate_status(&all, strcmp(c->argv[0], "status") == 0);
}
