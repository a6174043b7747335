/* SPDX-License-Identifier: ISC */
/*
 * db: units of work. Owns transactions, the first error that sticks, what an error of the server
 * means, and what outlives a refusal (db_apart); knows no table and nothing of the wire.
 */
#include "db.h"

#include "db_parts.h"
#include "json.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>

/* A statement that waits for the end of the transaction. */
struct apart {
	struct apart *next;
	const char *literal;
	json_t *args;
};

static void
disconnect(struct db *db)
{
	if (db->maria != NULL)
		maria_close(db->maria);
	db->maria = NULL;
	db->in_transaction = false;
}

/* "… for key 'users.email'" -> email: a unique key is named like the member that it guards. */
static const char *
duplicate_key(struct db *db, const char *message)
{
	const char *end = strrchr(message, '\''), *start = end;

	while (start != NULL && start > message && start[-1] != '\'' && start[-1] != '.')
		start--;
	return start == NULL || start == message ? NULL
						 : mem_copy(db->m, start, (size_t)(end - start));
}

void
db_complain(const struct db *db)
{
	/* The message may quote data; the number and the literal say enough. */
	log_error("database error %u in: %.100s", db->code, db->literal);
}

unsigned
db_error(const struct db *db)
{
	return db->code;
}

/* What a server or client error means for this unit of work. */
static json_t *
failed(struct db *db, const struct maria_error *error, const char *literal)
{
	db->code = error->code;
	db->literal = literal;
	if (error->code >= 2000 &&
		error->code < 3000) { /* the client library: the wire is broken */
		db->trouble = DB_LOST;
		disconnect(db);
		return NULL;
	}
	switch (error->code) {
	case 1062: /* duplicate entry */
		err_add(db->fault, ERR_TAKEN, duplicate_key(db, error->message), 0);
		return NULL;
	case 1213: /* deadlock */
	case 1205: /* lock wait timeout */
	case 1020: /* row changed since last read */
	case 1452: /* what a row points to has gone meanwhile: the next time it is not found */
	case 1047: /* Galera: node not ready */ db->trouble = DB_AGAIN; return NULL;
	case 1053: /* server shutdown */
	case 1152: /* aborted, killed connection */
	case 1927:
		db->trouble = DB_LOST;
		disconnect(db);
		return NULL;
	case 1040: /* too many connections: of all, of one user, of one user's limits */
	case 1203:
	case 1226:
	case 1290: /* read-only server */
	case 1836:
	case 1021: /* disk or table full */
	case 1114:
	case 1317: /* interrupted */ err_add(db->fault, ERR_AWAY, NULL, 0); break;
	default: err_add(db->fault, ERR_INTERNAL, NULL, 0); break;
	}
	db_complain(db);
	return NULL;
}

#define SETTINGS                                                                                   \
	"SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"                    \
	"NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', innodb_lock_wait_timeout = 2"

/* What each session is told. Lost updates become error 1020, which is retried, where the server
 * knows of that. */
static bool
settle(struct db *db)
{
	enum {
		UNKNOWN_VARIABLE = 1193
	};

	if (db->read_committed)
		return maria_query(db->maria, SETTINGS) &&
			maria_query(db->maria,
				"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
	if (maria_query(db->maria, SETTINGS ", innodb_snapshot_isolation = ON"))
		return true;
	return maria_error(db->maria)->code == UNKNOWN_VARIABLE && maria_query(db->maria, SETTINGS);
}

static bool
connect_now(struct db *db)
{
	struct maria_error error;

	if ((db->maria = maria_open(db->conf, &error)) == NULL)
		return failed(db, &error, "connect") != NULL;
	if (!settle(db)) {
		error = *maria_error(db->maria);
		disconnect(db);
		return failed(db, &error, "SET SESSION") != NULL;
	}
	return true;
}

json_t *
db_execute(struct db *db, const char *literal, json_t *args, long long *changed)
{
	struct maria_count count;
	json_t *rows;

	if (db->maria == NULL && !connect_now(db))
		return NULL;
	if (db->wants_transaction && !db->in_transaction) {
		if (!maria_query(db->maria, "START TRANSACTION"))
			return failed(db, maria_error(db->maria), "START TRANSACTION");
		db->in_transaction = true;
	}
	if (db->follow != NULL)
		db->follow(db, literal, args);
	if ((rows = maria_run(db->maria, db->m, literal, args, &db->want, &count)) == NULL)
		return failed(db, maria_error(db->maria), literal);
	if (db->follow != NULL)
		db->follow(db, NULL, NULL);
	*changed = count.rows;
	db->id = count.id;
	return rows;
}

struct db *
db_new(const struct conf *conf)
{
	struct db *db = calloc(1, sizeof *db);

	if (db == NULL)
		mem_abort("out of memory");
	db->conf = conf;
	return db;
}

void
db_free(struct db *db)
{
	disconnect(db);
	maria_end();
	free(db);
}

struct db *
db_new_committed(const struct conf *conf)
{
	struct db *db = db_new(conf);

	db->read_committed = true;
	return db;
}

void
db_serve(struct db *db, struct mem *m, struct fault *fault)
{
	db->m = m;
	db->fault = fault;
	db_start(db, false);
}

void
db_start(struct db *db, bool transaction)
{
	db->trouble = DB_FINE;
	db->wants_transaction = transaction;
	db->aparts = NULL;
	db->last_apart = &db->aparts;
}

/* Run what db_apart kept; a failure here is logged by failed() and changes no answer. */
static void
run_aparts(struct db *db)
{
	struct fault *fault = db->fault;
	enum db_trouble trouble = db->trouble;
	long long changed;

	db->unheard.count = 0;
	db->fault = &db->unheard;
	db->wants_transaction = false;
	for (const struct apart *a = db->aparts; a != NULL; a = a->next)
		for (int tries = 0; tries < 2; tries++) {
			db->trouble = DB_FINE;
			if (db_execute(db, a->literal, a->args, &changed) != NULL ||
				db->trouble == DB_FINE)
				break;
		}
	db->aparts = NULL;
	db->last_apart = &db->aparts;
	db->fault = fault;
	db->trouble = trouble;
}

/* COMMIT or ROLLBACK failed. */
static void
not_ended(struct db *db, bool committing)
{
	enum db_trouble before = db->trouble;
	struct fault *fault = db->fault;

	db->unheard.count = 0;
	db->fault = committing ? fault : &db->unheard;
	failed(db, maria_error(db->maria), committing ? "COMMIT" : "ROLLBACK");
	db->fault = fault;
	if (db->trouble != DB_AGAIN)
		disconnect(db); /* who knows what is still open there */
	if (!committing) {
		db->trouble = before; /* what made us roll back is the answer */
	} else if (db->trouble == DB_LOST) {
		db->trouble = DB_FINE; /* it may have taken place: never run it again */
		db_complain(db);
		err_add(db->fault, ERR_AWAY, NULL, 0);
	}
}

bool
db_end(struct db *db)
{
	bool good = db_ok(db);

	if (db->in_transaction) {
		bool lost = !maria_query(db->maria, good ? "COMMIT" : "ROLLBACK");

		db->in_transaction = false;
		if (lost)
			not_ended(db, good);
		good = good && !lost;
	}
	db->wants_transaction = false;
	if (db->trouble == DB_FINE)
		run_aparts(db); /* else the unit is run again, and keeps its own */
	return good;
}

enum db_trouble
db_trouble(const struct db *db)
{
	return db->trouble;
}

bool
db_ok(const struct db *db)
{
	return db->trouble == DB_FINE && db->fault->count == 0;
}

void *
db_refuse(struct db *db, enum err e, const char *key)
{
	if (db->trouble == DB_FINE)
		err_add(db->fault, e, key, 0);
	return NULL;
}

void *
db_refuse_rate(struct db *db, long seconds)
{
	if (db->trouble == DB_FINE)
		err_add(db->fault, ERR_RATE, NULL, seconds);
	return NULL;
}

json_t *
db_rows_of(struct db *db, const char *sql, json_t *args)
{
	long long changed;

	return db_ok(db) ? db_execute(db, sql, args, &changed) : NULL;
}

json_t *
db_row_of(struct db *db, const char *sql, json_t *args)
{
	return json_array_get(db_rows_of(db, sql, args), 0);
}

long long
db_run_of(struct db *db, const char *sql, json_t *args)
{
	long long changed = -1;

	if (db_ok(db))
		db_execute(db, sql, args, &changed); /* an error leaves it as it is */
	return changed;
}

bool
db_bytes_of(struct db *db, const char *sql, json_t *args, struct db_bytes *bytes)
{
	long long changed = 0;
	json_t *rows;

	db->want.bytes = bytes;
	rows = db_ok(db) ? db_execute(db, sql, args, &changed) : NULL;
	bytes->length = (size_t)row_number(json_array_get(rows, 0), "bytes");
	db->want.bytes = NULL;
	return changed > 0 && bytes->length <= bytes->room;
}

void
db_apart_of(struct db *db, const char *sql, json_t *args)
{
	struct apart *a = mem_get(db->m, sizeof *a);

	*a = (struct apart){ NULL, sql, args };
	*db->last_apart = a;
	db->last_apart = &a->next;
	if (!db->wants_transaction)
		run_aparts(db);
}

long long
db_id(struct db *db)
{
	return db->id;
}

struct mem *
db_mem(struct db *db)
{
	return db->m;
}

bool
db_script(struct db *db, const char *script, const char **why)
{
	if (db->maria == NULL && !connect_now(db)) {
		*why = "the database does not answer";
		return false;
	}
	if (maria_script(db->maria, script))
		return true;
	*why = mem_print(db->m, "%s", maria_error(db->maria)->message);
	return false;
}
