/* SPDX-License-Identifier: ISC */
/*
 * session: one row a login. Owns the table `sessions`; a token or cookie is good as long as its row
 * has not ended. Knows no token format.
 */
#include "session.h"

#include "group.h"
#include "json.h"
#include "text.h"

#include <string.h>

enum {
	SEEN_SECONDS = 300, /* last_seen_at moves no more often */
};

int64_t
session_add(struct db *db, int64_t user, const char *since, const struct login *login,
	const struct origin *from)
{
	json_t *args = mem_pack(db_mem(db), "{s:I, s:s?, s:I, s:s?, s:b, s:b}", "user",
		(json_int_t)user, "since", since, "life", (json_int_t)login->life, "cookie",
		login->cookie, "remembered", login->remembered, "refresh", login->refresh);
	long long made = db_run(db,
		"INSERT INTO sessions (user_id, hash, remembered, refresh, refreshed_at, created_at,"
		" authenticated_at, last_seen_at, expires_at, address, agent)"
		" SELECT u.id, UNHEX(:cookie), :remembered, IF(:refresh, 1, NULL), NOW(3), NOW(3), NOW(3),"
		" NOW(3),"
		" NOW(3) + INTERVAL :life SECOND, :address, :agent"
		" FROM users u JOIN credentials c ON c.user_id = u.id"
		" WHERE u.id = :user AND NOT u.locked AND u.waits IS NULL AND c.changed_at = :since",
		origin_args(db, args, from));

	if (made == 0)
		db_refuse(db, ERR_CREDENTIALS, NULL);
	return made == 1 ? db_id(db) : 0;
}

/*
 * What a living session of a member who is not locked says, and `more`, which stands in `from`.
 * Asks for no time, which is compared afterwards: so the same answer serves until one of the tables
 * changes, where the server has a query cache.
 */
#define WITH_USER(more, from)                                                                      \
	"SELECT s.id, s.user_id AS userId, s.remembered, u.username, u.role, g.name AS groups,"    \
	" TIMESTAMPDIFF(MICROSECOND, '1970-01-01', s.expires_at) AS expires,"                      \
	" TIMESTAMPDIFF(MICROSECOND, '1970-01-01', s.authenticated_at) AS authenticated,"          \
	" TIMESTAMPDIFF(MICROSECOND, '1970-01-01', s.last_seen_at) AS seen, " more                 \
	" FROM sessions s JOIN users u ON u.id = s.user_id" from                                   \
	" LEFT JOIN group_members gm ON gm.user_id = s.user_id"                                    \
	" LEFT JOIN groups g ON g.id = gm.group_id"                                                \
	" WHERE s.ended_at IS NULL AND NOT u.locked AND "
#define ADDRESS " JOIN addresses a ON a.user_id = s.user_id"

/* The rows as one, with ages in place of moments; NULL if its time is over. `idle` 0 = no limit. */
static json_t *
living(struct db *db, json_t *rows, long idle)
{
	json_t *row = group_fold(db, rows);
	int64_t now = db_now(db), left = row_number(row, "expires") - now,
		seen = now - row_number(row, "seen");

	if (row == NULL || !db_ok(db) || left <= 0)
		return NULL;
	if (idle > 0 && seen >= idle * DB_SECOND &&
		!json_is_true(json_object_get(row, "remembered")))
		return NULL;
	json_object_set_new(row, "secondsLeft", json_integer(left / DB_SECOND));
	json_object_set_new(row, "lastSeenAge", json_integer(seen / DB_SECOND));
	json_object_set_new(row, "authenticatedAge",
		json_integer((now - row_number(row, "authenticated")) / DB_SECOND));
	return row;
}

json_t *
session_find(struct db *db, const char *cookie, long idle)
{
	return living(db,
		db_rows(db, WITH_USER("u.image", "") "s.hash = UNHEX(:cookie)",
			mem_pack(db_mem(db), "{s:s}", "cookie", cookie)),
		idle);
}

json_t *
session_of_cookie(struct db *db, const char *cookie, long idle)
{
	return living(db,
		db_rows(db, WITH_USER("a.email", ADDRESS) "s.hash = UNHEX(:cookie)",
			mem_pack(db_mem(db), "{s:s}", "cookie", cookie)),
		idle);
}

json_t *
session_of_token(struct db *db, int64_t id, int64_t user)
{
	return living(db,
		db_rows(db, WITH_USER("a.email", ADDRESS) "s.id = :id AND s.user_id = :user",
			mem_pack(db_mem(db), "{s:I, s:I}", "id", (json_int_t)id, "user",
				(json_int_t)user)),
		0);
}

/* With a lock, it is on the session alone: what stands in brackets is only read. */
#define SELECT                                                                                     \
	"SELECT id, TIMESTAMPDIFF(SECOND, authenticated_at, NOW(3)) AS authenticatedAge,"          \
	" TIMESTAMPDIFF(SECOND, last_seen_at, NOW(3)) AS lastSeenAge,"                             \
	" (SELECT u.role FROM users u WHERE u.id = sessions.user_id) AS role,"                     \
	" (SELECT " GROUP_NAMES " FROM users u WHERE u.id = sessions.user_id) AS groups"           \
	" FROM sessions"                                                                           \
	" WHERE id = :id AND user_id = :user AND ended_at IS NULL AND expires_at > NOW(3)"         \
	" AND NOT (SELECT u.locked FROM users u WHERE u.id = sessions.user_id)"

json_t *
session_get(struct db *db, int64_t id, int64_t user, bool lock)
{
	json_t *args =
		mem_pack(db_mem(db), "{s:I, s:I}", "id", (json_int_t)id, "user", (json_int_t)user);

	return lock ? db_row(db, SELECT " LOCK IN SHARE MODE", args) : db_row(db, SELECT, args);
}

bool
session_known(struct db *db, int64_t user, const char *address)
{
	json_t *rows = db_rows(db, "SELECT DISTINCT address FROM sessions WHERE user_id = :user",
		mem_pack(db_mem(db), "{s:I}", "user", (json_int_t)user));
	char here[TEXT_NETWORK_SIZE], there[TEXT_NETWORK_SIZE];
	json_t *row;
	size_t i;

	text_network(here, address);
	json_array_foreach(rows, i, row)
	{
		if (strcmp(text_network(there, row_text(row, "address")), here) == 0)
			return true;
	}
	return false;
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

long long
session_end_others(struct db *db, int64_t user, int64_t keep)
{
	return db_run(db,
		"UPDATE sessions SET ended_at = NOW(3) WHERE user_id = :user AND id <> :keep"
		" AND ended_at IS NULL",
		mem_pack(db_mem(db), "{s:I, s:I}", "user", (json_int_t)user, "keep",
			(json_int_t)keep));
}

/* Somebody uses a token that was replaced long ago: whoever has it, all of them end. */
static int64_t
reused(struct db *db, json_t *args, int64_t user, const struct origin *from)
{
	db_apart(db, "UPDATE sessions SET ended_at = NOW(3) WHERE id = :id AND ended_at IS NULL",
		args);
	event_apart(db, EVENT_REFRESH_REUSED, user, from);
	db_refuse(db, ERR_TOKEN_REVOKED, NULL);
	return 0;
}

int64_t
session_refresh(
	struct db *db, int64_t id, int64_t user, int64_t n, long life, const struct origin *from)
{
	json_t *args = mem_pack(db_mem(db), "{s:I, s:I, s:I}", "id", (json_int_t)id, "user",
		(json_int_t)user, "life", (json_int_t)life);
	json_t *row = db_row(db,
		"SELECT refresh AS n, ended_at IS NOT NULL AS ended, expires_at <= NOW(3) AS expired,"
		" (refreshed_before_at > NOW(3) - INTERVAL 10 SECOND) IS TRUE AS justNow FROM sessions"
		" WHERE id = :id AND user_id = :user AND refresh IS NOT NULL FOR UPDATE",
		args);
	int64_t newest = row_number(row, "n");

	if (row == NULL || json_is_true(json_object_get(row, "ended")) || n > newest)
		return db_refuse(db, ERR_TOKEN_REVOKED, NULL) != NULL;
	if (json_is_true(json_object_get(row, "expired")))
		return db_refuse(db, ERR_TOKEN_EXPIRED, NULL) != NULL;
	if (n == newest - 1 || (n == newest - 2 && json_is_true(json_object_get(row, "justNow"))))
		return newest;
	if (n < newest)
		return reused(db, args, user, from);
	db_run(db,
		"UPDATE sessions SET refresh = refresh + 1, refreshed_before_at = refreshed_at,"
		" refreshed_at = NOW(3), last_seen_at = NOW(3), expires_at = NOW(3) + INTERVAL :life SECOND"
		" WHERE id = :id",
		args);
	return newest + 1;
}

/* What its owner would call signed in: what session_find and session_get would let in. */
#define LIVING                                                                                     \
	" s.ended_at IS NULL AND s.expires_at > NOW(3) AND (s.hash IS NULL OR s.remembered"        \
	" OR s.last_seen_at > NOW(3) - INTERVAL :idle SECOND)"
#define DEVICE                                                                                     \
	"SELECT s.id, s.created_at AS createdAt, s.last_seen_at AS lastSeenAt, s.expires_at AS"    \
	" expiresAt, s.address, s.agent, s.remembered"

json_t *
session_list(struct db *db, int64_t user, int64_t current, long idle)
{
	return db_rows(db,
		DEVICE ", s.id = :current AS current FROM sessions s WHERE s.user_id = :user"
		       " AND" LIVING
		       " ORDER BY s.id = :current DESC, s.last_seen_at DESC, s.id DESC",
		mem_pack(db_mem(db), "{s:I, s:I, s:I}", "user", (json_int_t)user, "current",
			(json_int_t)current, "idle", (json_int_t)idle));
}

json_t *
session_list_all(struct db *db, int64_t user, long idle)
{
	return db_rows(db,
		DEVICE ", u.username FROM sessions s JOIN users u ON u.id = s.user_id"
		       " WHERE (:user = 0 OR s.user_id = :user) AND" LIVING " ORDER BY s.id",
		mem_pack(db_mem(db), "{s:I, s:I}", "user", (json_int_t)user, "idle",
			(json_int_t)idle));
}

int64_t
session_owner(struct db *db, int64_t id)
{
	return row_number(db_row(db, "SELECT user_id AS user FROM sessions WHERE id = :id",
				  mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)id)),
		"user");
}

json_t *
session_history(struct db *db, int64_t user)
{
	return db_rows(db,
		"SELECT created_at AS createdAt, authenticated_at AS authenticatedAt, last_seen_at AS"
		" lastSeenAt, expires_at AS expiresAt, ended_at AS endedAt, address, agent, remembered"
		" FROM sessions WHERE user_id = :user ORDER BY id DESC",
		mem_pack(db_mem(db), "{s:I}", "user", (json_int_t)user));
}

bool
session_end_of(struct db *db, int64_t user, int64_t id)
{
	return db_run(db,
		       "UPDATE sessions SET ended_at = NOW(3) WHERE id = :id AND user_id = :user"
		       " AND ended_at IS NULL AND expires_at > NOW(3)",
		       mem_pack(db_mem(db), "{s:I, s:I}", "user", (json_int_t)user, "id",
			       (json_int_t)id)) == 1;
}

bool
session_copy(struct db *db, int64_t id, int64_t user, const char *cookie, long life,
	const struct origin *from)
{
	json_t *args = mem_pack(db_mem(db), "{s:I, s:I, s:s, s:I}", "id", (json_int_t)id, "user",
		(json_int_t)user, "cookie", cookie, "life", (json_int_t)life);

	return db_run(db,
		       "INSERT INTO sessions (user_id, hash, created_at, authenticated_at, last_seen_at,"
		       " expires_at, address, agent)"
		       " SELECT s.user_id, UNHEX(:cookie), NOW(3), s.authenticated_at, NOW(3),"
		       " LEAST(s.expires_at, NOW(3) + INTERVAL :life SECOND), :address, :agent"
		       " FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = :id"
		       " AND s.user_id = :user AND s.ended_at IS NULL AND s.expires_at > NOW(3)"
		       " AND NOT u.locked",
		       origin_args(db, args, from)) == 1;
}
