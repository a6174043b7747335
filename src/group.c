/* SPDX-License-Identifier: ISC */
/*
 * group: names that members are gathered under. Owns the tables `groups` and `group_members`; knows
 * nothing of what a group may do.
 */
#include "group.h"

#include "json.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	NAME_CHARS = 30
};

json_t *
group_array(struct mem *m, const char *names)
{
	json_t *array = mem_json(m, json_array());

	for (const char *at = names != NULL ? names : ""; *at != '\0'; at += *at == ' ') {
		size_t n = strcspn(at, " ");

		json_array_append_new(array, json_stringn(at, n));
		at += n;
	}
	return array;
}

const char *
group_text(struct mem *m, json_t *array)
{
	const char *names = "";
	json_t *name;
	size_t i;

	if (!json_is_array(array))
		return NULL;
	json_array_foreach(array, i, name)
	{
		if (!json_is_string(name))
			return NULL;
		names = mem_print(m, "%s%s%s", names, i > 0 ? " " : "", json_string_value(name));
	}
	return names;
}

static int
by_name(const void *a, const void *b)
{
	return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

json_t *
group_fold(struct db *db, json_t *rows)
{
	size_t n = json_array_size(rows);
	const char **names = mem_get(db_mem(db), (n + 1) * sizeof *names), *all = "";
	json_t *first = json_array_get(rows, 0);

	if (first == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		names[i] = row_text(json_array_get(rows, i), "groups");
	if (names[0] == NULL) /* of none */
		n = 0;
	qsort(names, n, sizeof *names, by_name);
	for (size_t i = 0; i < n; i++)
		all = mem_print(db_mem(db), "%s%s%s", all, i > 0 ? " " : "", names[i]);
	json_object_set_new(first, "groups", json_string(all));
	return first;
}

/* {name, key: what it is found by, user} */
static json_t *
args(struct db *db, const char *name, int64_t user)
{
	char *key = mem_copy(db_mem(db), name, strlen(name));

	text_lower(key);
	return mem_pack(
		db_mem(db), "{s:s, s:s, s:I}", "name", name, "key", key, "user", (json_int_t)user);
}

json_t *
group_list(struct db *db)
{
	return db_rows(db,
		"SELECT g.name, COUNT(gm.user_id) AS membersCount FROM groups g"
		" LEFT JOIN group_members gm ON gm.group_id = g.id GROUP BY g.id ORDER BY g.name_key",
		NULL);
}

json_t *
group_list_for(struct db *db, int64_t user)
{
	return db_rows(db,
		"SELECT g.name, EXISTS (SELECT 1 FROM group_members gm"
		" WHERE gm.group_id = g.id AND gm.user_id = :user) AS member"
		" FROM groups g ORDER BY g.name_key",
		mem_pack(db_mem(db), "{s:I}", "user", (json_int_t)user));
}

/* As a username, but there is no name that a group might pretend to be. */
bool
group_is_name(const char *s)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
	size_t n = strlen(s);

	return n > 0 && n <= NAME_CHARS && strchr("_-.", s[0]) == NULL && s[n - 1] != '.' &&
		strspn(s, letters) == n;
}

void
group_add(struct db *db, const char *name)
{
	if (!group_is_name(name))
		db_refuse(db, ERR_NAME, "name");
	else
		db_run(db, "INSERT INTO groups (name, name_key) VALUES (:name, :key)",
			args(db, name, 0));
}

json_t *
group_remove(struct db *db, const char *name)
{
	json_t *group = NULL, *members;

	if (group_is_name(name))
		group = db_row(db, "SELECT id FROM groups WHERE name_key = :key FOR UPDATE",
			args(db, name, 0));
	if (group == NULL)
		return db_refuse(db, ERR_NOT_FOUND, "group");
	members =
		db_rows(db, "SELECT user_id AS id FROM group_members WHERE group_id = :id", group);
	db_run(db, "DELETE FROM groups WHERE id = :id", group);
	return members;
}

void
group_set(struct db *db, int64_t user, json_t *names)
{
	json_t *name;
	size_t i;

	db_run(db, "DELETE FROM group_members WHERE user_id = :user",
		mem_pack(db_mem(db), "{s:I}", "user", (json_int_t)user));
	json_array_foreach(names, i, name)
	{
		/* The same group twice is found again, and counts as one row. */
		if (db_run(db,
			    "INSERT INTO group_members (group_id, user_id)"
			    " SELECT id, :user FROM groups WHERE name_key = :key"
			    " ON DUPLICATE KEY UPDATE user_id = VALUES(user_id)",
			    args(db, json_string_value(name), user)) == 0)
			db_refuse(db, ERR_CHOICE, "groups");
	}
}
