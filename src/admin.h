/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"
#include "event.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Members as an admin sees and changes them. Rows are {id, username, email, role, locked, waits:
 * "approval", "address" or null, groups, createdAt, lastSeenAt: null if never}. Each change writes
 * events; it wants a unit of work of its own, with a transaction.
 */

/* Who does it: an admin, or (0) the tool; and from where. */
struct actor {
	int64_t id;
	const struct origin *from;
};

/*
 * {users: the rows that fit, newest first; usersCount: how many fit in all}. `in` holds limit and
 * offset; if it has them, search (a part of name or address, case aside, every character as it
 * stands), role and locked.
 */
json_t *admin_list(struct db *db, json_t *in);

/* One row, or NULL with ERR_NOT_FOUND noted. */
json_t *admin_get(struct db *db, int64_t id);

/*
 * Change what `in` holds of role, locked and groups; `approved` lets in who had to wait. Who is
 * locked is signed out everywhere. The new row; or NULL, with ERR_NOT_FOUND, ERR_LAST_ADMIN or (a
 * group that is not there) ERR_CHOICE noted.
 */
json_t *admin_change(struct db *db, int64_t id, json_t *in, const struct actor *by);

/* End all sessions of the member. The row, or NULL with ERR_NOT_FOUND noted. */
json_t *admin_end_sessions(struct db *db, int64_t id, const struct actor *by);

/* Remove the account with all that hangs on it. What the row was; or NULL, with ERR_NOT_FOUND or
 * ERR_LAST_ADMIN noted. */
json_t *admin_remove(struct db *db, int64_t id, const struct actor *by);

/* Remove a group. False with ERR_NOT_FOUND noted. */
bool admin_remove_group(struct db *db, const char *name, const struct actor *by);

/*
 * Whether the site can do without this member: true unless it is the only admin who is not locked,
 * which is noted as ERR_LAST_ADMIN. All admins are held until the end of the unit, so that two who
 * take each other's place away at the same moment cannot both succeed. To be asked first of all, so
 * that everybody takes these locks in the same order.
 */
bool admin_may_go(struct db *db, int64_t id);
