/* SPDX-License-Identifier: ISC */
#pragma once

/* What the files of db share. */

#include "db.h"
#include "maria.h"

struct db {
	const struct conf *conf;
	struct maria *maria; /* NULL = not connected */
	struct mem *m;
	struct fault *fault;
	enum db_trouble trouble;
	bool wants_transaction, in_transaction, read_committed;
	struct apart *aparts, **last_apart;
	unsigned code; /* of the server's last error, and the statement that met it */
	const char *literal;
	struct fault unheard; /* errors that change no answer */
	struct maria_want want;
	/* Is told each statement before it is run, and NULL when it was; NULL: nobody follows. A
	 * pointer, so that other programs do not link db_trail.c. */
	void (*follow)(struct db *db, const char *literal, json_t *args);
	struct db_trail *trail;
	long long id;
};

/* Run a literal. The rows ([] if it has none), or NULL on error; *changed = rows changed. */
json_t *db_execute(struct db *db, const char *literal, json_t *args, long long *changed);
