/* SPDX-License-Identifier: ISC */
/*
 * maria: the wire to MariaDB by libmariadb's prepared statements (binary protocol). Owns the
 * connection, the statements kept for its life, and how values become JSON and back; knows nothing
 * of transactions, nor what an error means. The one file that includes mysql.h.
 */
#include "maria.h"

#include "db.h"
#include "json.h"
#include "sql.h"

#include <errmsg.h>
#include <mysql.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CONNECT_SECONDS = 2,
	READ_SECONDS = 3, /* with the one reconnect, a stopped server costs 5 s at most */
	STATEMENTS = 256,
	COLUMNS = 48,
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

struct maria {
	MYSQL *my;
	struct statement *statements[STATEMENTS];
	struct maria_error error;
};

/* libmariadb has no number for each place where its memory runs out. */
static bool
failed(struct maria *db, unsigned code, const char *message)
{
	db->error.code = code != 0 ? code : CR_OUT_OF_MEMORY;
	snprintf(db->error.message, sizeof db->error.message, "%s", message);
	return false;
}

static void
forget_statement(struct statement *s)
{
	mysql_stmt_close(s->stmt);
	free(s->sql.text);
	free(s);
}

struct maria *
maria_open(const struct conf *c, struct maria_error *error)
{
	struct maria *db = calloc(1, sizeof *db);
	unsigned connect_timeout = CONNECT_SECONDS, off = 0;
	unsigned timeout = c->patient ? 0 : READ_SECONDS; /* 0 = none */
	bool by_socket = *c->database_socket != '\0';

	if (db == NULL || (db->my = mysql_init(NULL)) == NULL)
		mem_abort("out of memory");
	mysql_optionsv(db->my, MYSQL_OPT_CONNECT_TIMEOUT, &connect_timeout);
	mysql_optionsv(db->my, MYSQL_OPT_READ_TIMEOUT, &timeout);
	mysql_optionsv(db->my, MYSQL_OPT_WRITE_TIMEOUT, &timeout);
	mysql_optionsv(db->my, MYSQL_OPT_LOCAL_INFILE, &off);
	mysql_optionsv(db->my, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (mysql_real_connect(db->my, by_socket ? NULL : c->database_host, c->database_user,
		    c->database_password, c->database_name,
		    by_socket ? 0 : (unsigned)c->database_port,
		    by_socket ? c->database_socket : NULL, CLIENT_FOUND_ROWS) != NULL)
		return db;
	failed(db, mysql_errno(db->my), mysql_error(db->my));
	*error = db->error;
	maria_close(db);
	return NULL;
}

void
maria_close(struct maria *db)
{
	for (size_t i = 0; i < STATEMENTS; i++)
		if (db->statements[i] != NULL)
			forget_statement(db->statements[i]);
	mysql_close(db->my);
	free(db);
}

const struct maria_error *
maria_error(const struct maria *db)
{
	return &db->error;
}

bool
maria_query(struct maria *db, const char *text)
{
	return mysql_query(db->my, text) == 0 ||
		failed(db, mysql_errno(db->my), mysql_error(db->my));
}

bool
maria_script(struct maria *db, const char *script)
{
	int more = 0;

	mysql_set_server_option(db->my, MYSQL_OPTION_MULTI_STATEMENTS_ON);
	if (mysql_query(db->my, script) != 0)
		more = 1;
	while (more == 0) {
		mysql_free_result(mysql_store_result(db->my));
		more = mysql_next_result(db->my); /* -1 = no more, above 0 = error */
	}
	if (more > 0)
		failed(db, mysql_errno(db->my), mysql_error(db->my));
	mysql_set_server_option(db->my, MYSQL_OPTION_MULTI_STATEMENTS_OFF);
	return more < 0;
}

static enum kind
kind_of(const MYSQL_FIELD *f)
{
	switch (f->type) {
	case MYSQL_TYPE_TINY:
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONGLONG: return f->length == 1 ? BOOLEAN : INTEGER; /* BOOLEAN, a = b */
	case MYSQL_TYPE_DECIMAL:
	case MYSQL_TYPE_NEWDECIMAL:
		return f->decimals == 0 ? INTEGER : REAL; /* SUM() of integers */
	case MYSQL_TYPE_FLOAT:
	case MYSQL_TYPE_DOUBLE: return REAL;
	case MYSQL_TYPE_DATETIME:
	case MYSQL_TYPE_TIMESTAMP: return MOMENT;
	case MYSQL_TYPE_DATE: return DAY;
	default: return strcmp(f->name, "bytes") == 0 ? BYTES : TEXT_;
	}
}

/* Learn the columns of the result. False when memory has run out: a SELECT would find nothing. */
static bool
describe(struct statement *s)
{
	bool on = true;
	MYSQL_RES *meta = mysql_stmt_result_metadata(s->stmt);

	if (meta == NULL)
		return mysql_stmt_field_count(s->stmt) == 0;
	mysql_stmt_attr_set(s->stmt, STMT_ATTR_UPDATE_MAX_LENGTH, &on);
	s->columns = mysql_num_fields(meta);
	if (s->columns > COLUMNS)
		mem_abort("a statement with too many columns");
	for (size_t i = 0; i < s->columns; i++) {
		const MYSQL_FIELD *f = mysql_fetch_field_direct(meta, (unsigned)i);

		s->column[i].kind = kind_of(f);
		if (sql_alias(s->column[i].name, sizeof s->column[i].name, f->name,
			    &s->column[i].member))
			s->column[i].kind = LINES;
	}
	mysql_free_result(meta);
	return true;
}

/* The statement for this literal, prepared when it is new to the connection. NULL on error. */
static struct statement *
statement(struct maria *db, const char *literal)
{
	size_t at = ((uintptr_t)literal >> 3) * 2654435761U % STATEMENTS;
	struct statement *s;

	for (size_t tried = 0; db->statements[at] != NULL; at = (at + 1) % STATEMENTS) {
		if (db->statements[at]->literal == literal)
			return db->statements[at];
		if (++tried == STATEMENTS - 1)
			mem_abort("too many different statements");
	}
	if ((s = calloc(1, sizeof *s)) == NULL || (s->stmt = mysql_stmt_init(db->my)) == NULL)
		mem_abort("out of memory");
	s->literal = literal;
	sql_parse(&s->sql, literal);
	if (mysql_stmt_prepare(s->stmt, s->sql.text, strlen(s->sql.text)) != 0 || !describe(s)) {
		failed(db, mysql_stmt_errno(s->stmt), mysql_stmt_error(s->stmt));
		forget_statement(s);
		return NULL;
	}
	return db->statements[at] = s;
}

/* Point the binds at the arguments; JSON values outlive the execution. */
static void
bind_args(struct mem *m, const struct statement *s, json_t *args, const struct db_bytes *bytes,
	MYSQL_BIND *binds)
{
	for (size_t i = 0; i < s->sql.count; i++) {
		json_t *v = json_object_get(args, s->sql.names[i]);
		MYSQL_BIND *b = &binds[i];

		if (bytes != NULL && strcmp(s->sql.names[i], "bytes") == 0) {
			b->buffer_type = MYSQL_TYPE_BLOB;
			b->buffer = bytes->at;
			b->buffer_length = bytes->length;
			continue;
		}
		switch (v == NULL ? -1 : (int)json_typeof(v)) {
		case JSON_STRING:
			b->buffer_type = MYSQL_TYPE_STRING;
			b->buffer = (void *)json_string_value(v);
			b->buffer_length = json_string_length(v);
			break;
		case JSON_INTEGER:
		case JSON_TRUE:
		case JSON_FALSE:
			b->buffer_type = MYSQL_TYPE_LONGLONG;
			b->buffer = mem_get(m, sizeof(long long));
			*(long long *)b->buffer =
				json_is_integer(v) ? json_integer_value(v) : json_is_true(v);
			break;
		case JSON_REAL:
			b->buffer_type = MYSQL_TYPE_DOUBLE;
			b->buffer = mem_get(m, sizeof(double));
			*(double *)b->buffer = json_real_value(v);
			break;
		case JSON_OBJECT:
		case JSON_ARRAY: mem_abort("a statement parameter that is no single value");
		default: b->buffer_type = MYSQL_TYPE_NULL; break; /* null, or not there */
		}
	}
}

/* The buffers that a row is fetched into. */
struct cell {
	long long integer;
	double real;
	MYSQL_TIME time;
	unsigned long length;
	my_bool null;
};

static void
bind_cells(struct mem *m, const struct statement *s, const struct db_bytes *bytes,
	struct cell *cells, MYSQL_BIND *binds)
{
	for (size_t i = 0; i < s->columns; i++) {
		struct cell *c = &cells[i];
		MYSQL_BIND *b = &binds[i];

		b->is_null = &c->null;
		b->length = &c->length;
		switch (s->column[i].kind) {
		case INTEGER:
		case BOOLEAN: b->buffer_type = MYSQL_TYPE_LONGLONG, b->buffer = &c->integer; break;
		case REAL: b->buffer_type = MYSQL_TYPE_DOUBLE, b->buffer = &c->real; break;
		case MOMENT:
		case DAY: b->buffer_type = MYSQL_TYPE_DATETIME, b->buffer = &c->time; break;
		case BYTES:
			b->buffer_type = MYSQL_TYPE_BLOB;
			b->buffer_length = bytes->room;
			b->buffer = bytes->at;
			break;
		case LINES:
		case TEXT_:
			b->buffer_type = MYSQL_TYPE_STRING;
			b->buffer_length = s->stmt->fields[i].max_length + 1;
			b->buffer = mem_get(m, b->buffer_length);
			break;
		}
	}
}

static json_t *
cell_json(enum kind kind, const struct cell *c, const MYSQL_BIND *b)
{
	const MYSQL_TIME *t = &c->time;
	const unsigned part[] = { t->year, t->month, t->day, t->hour, t->minute, t->second };

	if (c->null)
		return json_null();
	switch (kind) {
	case INTEGER: return json_integer(c->integer);
	case BYTES: return json_integer((json_int_t)c->length);
	case BOOLEAN: return json_boolean(c->integer);
	case REAL: return json_real(c->real);
	case DAY:
	case MOMENT: return json_moment(part, t->second_part / 1000, kind == DAY);
	case TEXT_: return json_stringn(b->buffer, c->length);
	case LINES: return json_lines(b->buffer, c->length);
	}
	return NULL;
}

static json_t *
fetch(struct mem *m, struct statement *s, const struct db_bytes *bytes)
{
	struct cell *cells = mem_get(m, s->columns * sizeof *cells);
	MYSQL_BIND *binds = mem_get(m, s->columns * sizeof *binds);
	json_t *rows = mem_json(m, json_array());

	bind_cells(m, s, bytes, cells, binds);
	if (mysql_stmt_bind_result(s->stmt, binds) != 0)
		mem_abort("a result that cannot be bound");
	while (mysql_stmt_fetch(s->stmt) == 0) {
		json_t *row = json_object();

		json_array_append_new(rows, row);
		for (size_t i = 0; i < s->columns; i++)
			if (!row_put(row, s->column[i].name, s->column[i].member,
				    cell_json(s->column[i].kind, &cells[i], &binds[i])))
				mem_abort("out of memory, or a column that is not UTF-8");
	}
	return rows;
}

static json_t *
not_run(struct maria *db, const struct statement *s)
{
	failed(db, mysql_stmt_errno(s->stmt), mysql_stmt_error(s->stmt));
	return NULL;
}

json_t *
maria_run(struct maria *db, struct mem *m, const char *literal, json_t *args,
	const struct db_bytes *bytes, struct maria_count *count)
{
	struct statement *s = statement(db, literal);
	MYSQL_BIND *binds;
	json_t *rows;

	if (s == NULL)
		return NULL;
	binds = mem_get(m, (s->sql.count + 1) * sizeof *binds);
	bind_args(m, s, args, bytes, binds);
	if (mysql_stmt_bind_param(s->stmt, binds) != 0 || mysql_stmt_execute(s->stmt) != 0)
		return not_run(db, s);
	if (s->columns == 0) /* an INSERT … RETURNING says only now what it returns */
		describe(s);
	if (s->columns > 0 && mysql_stmt_store_result(s->stmt) != 0)
		return not_run(db, s);
	count->rows = (long long)mysql_stmt_affected_rows(s->stmt);
	count->id = (long long)mysql_stmt_insert_id(s->stmt);
	rows = s->columns > 0 ? fetch(m, s, bytes) : mem_json(m, json_array());
	mysql_stmt_free_result(s->stmt);
	return rows;
}

void
maria_end(void)
{
	mysql_library_end();
}
