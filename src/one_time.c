/* SPDX-License-Identifier: ISC */
/*
 * one_time: links that work once. Owns the table `one_time_tokens`; knows neither addresses of
 * pages nor what comes of a link.
 */
#include "one_time.h"

#include "text.h"

#include <string.h>

static const char *const kinds[] = {
	[ONE_TIME_INVITE] = "invite",
	[ONE_TIME_CONFIRM] = "confirm",
	[ONE_TIME_RESET] = "reset",
};

/* {kind, hash: of the token, hexadecimal} */
static json_t *
key(struct db *db, enum one_time kind, const char *token)
{
	char hex[TEXT_DIGEST_SIZE];

	text_digest(hex, token);
	return mem_pack(db_mem(db), "{s:s, s:s}", "kind", kinds[kind], "hash", hex);
}

/* The user's unused ones end, as if they had been used: nothing gives them a longer life. */
static void
end_others(struct db *db, json_t *args)
{
	db_run(db,
		"UPDATE one_time_tokens SET used_at = NOW(3) WHERE user_id = :user AND kind = :kind"
		" AND used_at IS NULL AND hash <> UNHEX(:hash)",
		args);
}

bool
one_time_put(struct db *db, enum one_time kind, const char *token, int64_t user, const char *email,
	long life)
{
	char *lower = NULL;
	json_t *args;

	if (email != NULL)
		text_lower(lower = mem_copy(db_mem(db), email, strlen(email)));
	args = db_args(db, key(db, kind, token), "{s:o, s:s?, s:I}", "user",
		user != 0 ? json_integer(user) : json_null(), "emailKey", lower, "life",
		(json_int_t)life);
	end_others(db, args);
	db_run(db,
		"INSERT INTO one_time_tokens (hash, kind, user_id, email_key, created_at, expires_at)"
		" VALUES (UNHEX(:hash), :kind, :user, :emailKey, NOW(3), NOW(3) + INTERVAL :life SECOND)"
		" ON DUPLICATE KEY UPDATE expires_at = IF(used_at IS NULL, VALUES(expires_at), expires_at)",
		args);
	return db_ok(db) && one_time_find(db, kind, token) != NULL;
}

const char *
one_time_add(struct db *db, enum one_time kind, int64_t user, const char *email, long life)
{
	uint8_t bytes[32];
	char *token = mem_get(db_mem(db), text_base64url_size(sizeof bytes));

	if (!text_random(bytes, sizeof bytes))
		return db_refuse(db, ERR_AWAY, NULL);
	text_base64url(token, bytes, sizeof bytes);
	return one_time_put(db, kind, token, user, email, life) ? token : NULL;
}

void
one_time_end(struct db *db, enum one_time kind, int64_t user)
{
	end_others(db,
		mem_pack(db_mem(db), "{s:I, s:s, s:s}", "user", (json_int_t)user, "kind",
			kinds[kind], "hash", ""));
}

json_t *
one_time_find(struct db *db, enum one_time kind, const char *token)
{
	return db_row(db,
		"SELECT user_id AS userId, email_key AS emailKey FROM one_time_tokens"
		" WHERE hash = UNHEX(:hash) AND kind = :kind AND used_at IS NULL AND expires_at > NOW(3)",
		key(db, kind, token));
}

json_t *
one_time_use(struct db *db, enum one_time kind, const char *token)
{
	json_t *args = key(db, kind, token);

	if (db_run(db,
		    "UPDATE one_time_tokens SET used_at = NOW(3) WHERE hash = UNHEX(:hash)"
		    " AND kind = :kind AND used_at IS NULL AND expires_at > NOW(3)",
		    args) != 1)
		return NULL;
	return db_row(db,
		"SELECT user_id AS userId, email_key AS emailKey FROM one_time_tokens"
		" WHERE hash = UNHEX(:hash)",
		args);
}
