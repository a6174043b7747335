/* SPDX-License-Identifier: ISC */
/*
 * maria: the wire to MariaDB by libmariadb's prepared statements (binary protocol). Owns the
 * connection and the statements kept for its life; knows nothing of transactions, nor what an error
 * means. Values are maria_value.c's; nobody else knows libmariadb.
 */
#include "maria.h"

#include "maria_parts.h"

#include <errmsg.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CONNECT_SECONDS = 2,
	READ_SECONDS = 3, /* with the one reconnect, a stopped server costs 5 s at most */
	STATEMENTS = 256,
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

		s->column[i].kind = maria_kind(f);
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

static json_t *
not_run(struct maria *db, const struct statement *s)
{
	failed(db, mysql_stmt_errno(s->stmt), mysql_stmt_error(s->stmt));
	return NULL;
}

static void
tell_rows(const MYSQL_STMT *stmt, const struct maria_want *want)
{
	for (const MYSQL_ROWS *r = stmt->result.data; r != NULL; r = r->next)
		want->row(want->of, r->data, r->length);
}

json_t *
maria_run(struct maria *db, struct mem *m, const char *literal, json_t *args,
	const struct maria_want *want, struct maria_count *count)
{
	struct statement *s = statement(db, literal);
	MYSQL_BIND *binds;
	json_t *rows;

	if (s == NULL)
		return NULL;
	binds = mem_get(m, (s->sql.count + 1) * sizeof *binds);
	maria_bind(m, s, args, want->bytes, binds);
	if (mysql_stmt_bind_param(s->stmt, binds) != 0 || mysql_stmt_execute(s->stmt) != 0)
		return not_run(db, s);
	if (s->columns == 0) /* an INSERT … RETURNING says only now what it returns */
		describe(s);
	if (s->columns > 0 && mysql_stmt_store_result(s->stmt) != 0)
		return not_run(db, s);
	count->rows = (long long)mysql_stmt_affected_rows(s->stmt);
	count->id = (long long)mysql_stmt_insert_id(s->stmt);
	if (want->row != NULL)
		tell_rows(s->stmt, want);
	rows = s->columns > 0 && !want->blind ? maria_fetch(m, s, want->bytes)
					      : mem_json(m, json_array());
	mysql_stmt_free_result(s->stmt);
	return rows;
}

/*
 * libmariadb asks for the port of the service mysql as it starts, though each connection names its
 * socket or port: the C library would search for modules and read /etc/services, a tenth of what a
 * request takes by plain CGI. This stands in front of its function.
 */
struct servent *
getservbyname(const char *name, const char *protocol)
{
	(void)name;
	(void)protocol;
	return NULL;
}

void
maria_end(void)
{
	mysql_library_end();
}
