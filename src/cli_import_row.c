/* SPDX-License-Identifier: ISC */
/*
 * cli_import_row: rows of a CSV file or of JSON lines as members, with all that is wrong in them.
 * Owns the columns; knows no database. What stands in the file, perhaps hashes where nobody expects
 * them, is in no message.
 */
#include "bulk.h"
#include "cli_import.h"
#include "group.h"
#include "input.h"
#include "json.h"
#include "pass.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const roles[] = { "member", "admin", NULL };
static const char *const waits[] = { "approval", "address", NULL };

/* As the API takes them; `picture` apart, whose bytes may be any. */
static const struct field fields[] = {
	{ "username", NAME, .max = 30, .need = true },
	{ "email", EMAIL, .max = 254, .need = true },
	{ "hash", LINE, .max = PASS_HASH_MAX - 1, .null = true },
	{ "role", CHOICE, .choices = roles, .null = true },
	{ "groups", TAGS, .max = GROUPS_MAX, .null = true },
	{ "bio", TEXT, .max = 5000, .null = true },
	{ "locked", BOOL, .null = true },
	{ "waits", CHOICE, .choices = waits, .null = true },
	{ "created", LINE, .null = true },
	{ "confirmed", LINE, .null = true },
};

#define COLUMNS                                                                                    \
	"username, email, hash, picture, role, groups, bio, locked, waits, created, confirmed"

enum {
	FIELDS = sizeof fields / sizeof fields[0]
};

void
row_refuse(struct mem *m, struct row *row, const char *format, ...)
{
	char reason[400];
	va_list ap;

	va_start(ap, format);
	vsnprintf(reason, sizeof reason, format, ap);
	va_end(ap);
	row->why = row->why == NULL ? mem_print(m, "%s", reason)
				    : mem_print(m, "%s; %s", row->why, reason);
}

/* The name of a column as it is kept; NULL if there is no such one. */
static const char *
column(const char *name, size_t length)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (strlen(fields[i].name) == length && memcmp(fields[i].name, name, length) == 0)
			return fields[i].name;
	return length == 7 && memcmp(name, "picture", 7) == 0 ? "picture" : NULL;
}

/* "2021-03-04", with "T05:06" or " 05:06:07.123456Z" behind it or not: in UTC, to milliseconds;
 * NULL if it is no moment. */
static const char *
moment(struct mem *m, const char *s)
{
	static const struct field day[] = { { "d", DATE, .need = true }, { 0 } };
	struct http_request none = { .method = GET, .query = "" };
	struct http_pair word = { .name = "d", .name_length = 1, .value_length = 10 };
	struct fault fault = { 0 };
	char shape[40], digits[] = "00:00:00.000";
	size_t n = strlen(s), frame;

	if (n < 10 || n >= sizeof shape)
		return NULL;
	word.value = mem_copy(m, s, 10);
	if (input_read(m, day, input_open(m, &none, NULL, &word, 1, &fault), &fault) == NULL)
		return NULL;
	s += 10;
	n -= 10;
	n -= n > 0 && s[n - 1] == 'Z';
	for (size_t i = 0; i < n; i++)
		shape[i] = isdigit((unsigned char)s[i]) ? '0' : s[i] == 'T' ? ' ' : s[i];
	shape[n] = '\0';
	frame = n > 10 ? 10 : n; /* digits of a fraction go on */
	if (n > 0 &&
		((n != 6 && n != 9 && n < 11) || strncmp(shape, " 00:00:00.", frame) != 0 ||
			shape[frame + strspn(shape + frame, "0")] != '\0'))
		return NULL;
	if (n > 0)
		memcpy(digits, s + 1, n - 1 < 12 ? n - 1 : 12);
	if (strncmp(digits, "24", 2) >= 0 || digits[3] > '5' || digits[6] > '5')
		return NULL;
	return mem_print(m, "%s %s", word.value, digits);
}

static void
check_hash(struct mem *m, struct row *row, const char *hash)
{
	if (hash == NULL)
		json_object_set_new(row->in, "hash", json_string(""));
	else if (!pass_known(hash))
		row_refuse(m, row,
			"hash is none of bcrypt, Werkzeug's scrypt and pbkdf2:sha256, $6$ and $y$, or "
			"broken, or would cost too much");
}

static void
check_moment(struct mem *m, struct row *row, const char *name, const char *key)
{
	const char *text = row_text(row->in, name), *good = text != NULL ? moment(m, text) : NULL;

	if (text != NULL && good == NULL)
		row_refuse(
			m, row, "%s is no date like 2021-03-04 or 2021-03-04 05:06:07 (UTC)", name);
	json_object_del(row->in, name);
	if (good != NULL)
		json_object_set_new(row->in, key, json_string(good));
}

static void
check_groups(struct mem *m, struct row *row)
{
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(row->in, "groups"), i, name)
	{
		if (group_is_name(json_string_value(name)))
			continue;
		row_refuse(m, row, "groups: a name is of 1 to 30 letters, digits, _ - and .");
		return;
	}
}

/* A picture is a file of this name, or an address. */
static void
check_picture(struct mem *m, struct row *row, const char *name, size_t length)
{
	static const struct field url[] = { { "picture", URL, .max = 2000, .need = true }, { 0 } };
	struct http_request none = { .method = GET, .query = "" };
	struct http_pair word = {
		.name = "picture", .name_length = 7, .value = name, .value_length = length
	};
	struct fault fault = { 0 };

	if (length == 0 || strcmp(name, "default.jpg") == 0)
		return;
	if (strlen(name) != length)
		row_refuse(m, row, "picture holds a NUL");
	else if (memchr(name, '/', length) == NULL)
		row->picture = name;
	else if (name[0] != '/' && strncmp(name, "https://", 8) != 0 &&
		strncmp(name, "http://", 7) != 0)
		row_refuse(m, row, "picture is neither the name of a file nor a web address");
	else if (input_read(m, url, input_open(m, &none, NULL, &word, 1, &fault), &fault) == NULL)
		row_refuse(m, row, "picture is no web address");
	else
		json_object_set_new(row->in, "image", json_stringn(name, length));
}

/* Read each field by itself, so that one that is wrong hides nothing of the others. */
static void
read_fields(struct mem *m, struct row *row, const struct sent *sent)
{
	row->in = mem_json(m, json_object());
	for (size_t i = 0; i < FIELDS; i++) {
		struct field one[] = { fields[i], { 0 } };
		struct fault fault = { 0 };
		json_t *in = input_read(m, one, sent, &fault);
		char text[160];

		for (size_t f = 0; f < fault.count; f++)
			row_refuse(m, row, "%s %s", fault.flaws[f].key,
				err_text(&fault.flaws[f], text, sizeof text));
		if (in != NULL)
			json_object_update(row->in, in);
	}
	check_hash(m, row, row_text(row->in, "hash"));
	check_moment(m, row, "created", "createdAt");
	check_moment(m, row, "confirmed", "confirmedAt");
	check_groups(m, row);
	bulk_keys(m, row->in);
}

/* Groups are separated by blanks, which no name holds; fields of the type TAGS by commas. */
static void
read_sheet(struct source *from, struct mem *m, struct row *row, const struct sheet_row *cells)
{
	struct http_request none = { .method = GET, .query = "" };
	struct http_pair pairs[SHEET_FIELDS];
	struct fault fault = { 0 };

	if (cells->wrong != NULL) {
		row_refuse(m, row, "%s", cells->wrong);
		return;
	}
	if (cells->count != from->count) {
		row_refuse(m, row, "has %zu fields, and the first line %zu", cells->count,
			from->count);
		return;
	}
	for (size_t i = 0; i < cells->count; i++) {
		const struct sheet_field *cell = &cells->field[i];
		char *value = mem_copy(m, cell->text, cell->length);

		if (strcmp(from->column[i], "groups") == 0)
			for (char *at = value; *at != '\0'; at++)
				if (*at == ' ')
					*at = ',';
		pairs[i] = (struct http_pair){ from->column[i], value, strlen(from->column[i]),
			cell->length, NULL, NULL };
	}
	read_fields(m, row, input_open(m, &none, NULL, pairs, cells->count, &fault));
	for (size_t i = 0; i < cells->count; i++)
		if (strcmp(from->column[i], "picture") == 0)
			check_picture(m, row, cells->field[i].text, cells->field[i].length);
}

static void
read_line(struct mem *m, struct row *row, const char *line, size_t length)
{
	struct http_request rq = { .method = POST,
		.type = "application/json",
		.query = "",
		.body = line,
		.length = length };
	struct fault fault = { 0 };
	const struct sent *sent = input_open(m, &rq, NULL, NULL, 0, &fault);
	json_t *object = NULL, *value;
	const char *name;

	if (sent != NULL)
		object = mem_json(m, json_loadb(line, length, 0, NULL));
	if (object == NULL) {
		row_refuse(m, row, "is no JSON object, or has a member twice");
		return;
	}
	json_object_foreach(object, name, value)
	{
		if (column(name, strlen(name)) == NULL)
			row_refuse(m, row, "has a member that is none of " COLUMNS);
	}
	read_fields(m, row, sent);
	value = json_object_get(object, "picture");
	if (json_is_string(value))
		check_picture(m, row, json_string_value(value), json_string_length(value));
	else if (value != NULL && !json_is_null(value))
		row_refuse(m, row, "picture must be text");
}

static bool
next_line(struct source *from, struct mem *m, struct row *row)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	do {
		n = getline(&line, &size, from->file);
		from->line++;
	} while (n > 0 && strspn(line, " \t\r\n") == (size_t)n);
	if (n > SHEET_ROW_BYTES)
		row_refuse(m, row, "is too long");
	else if (n > 0)
		read_line(m, row, line, (size_t)n);
	row->line = row->last = from->line;
	free(line);
	return n > 0;
}

bool
source_next(struct source *from, struct mem *m, struct row *row)
{
	struct sheet_row cells;

	*row = (struct row){ 0 };
	if (from->sheet == NULL)
		return next_line(from, m, row);
	if (!sheet_next(from->sheet, m, &cells))
		return false;
	row->line = cells.line;
	row->last = cells.last;
	read_sheet(from, m, row, &cells);
	return true;
}

/* The first line of CSV. What stands there is not repeated: without such a line it is a member. */
static bool
read_columns(struct source *from, struct mem *m, const char *path)
{
	struct sheet_row first;
	bool username = false, email = false;

	if (!sheet_next(from->sheet, m, &first))
		return cli_fail("%s: is empty", path) == 0;
	if (first.wrong != NULL)
		return cli_fail("%s: line %zu %s", path, first.line, first.wrong) == 0;
	from->count = first.count;
	for (size_t i = 0; i < first.count; i++) {
		const char *name = column(first.field[i].text, first.field[i].length);

		if (name == NULL)
			return cli_fail("%s: the first line must name the columns: number %zu is "
					"none of " COLUMNS,
				       path, i + 1) == 0;
		for (size_t j = 0; j < i; j++)
			if (from->column[j] == name)
				return cli_fail("%s: column %s is there twice", path, name) == 0;
		from->column[i] = name;
		username |= strcmp(name, "username") == 0;
		email |= strcmp(name, "email") == 0;
	}
	return (username && email) ||
		cli_fail("%s: the columns username and email are needed", path) == 0;
}

bool
source_open(struct source *from, struct mem *m, const char *path)
{
	int first;

	*from = (struct source){ .file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re") };
	if (from->file == NULL)
		return cli_fail("%s: %s", path, strerror(errno)) == 0;
	first = sheet_first(from->file);
	if (first == '{')
		return true;
	if (ferror(from->file))
		return cli_fail("%s: %s", path, strerror(errno)) == 0;
	from->sheet = sheet_new(from->file);
	return read_columns(from, m, path);
}

void
source_close(struct source *from)
{
	if (from->sheet != NULL)
		sheet_free(from->sheet);
	if (from->file != NULL)
		(void)fclose(from->file);
}
