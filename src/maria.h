/* SPDX-License-Identifier: ISC */
#pragma once

#include "conf.h"
#include "mem.h"

#include <stdbool.h>

/* One connection to MariaDB. For db.c alone: everybody else goes through db.h. */
struct maria;

/* What the server or the client library said last. The message may quote data: never log it. */
struct maria_error {
	unsigned code;
	char message[512];
};

struct maria_count {
	long long rows; /* that an UPDATE matched, a DELETE removed, an INSERT made */
	long long id;   /* that an INSERT made */
};

/* Connect, with time limits and utf8mb4. NULL on failure, with *error filled. Free with
 * maria_close. */
struct maria *maria_open(const struct conf *conf, struct maria_error *error);
void maria_close(struct maria *db);

const struct maria_error *maria_error(const struct maria *db);

/* Send one fixed statement that answers no rows. */
bool maria_query(struct maria *db, const char *text);

/* Send a script of several statements; what they answer is dropped. */
bool maria_script(struct maria *db, const char *script);

struct db_bytes;

/* What else is wanted of a statement. */
struct maria_want {
	const struct db_bytes *bytes; /* stands for the parameter and the column of that name */
	/* Is told each row as the server sent it; NULL: nobody is. */
	void (*row)(void *of, const void *row, size_t length);
	void *of;
	bool blind; /* no row becomes JSON */
};

/*
 * Run a literal of the program with its :name parameters bound to the members of `args`, NULL for
 * one that is not there. It is prepared once for the life of the connection, and found again by its
 * address. Returns the rows as an array of objects ([] if the statement has none) in `m`, or NULL
 * on error.
 *
 * An alias `a.b` is member b of an object a; `a[]` is an array of the lines of a text.
 * Integers of display length 1 (BOOLEAN, and comparisons) become true and false; DATETIME becomes
 * ISO 8601 with milliseconds and Z; DECIMAL without decimals becomes an integer. Bytes, of which a
 * row has one column at most, go into want->bytes, and the row has their number.
 */
json_t *maria_run(struct maria *db, struct mem *m, const char *literal, json_t *args,
	const struct maria_want *want, struct maria_count *count);

/* Release what libmariadb holds for the process. */
void maria_end(void);
