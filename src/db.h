/* SPDX-License-Identifier: ISC */
#pragma once

#include "conf.h"
#include "err.h"
#include "mem.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * One connection to MariaDB, with its prepared statements. It connects at the first statement, and
 * anew when the connection was lost.
 *
 * Errors stick: after the first one (in the request's fault, or trouble that the pipeline may mend)
 * every call below does nothing and returns NULL, -1 or false until the next db_start. So a noun
 * checks once, at its end.
 *
 * SQL is a string literal (anything else does not compile) with :name parameters, bound to the
 * members of `args`, an object or NULL: text, whole and real numbers, booleans, null. Column
 * aliases become the keys of the answer. Results belong to the request.
 */
struct db;

/* What keeps a unit of work from its end. */
enum db_trouble {
	DB_FINE,
	DB_AGAIN, /* deadlock, lock wait, changed or vanished row, node not ready: run it again */
	DB_LOST   /* the connection went before COMMIT was sent: connect and run it again */
};

/* A connection by these settings, not yet made. `conf` must live on. */
struct db *db_new(const struct conf *conf);

/*
 * The same; but the statements of a transaction read what is committed by then, not what was when
 * it began. Otherwise a transaction that finds a row changed since its beginning is run again: it
 * could not know what it lost. Where many count up the same row they would all run again and again;
 * so this is for those who hold a row before they decide by it.
 */
struct db *db_new_committed(const struct conf *conf);

void db_free(struct db *db);

/* The request whose memory takes the results and whose fault takes the errors. */
void db_serve(struct db *db, struct mem *m, struct fault *fault);

/* Start a unit of work; with `transaction`, BEGIN is sent before its first statement. */
void db_start(struct db *db, bool transaction);

/*
 * End it: COMMIT if nothing went wrong, else ROLLBACK; then what db_apart kept. True if all of it
 * is in the database.
 */
bool db_end(struct db *db);

enum db_trouble db_trouble(const struct db *db);

/* The number that the server or the client library gave its last error; 0: there was none. */
unsigned db_error(const struct db *db);

/* Log what the trouble was, for a unit that will not be run again. */
void db_complain(const struct db *db);

/* False after the first error of this unit of work. */
bool db_ok(const struct db *db);

/* Note an error of the noun's own: the unit will be rolled back. Returns NULL, for `return`. */
void *db_refuse(struct db *db, enum err e, const char *key);

/* Note ERR_RATE: it may be tried again in so many seconds. Returns NULL. */
void *db_refuse_rate(struct db *db, long seconds);

/* The rows as an array of objects; [] if there are none. */
#define db_rows(db, sql, args) db_rows_of(db, "" sql, args)
json_t *db_rows_of(struct db *db, const char *sql, json_t *args);

/* The first row as an object, or NULL if there is none or on error. */
#define db_row(db, sql, args) db_row_of(db, "" sql, args)
json_t *db_row_of(struct db *db, const char *sql, json_t *args);

/* Run a statement: the number of rows it changed, or -1. */
#define db_run(db, sql, args) db_run_of(db, "" sql, args)
long long db_run_of(struct db *db, const char *sql, json_t *args);

/* What is no text: `length` bytes, or room for them. */
struct db_bytes {
	char *at;
	size_t room, length;
};

/*
 * Run a statement with these bytes for its parameter :bytes, or one whose column `bytes` goes into
 * them. False if it changed no row, or found none, or there is too little room.
 */
#define db_bytes(db, sql, args, bytes) db_bytes_of(db, "" sql, args, bytes)
bool db_bytes_of(struct db *db, const char *sql, json_t *args, struct db_bytes *bytes);

/*
 * Run a statement as a committed unit of its own, whatever becomes of the present one: at once when
 * no transaction is open, else right after its end. For events, ended sessions.
 */
#define db_apart(db, sql, args) db_apart_of(db, "" sql, args)
void db_apart_of(struct db *db, const char *sql, json_t *args);

/*
 * The database's clock now, in microseconds since 1970, as TIMESTAMPDIFF(MICROSECOND, '1970-01-01',
 * column) gives a DATETIME. A statement that leaves NOW() to this one can be answered from the
 * query cache. The server is asked once a minute; in between it is the clock of this machine and
 * the difference. 0 on error.
 */
enum {
	DB_SECOND = 1000000
};
int64_t db_now(struct db *db);

/*
 * What an answer asked, and which rows came: for repeat.c. It lives in `m`, and has room for so
 * many bytes of rows.
 */
struct db_trail;
struct db_trail *db_trail_new(struct mem *m, size_t most);

/* Note each statement and its rows from now on; NULL: no more. */
void db_follow(struct db *db, struct db_trail *trail);

/* Whether all that was noted has been read, by units without a transaction, and there was room. */
bool db_trail_good(const struct db_trail *trail);

/* Ask all of it again. Whether each statement finds the very same rows; false on error, too. */
bool db_same(struct db *db, struct db_trail *trail);

/* The id that the last INSERT made. */
long long db_id(struct db *db);

/* `base` (or NULL) with further members by json_pack(3): arguments for a statement. */
json_t *db_args(struct db *db, json_t *base, const char *format, ...);

/* The request's memory, for the nouns. */
struct mem *db_mem(struct db *db);

/*
 * For migrations alone: run the statements of a script, outside any transaction. False on error,
 * with the server's message, which may quote the script, at *why.
 */
bool db_script(struct db *db, const char *script, const char **why);
