/* SPDX-License-Identifier: ISC */
/*
 * cli_doctor_rights: whether the database account of a class may do just what sql/grants.sql says:
 * nothing less, nothing more. It is asked for by the account itself, for no other sees its rights.
 */
#include "cli_doctor.h"
#include "cli_migrate.h"
#include "json.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum {
	SHOWN = 3 /* rights that are named, of many */
};

/* The next word of letters, digits and _ from *at on; NULL: something else, or the end. */
static const char *
word(struct mem *m, const char **at)
{
	const char *start = *at;
	size_t n = 0;

	while (isalnum((unsigned char)start[n]) || start[n] == '_')
		n++;
	*at = start + n;
	return n > 0 ? mem_copy(m, start, n) : NULL;
}

static void
skip(const char **at, const char *what)
{
	*at += strspn(*at, what);
}

/* Note "SELECT ON table" for each right of a GRANT, or "SELECT (column) ON table"; `at` stands
 * behind the word GRANT. */
static void
note_grant(struct mem *m, json_t *rights, const char *at)
{
	const char *on = strstr(at, " ON "), *table, *name;

	table = on + 4;
	table = word(m, &table);
	for (skip(&at, " \t\n,"); at < on; skip(&at, " \t\n,")) {
		const char *right = word(m, &at);

		skip(&at, " ");
		if (right == NULL)
			break;
		if (*at != '(') {
			json_object_set_new(
				rights, mem_print(m, "%s ON %s", right, table), json_true());
			continue;
		}
		for (at++; *at != ')'; skip(&at, " \t\n,"))
			if ((name = word(m, &at)) != NULL)
				json_object_set_new(rights,
					mem_print(m, "%s (%s) ON %s", right, name, table),
					json_true());
		at++;
	}
}

/* What the section of the class grants, as the members of an object. */
static json_t *
wanted(struct doctor *d)
{
	struct mem *m = d->cli.mem;
	const char *path = mem_print(m, "%s/grants.sql", migrate_folder(m));
	const char *file = cli_read(m, path, NULL), *start, *end;
	json_t *rights = mem_json(m, json_object());

	if (file == NULL)
		doctor_end("%s: %s", path, strerror(errno));
	if ((start = strstr(file, mem_print(m, "\n-- class %s\n", d->class))) == NULL)
		doctor_end("%s has no section for the class %s", path, d->class);
	end = strstr(start + 1, "\n-- class ");
	file = mem_copy(m, start, end != NULL ? (size_t)(end - start) : strlen(start));
	while ((file = strstr(file, "\nGRANT ")) != NULL)
		note_grant(m, rights, file += 7);
	return rights;
}

/* What the account has, in the same words. */
static json_t *
given(struct doctor *d)
{
	json_t *rights = mem_json(d->cli.mem, json_object()), *row;
	json_t *rows = db_rows(d->cli.db,
		"SELECT CONCAT(privilege_type, ' ON ', table_name,"
		" IF(is_grantable = 'YES', ' WITH GRANT OPTION', '')) AS one"
		" FROM information_schema.table_privileges WHERE table_schema = DATABASE()"
		" UNION ALL SELECT CONCAT(privilege_type, ' (', column_name, ') ON ', table_name)"
		" FROM information_schema.column_privileges WHERE table_schema = DATABASE()"
		" UNION ALL SELECT CONCAT(privilege_type, ' ON ', table_schema, '.', table_name)"
		" FROM information_schema.table_privileges WHERE table_schema <> DATABASE()"
		" UNION ALL SELECT CONCAT(privilege_type, ' ON ', table_schema, '.*')"
		" FROM information_schema.schema_privileges"
		" UNION ALL SELECT CONCAT(privilege_type, ' ON *.*')"
		" FROM information_schema.user_privileges WHERE privilege_type <> 'USAGE'",
		NULL);
	size_t i;

	json_array_foreach(rows, i, row)
	{
		json_object_set_new(rights, row_text(row, "one"), json_true());
	}
	return rights;
}

/* The members of `all` that `others` lacks, the first few by name; NULL: none. */
static const char *
lacking(struct mem *m, json_t *all, json_t *others)
{
	const char *names = "", *right;
	json_t *value;
	size_t count = 0;

	json_object_foreach(all, right, value)
	{
		if (json_object_get(others, right) != NULL)
			continue;
		if (count++ < SHOWN)
			names = mem_print(m, "%s%s%s", names, *names != '\0' ? ", " : "", right);
	}
	if (count > SHOWN)
		names = mem_print(m, "%s and %zu more", names, count - SHOWN);
	return count > 0 ? names : NULL;
}

void
doctor_account(struct doctor *d)
{
	struct mem *m = d->cli.mem;
	const char *missing, *many;
	json_t *want, *have;

	if (strcmp(d->owner, d->cli.conf->database_user) == 0) {
		doctor_good(d, "%s: has the account of all, %s", d->class, d->owner);
		return;
	}
	doctor_reach(d);
	want = wanted(d);
	have = given(d);
	if ((missing = lacking(m, want, have)) != NULL)
		doctor_bad(d, "%s may not %s: postern migrate up grants it",
			d->cli.conf->database_user, missing);
	if ((many = lacking(m, have, want)) != NULL)
		doctor_bad(d,
			"%s may %s, which its programs do not need: take it away by REVOKE in the "
			"database's shell",
			d->cli.conf->database_user, many);
	if (missing == NULL && many == NULL)
		doctor_good(d, "%s may what its programs need, and no more",
			d->cli.conf->database_user);
}
