/* SPDX-License-Identifier: ISC */
/*
 * admin: what an admin sees of the members and does to them, and the rule that one admin stays.
 * Owns no table; knows neither request nor page.
 */
#include "admin.h"

#include "group.h"
#include "json.h"
#include "session.h"
#include "text.h"
#include "user.h"

#include <string.h>

#define SELECT                                                                                     \
	"SELECT u.id, u.username, a.email, u.role, u.locked, u.waits, " GROUP_NAMES " AS groups,"  \
	" u.created_at AS createdAt, (SELECT MAX(s.last_seen_at) FROM sessions s"                  \
	" WHERE s.user_id = u.id) AS lastSeenAt FROM users u"                                      \
	" STRAIGHT_JOIN addresses a ON a.user_id = u.id"
#define FITS                                                                                       \
	" WHERE (:search IS NULL OR LOCATE(:search, u.username_key) > 0"                           \
	" OR EXISTS (SELECT 1 FROM addresses x WHERE x.user_id = u.id"                             \
	" AND LOCATE(:search, x.email_key) > 0))"                                                  \
	" AND (:role IS NULL OR u.role = :role) AND (:locked IS NULL OR u.locked = :locked)"

static json_t *
by_id(struct db *db, int64_t id)
{
	return mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)id);
}

/* The one place where what an admin does is written down, with who it was. */
static void
note(struct db *db, enum event what, int64_t member, const struct actor *by)
{
	event_add_by(db, what, member, by->id, by->from);
}

/* The groups of a row as an array. */
static json_t *
shaped(struct db *db, json_t *row)
{
	if (row != NULL)
		json_object_set(row, "groups", group_array(db_mem(db), row_text(row, "groups")));
	return row;
}

json_t *
admin_list(struct db *db, json_t *in)
{
	const char *search = row_text(in, "search");
	json_t *args, *rows, *row;
	char *lower = NULL;
	size_t i;

	if (search != NULL)
		text_lower(lower = mem_copy(db_mem(db), search, strlen(search)));
	args = db_args(db, in, "{s:s?}", "search", lower);
	/* Ids follow the order of creation. */
	rows = db_rows(db, SELECT FITS " ORDER BY u.id DESC LIMIT :limit OFFSET :offset", args);
	json_array_foreach(rows, i, row)
	{
		shaped(db, row);
	}
	row = db_row(db, "SELECT COUNT(*) AS usersCount FROM users u" FITS, args);
	return db_ok(db) ? mem_pack(db_mem(db), "{s:O, s:O}", "users", rows, "usersCount",
				   json_object_get(row, "usersCount"))
			 : NULL;
}

json_t *
admin_get(struct db *db, int64_t id)
{
	json_t *row = db_row(db, SELECT " WHERE u.id = :id", by_id(db, id));

	return row != NULL ? shaped(db, row) : db_refuse(db, ERR_NOT_FOUND, "user");
}

/* The same, and nobody else changes it until the end of the unit. */
static json_t *
hold(struct db *db, int64_t id)
{
	json_t *row = db_row(db, SELECT " WHERE u.id = :id FOR UPDATE", by_id(db, id));

	return row != NULL ? shaped(db, row) : db_refuse(db, ERR_NOT_FOUND, "user");
}

bool
admin_may_go(struct db *db, int64_t id)
{
	json_t *admins = db_rows(db,
		"SELECT id FROM users WHERE role = 'admin' AND NOT locked AND waits IS NULL FOR UPDATE",
		NULL);

	if (json_array_size(admins) == 1 && row_id(json_array_get(admins, 0)) == id)
		db_refuse(db, ERR_LAST_ADMIN, NULL);
	return db_ok(db);
}

/* Write down what has changed from one row to the other, and end the sessions of who is locked. */
static void
tell(struct db *db, json_t *before, json_t *after, const struct actor *by)
{
	bool locked = json_is_true(json_object_get(after, "locked"));
	int64_t id = row_id(before);

	if (strcmp(row_text(before, "role"), row_text(after, "role")) != 0)
		note(db, EVENT_ROLE, id, by);
	if (!json_equal(json_object_get(before, "groups"), json_object_get(after, "groups")))
		note(db, EVENT_GROUPS, id, by);
	if (json_is_true(json_object_get(before, "locked")) == locked)
		return;
	note(db, locked ? EVENT_LOCK : EVENT_UNLOCK, id, by);
	if (locked)
		session_end_others(db, id, 0);
}

json_t *
admin_change(struct db *db, int64_t id, json_t *in, const struct actor *by)
{
	const char *role = row_text(in, "role");
	json_t *locked = json_object_get(in, "locked"), *groups = json_object_get(in, "groups");
	bool goes = json_is_true(locked) || (role != NULL && strcmp(role, "admin") != 0);
	json_t *before, *after;

	if ((goes && !admin_may_go(db, id)) || (before = hold(db, id)) == NULL)
		return NULL;
	if (role != NULL || locked != NULL)
		db_run(db,
			"UPDATE users SET role = :role, locked = :locked, updated_at = NOW(3)"
			" WHERE id = :id",
			db_args(db, before, "{s:O, s:O}", "role",
				json_object_get(role != NULL ? in : before, "role"), "locked",
				json_object_get(locked != NULL ? in : before, "locked")));
	if (groups != NULL)
		group_set(db, id, groups);
	if (json_is_true(json_object_get(in, "approved")) && user_approve(db, id))
		note(db, EVENT_APPROVED, id, by);
	if ((after = admin_get(db, id)) != NULL)
		tell(db, before, after, by);
	return db_ok(db) ? after : NULL;
}

json_t *
admin_end_sessions(struct db *db, int64_t id, const struct actor *by)
{
	json_t *row = hold(db, id);

	if (row == NULL)
		return NULL;
	session_end_others(db, id, 0);
	note(db, EVENT_SESSION_ENDED, id, by);
	return row;
}

json_t *
admin_remove(struct db *db, int64_t id, const struct actor *by)
{
	json_t *row = admin_may_go(db, id) ? hold(db, id) : NULL;

	if (row == NULL)
		return NULL;
	note(db, EVENT_REMOVED, id, by); /* the foreign key takes the name off it */
	user_remove(db, id);
	return db_ok(db) ? row : NULL;
}

bool
admin_remove_group(struct db *db, const char *name, const struct actor *by)
{
	json_t *members = group_remove(db, name), *row;
	size_t i;

	json_array_foreach(members, i, row)
	{
		note(db, EVENT_GROUPS, row_id(row), by);
	}
	return db_ok(db);
}
