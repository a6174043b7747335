/* SPDX-License-Identifier: ISC */
/* maria_value: how JSON becomes the parameters of a statement, and its rows JSON. */
#include "json.h"
#include "maria_parts.h"

#include <string.h>

enum kind
maria_kind(const MYSQL_FIELD *f)
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

void
maria_bind(struct mem *m, const struct statement *s, json_t *args, const struct db_bytes *bytes,
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

json_t *
maria_fetch(struct mem *m, struct statement *s, const struct db_bytes *bytes)
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
