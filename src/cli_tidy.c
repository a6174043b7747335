/* SPDX-License-Identifier: ISC */
/*
 * cli_tidy: removes what has ended, a little at a time, so that nobody notices. Owns what is old
 * enough; an index leads to each of them. Two that run at once share the work.
 */
#include "cli.h"
#include "json.h"

#include <stdio.h>
#include <time.h>

enum {
	ROWS = 1000,   /* a statement, the LIMIT below; each is a transaction */
	PAUSE_MS = 20, /* at least; else as long as the last statement took */
	TRIES = 10     /* at one of them: somebody else may hold a row */
};

static long long
ended(struct db *db, json_t *ages)
{
	return db_run(db,
		"DELETE FROM sessions WHERE ended_at < NOW(3) - INTERVAL :sessions SECOND"
		" ORDER BY ended_at LIMIT 1000",
		ages);
}

static long long
expired(struct db *db, json_t *ages)
{
	return db_run(db,
		"DELETE FROM sessions WHERE expires_at < NOW(3) - INTERVAL :sessions SECOND"
		" ORDER BY expires_at LIMIT 1000",
		ages);
}

static long long
full(struct db *db, json_t *ages)
{
	return db_run(db,
		"DELETE FROM throttles WHERE full_at < NOW(3) ORDER BY full_at LIMIT 1000", ages);
}

static long long
past(struct db *db, json_t *ages)
{
	return db_run(db,
		"DELETE FROM events WHERE created_at < NOW(3) - INTERVAL :events SECOND"
		" ORDER BY created_at LIMIT 1000",
		ages);
}

static long long
useless(struct db *db, json_t *ages)
{
	(void)ages;
	return db_run(db,
		"DELETE FROM one_time_tokens WHERE expires_at < NOW(3) ORDER BY expires_at LIMIT 1000",
		NULL);
}

static long long
answered(struct db *db, json_t *ages)
{
	(void)ages;
	return db_run(db,
		"DELETE FROM idempotency_keys WHERE created_at < NOW(3) - INTERVAL 1 DAY"
		" ORDER BY created_at LIMIT 1000",
		NULL);
}

static long long
unusable(struct db *db, json_t *ages)
{
	(void)ages;
	return db_run(db,
		"DELETE FROM personal_tokens WHERE expires_at < NOW(3) ORDER BY expires_at LIMIT 1000",
		NULL);
}

/* Newcomers who have never confirmed their address. */
static long long
nobodys(struct db *db, json_t *ages)
{
	return db_run(db,
		"DELETE FROM users WHERE waits = 'address' AND role = 'member'"
		" AND created_at < NOW(3) - INTERVAL :unconfirmed SECOND ORDER BY created_at LIMIT 1000",
		ages);
}

/* Addresses that nobody has confirmed: the ones before them stay. */
static long long
unwanted(struct db *db, json_t *ages)
{
	return db_run(db,
		"UPDATE addresses SET email_new = NULL, email_new_key = NULL, email_new_at = NULL"
		" WHERE email_new_at < NOW(3) - INTERVAL :unconfirmed SECOND"
		" ORDER BY email_new_at LIMIT 1000",
		ages);
}

static long long
mails(struct db *db, json_t *ages)
{
	return db_run(db,
		"DELETE FROM outbox WHERE done_at < NOW(3) - INTERVAL :mails SECOND"
		" ORDER BY done_at LIMIT 1000",
		ages);
}

/* What was written to many, when the last of its mails has gone. */
static long long
mailings(struct db *db, json_t *ages)
{
	return db_run(db,
		"DELETE FROM mailings WHERE created_at < NOW(3) - INTERVAL :mails SECOND"
		" AND NOT EXISTS (SELECT 1 FROM outbox WHERE mailing_id = mailings.id)"
		" ORDER BY id LIMIT 1000",
		ages);
}

/* Files that did not come to their end; their rows go along. Found without a lock, and removed one
 * by one: they may be large, and whoever looks for them with a lock waits for those that are coming
 * in, which would wait for it in turn. */
static long long
uploads(struct db *db, json_t *ages)
{
	json_t *old = db_rows(db,
		"SELECT id FROM files WHERE uploading = TRUE AND touched_at < NOW(3) - INTERVAL :uploads"
		" SECOND ORDER BY touched_at LIMIT 1000",
		ages);
	long long all = 0;
	json_t *row;
	size_t i;

	json_array_foreach(old, i, row)
	{
		all += db_run(db,
			"DELETE FROM files WHERE id = :id AND uploading AND touched_at <"
			" NOW(3) - INTERVAL :uploads SECOND",
			db_args(db, ages, "{s:I}", "id", (json_int_t)row_id(row)));
	}
	return db_ok(db) ? all : -1;
}

static const struct heap {
	const char *name;
	long long (*remove)(struct db *db, json_t *ages);
} heaps[] = {
	{ "sessions ended", ended },
	{ "sessions expired", expired },
	{ "throttles", full },
	{ "one-time links", useless },
	{ "personal tokens", unusable },
	{ "events", past },
	{ "idempotency keys", answered },
	{ "unconfirmed", nobodys },
	{ "new addresses", unwanted },
	{ "mails", mails },
	{ "mailings", mailings },
	{ "uploads", uploads },
};

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Leave the database to others for as long as we had it. */
static void
pause_since(int64_t start)
{
	int64_t ms = now_ms() - start;

	ms = ms > PAUSE_MS ? ms : PAUSE_MS;
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

/* How many there were, or -1. */
static long long
remove_all(struct db *db, const struct heap *heap, json_t *ages)
{
	long long all = 0;

	for (int tries = 0;;) {
		int64_t start = now_ms();
		long long some;

		db_start(db, false);
		some = heap->remove(db, ages);
		if (some < 0 && (db_trouble(db) == DB_FINE || ++tries == TRIES))
			return -1;
		if (some >= 0) {
			tries = 0;
			all += some;
		}
		if (some >= 0 && some < ROWS)
			return all;
		pause_since(start);
	}
}

int
cli_tidy(struct cli *c)
{
	bool quiet = cli_flag(c, "-q");
	json_t *ages = mem_pack(c->mem, "{s:I, s:I, s:I, s:I, s:I}", "sessions",
		(json_int_t)c->conf->tidy_sessions, "events", (json_int_t)c->conf->tidy_events,
		"unconfirmed", (json_int_t)c->conf->tidy_unconfirmed, "mails",
		(json_int_t)c->conf->tidy_mails, "uploads", (json_int_t)c->conf->tidy_uploads);

	if (c->argc != 0)
		return cli_fail("usage: postern tidy [-q]");
	for (size_t i = 0; i < sizeof heaps / sizeof heaps[0]; i++) {
		long long n = remove_all(c->db, &heaps[i], ages);

		if (n < 0)
			return cli_fault(c);
		if (!quiet)
			printf("%-16s %lld\n", heaps[i].name, n);
	}
	return 0;
}
