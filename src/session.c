/* SPDX-License-Identifier: ISC */
/*
 * session: one row a login. Owns the table `sessions`; a token or cookie is good as long as its row
 * has not ended. Knows no token format.
 */
#include "session.h"

#include "group.h"

enum {
	SEEN_SECONDS = 300
}; /* last_seen_at moves no more often */

int64_t
session_add(struct db *db, int64_t user, const char *since, const struct login *login,
	const struct origin *from)
{
	json_t *args = mem_pack(db_mem(db), "{s:I, s:s?, s:I, s:s?, s:b}", "user", (json_int_t)user,
		"since", since, "life", (json_int_t)login->life, "cookie", login->cookie,
		"remembered", login->remembered);
	long long made = db_run(db,
		"INSERT INTO sessions (user_id, hash, remembered, created_at, authenticated_at,"
		" last_seen_at, expires_at, address, agent)"
		" SELECT u.id, UNHEX(:cookie), :remembered, NOW(3), NOW(3), NOW(3),"
		" NOW(3) + INTERVAL :life SECOND, :address, :agent"
		" FROM users u JOIN credentials c ON c.user_id = u.id"
		" WHERE u.id = :user AND NOT u.locked AND c.changed_at = :since",
		origin_args(db, args, from));

	if (made == 0)
		db_refuse(db, ERR_CREDENTIALS, NULL);
	return made == 1 ? db_id(db) : 0;
}

json_t *
session_find(struct db *db, const char *cookie, long idle)
{
	return db_row(db,
		"SELECT s.id, s.user_id AS userId, s.remembered, u.username, u.image, u.role,"
		" " GROUP_NAMES " AS groups,"
		" TIMESTAMPDIFF(SECOND, NOW(3), s.expires_at) AS secondsLeft,"
		" TIMESTAMPDIFF(SECOND, s.authenticated_at, NOW(3)) AS authenticatedAge,"
		" TIMESTAMPDIFF(SECOND, s.last_seen_at, NOW(3)) AS lastSeenAge"
		" FROM sessions s JOIN users u ON u.id = s.user_id"
		" WHERE s.hash = UNHEX(:cookie) AND s.ended_at IS NULL AND s.expires_at > NOW(3)"
		" AND (s.remembered OR s.last_seen_at > NOW(3) - INTERVAL :idle SECOND)"
		" AND NOT u.locked",
		mem_pack(db_mem(db), "{s:s, s:I}", "cookie", cookie, "idle", (json_int_t)idle));
}

/* With a lock, it is on the session alone: what stands in brackets is only read. */
#define SELECT                                                                                     \
	"SELECT id, TIMESTAMPDIFF(SECOND, authenticated_at, NOW(3)) AS authenticatedAge,"          \
	" TIMESTAMPDIFF(SECOND, last_seen_at, NOW(3)) AS lastSeenAge,"                             \
	" (SELECT u.role FROM users u WHERE u.id = sessions.user_id AND NOT u.locked) AS role,"    \
	" (SELECT " GROUP_NAMES " FROM users u WHERE u.id = sessions.user_id) AS groups"           \
	" FROM sessions"                                                                           \
	" WHERE id = :id AND user_id = :user AND ended_at IS NULL AND expires_at > NOW(3)"

json_t *
session_get(struct db *db, int64_t id, int64_t user, bool lock)
{
	json_t *args =
		mem_pack(db_mem(db), "{s:I, s:I}", "id", (json_int_t)id, "user", (json_int_t)user);

	return lock ? db_row(db, SELECT " LOCK IN SHARE MODE", args) : db_row(db, SELECT, args);
}

void
session_touch(struct db *db, json_t *session)
{
	if (json_integer_value(json_object_get(session, "lastSeenAge")) >= SEEN_SECONDS)
		db_apart(db, "UPDATE sessions SET last_seen_at = NOW(3) WHERE id = :id", session);
}

void
session_confirm(struct db *db, int64_t id)
{
	db_run(db, "UPDATE sessions SET authenticated_at = NOW(3) WHERE id = :id",
		mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)id));
}

void
session_rename(struct db *db, int64_t id, const char *cookie)
{
	db_run(db, "UPDATE sessions SET hash = UNHEX(:cookie) WHERE id = :id",
		mem_pack(db_mem(db), "{s:I, s:s}", "id", (json_int_t)id, "cookie", cookie));
}

void
session_extend(struct db *db, int64_t id, long life)
{
	db_run(db,
		"UPDATE sessions SET expires_at = GREATEST(expires_at, NOW(3) + INTERVAL :life SECOND)"
		" WHERE id = :id",
		mem_pack(db_mem(db), "{s:I, s:I}", "id", (json_int_t)id, "life", (json_int_t)life));
}

void
session_end(struct db *db, int64_t id)
{
	db_run(db, "UPDATE sessions SET ended_at = NOW(3) WHERE id = :id AND ended_at IS NULL",
		mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)id));
}

void
session_end_others(struct db *db, int64_t user, int64_t keep)
{
	db_run(db,
		"UPDATE sessions SET ended_at = NOW(3) WHERE user_id = :user AND id <> :keep"
		" AND ended_at IS NULL",
		mem_pack(db_mem(db), "{s:I, s:I}", "user", (json_int_t)user, "keep",
			(json_int_t)keep));
}
