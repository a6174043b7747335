/* SPDX-License-Identifier: ISC */
#pragma once

/* What the files of maria share, and the one place that includes mysql.h. */

#include "db.h"
#include "sql.h"

#include <mariadb/mysql.h>

enum {
	COLUMNS = 48
};

/* How a column's bytes become JSON. */
enum kind {
	TEXT_,
	INTEGER,
	BOOLEAN,
	REAL,
	MOMENT,
	DAY,
	LINES,
	BYTES
};

struct column {
	char name[64];
	const char *member; /* of an object of that name; NULL: it is the value itself */
	enum kind kind;
};

/* A literal of the program, prepared: found again by the literal's address. */
struct statement {
	const char *literal;
	MYSQL_STMT *stmt;
	struct sql sql;
	size_t columns;
	struct column column[COLUMNS];
};

/* What a column holds. */
enum kind maria_kind(const MYSQL_FIELD *f);

/* Point `binds`, one for each parameter, at the arguments, which must outlive the execution. */
void maria_bind(struct mem *m, const struct statement *s, json_t *args,
	const struct db_bytes *bytes, MYSQL_BIND *binds);

/* The rows of a stored result, as an array of objects in `m`. */
json_t *maria_fetch(struct mem *m, struct statement *s, const struct db_bytes *bytes);
