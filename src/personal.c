/* SPDX-License-Identifier: ISC */
/*
 * personal: tokens that members make for their scripts. Owns the table `personal_tokens` and the
 * looks of such a token; what a scope lets in is guard.c's and gate.c's to say.
 */
#include "personal.h"

#include "group.h"
#include "json.h"
#include "text.h"

#include <string.h>

enum {
	RANDOM_BYTES = 32,
	RANDOM_CHARS = 43, /* of base64url for so many bytes */
	USED_SECONDS = 300 /* last_used_at moves no more often */
};

static const char PREFIX[] = "pst_";

bool
personal_is(const char *token)
{
	return strncmp(token, PREFIX, sizeof PREFIX - 1) == 0 &&
		strlen(token) == sizeof PREFIX - 1 + RANDOM_CHARS;
}

bool
personal_may(const char *scopes, const char *scope)
{
	return text_lists(scopes, scope, strlen(scope));
}

/* {hash: of the token, hexadecimal} */
static json_t *
key(struct db *db, const char *token)
{
	char hex[TEXT_DIGEST_SIZE];

	text_digest(hex, token);
	return mem_pack(db_mem(db), "{s:s}", "hash", hex);
}

/* The lock is on the token alone: what stands in brackets is only read. */
#define OF_USER(column) "(SELECT u." column " FROM users u WHERE u.id = t.user_id)"

json_t *
personal_find(struct db *db, const char *token)
{
	return db_row(db,
		"SELECT id, user_id AS userId, scopes, " OF_USER("username") " AS username, " OF_USER(
			"role") " AS role, (SELECT " GROUP_NAMES
				" FROM users u WHERE u.id = t.user_id) AS groups,"
				" TIMESTAMPDIFF(SECOND, last_used_at, NOW(3)) AS lastUsedAge"
				" FROM personal_tokens t WHERE hash = UNHEX(:hash)"
				" AND expires_at > NOW(3) AND NOT " OF_USER(
					"locked") " LOCK IN SHARE MODE",
		key(db, token));
}

json_t *
personal_find_email(struct db *db, const char *token)
{
	json_t *row = group_fold(db,
		db_rows(db,
			"SELECT t.id, t.user_id AS userId, t.scopes, u.username, u.role, a.email,"
			" g.name AS groups,"
			" TIMESTAMPDIFF(MICROSECOND, '1970-01-01', t.expires_at) AS expires,"
			" TIMESTAMPDIFF(MICROSECOND, '1970-01-01', t.last_used_at) AS used"
			" FROM personal_tokens t JOIN users u ON u.id = t.user_id"
			" JOIN addresses a ON a.user_id = t.user_id"
			" LEFT JOIN group_members gm ON gm.user_id = t.user_id"
			" LEFT JOIN groups g ON g.id = gm.group_id"
			" WHERE t.hash = UNHEX(:hash) AND NOT u.locked",
			key(db, token)));
	int64_t now = db_now(db);

	if (row == NULL || !db_ok(db) || row_number(row, "expires") <= now)
		return NULL;
	if (row_number(row, "used") != 0) /* it has been */
		json_object_set_new(row, "lastUsedAge",
			json_integer((now - row_number(row, "used")) / DB_SECOND));
	return row;
}

void
personal_touch(struct db *db, json_t *row)
{
	json_t *age = json_object_get(row, "lastUsedAge");

	if (!json_is_integer(age) || json_integer_value(age) >= USED_SECONDS)
		db_apart(
			db, "UPDATE personal_tokens SET last_used_at = NOW(3) WHERE id = :id", row);
}

#define ROW                                                                                        \
	"SELECT id, name, scopes, created_at AS createdAt, expires_at AS expiresAt,"               \
	" last_used_at AS lastUsedAt FROM personal_tokens WHERE user_id = :user"

/* The scopes of a row as an array. */
static json_t *
shaped(struct db *db, json_t *row)
{
	if (row != NULL)
		json_object_set(row, "scopes", group_array(db_mem(db), row_text(row, "scopes")));
	return row;
}

json_t *
personal_add(struct db *db, int64_t user, json_t *in, const char *scopes)
{
	uint8_t bytes[RANDOM_BYTES];
	char text[text_base64url_size(RANDOM_BYTES)];
	const char *token;
	json_t *args, *row;

	if (!text_random(bytes, sizeof bytes))
		return db_refuse(db, ERR_AWAY, NULL);
	text_base64url(text, bytes, sizeof bytes);
	token = mem_print(db_mem(db), "%s%s", PREFIX, text);
	args = db_args(db, key(db, token), "{s:I, s:s, s:s, s:I, s:i}", "user", (json_int_t)user,
		"name", row_text(in, "name"), "scopes", scopes, "days",
		(json_int_t)row_number(in, "days"), "most", PERSONAL_MOST);
	if (db_run(db,
		    "INSERT INTO personal_tokens (user_id, hash, name, scopes, created_at, expires_at)"
		    " SELECT :user, UNHEX(:hash), :name, :scopes, NOW(3), NOW(3) + INTERVAL :days DAY"
		    " FROM DUAL WHERE (SELECT COUNT(*) FROM personal_tokens t WHERE t.user_id = :user"
		    " AND t.expires_at > NOW(3)) < :most",
		    args) == 0)
		db_refuse(db, ERR_TOKENS, NULL);
	row = db_row(db, ROW " AND hash = UNHEX(:hash)", args);
	if (!db_ok(db))
		return NULL;
	json_object_set_new(row, "token", json_string(token));
	return shaped(db, row);
}

json_t *
personal_list(struct db *db, int64_t user)
{
	json_t *rows = db_rows(db, ROW " AND expires_at > NOW(3) ORDER BY id DESC",
		       mem_pack(db_mem(db), "{s:I}", "user", (json_int_t)user)),
	       *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		shaped(db, row);
	}
	return rows;
}

bool
personal_end(struct db *db, int64_t user, int64_t id)
{
	return db_run(db,
		       "DELETE FROM personal_tokens WHERE id = :id AND user_id = :user"
		       " AND expires_at > NOW(3)",
		       mem_pack(db_mem(db), "{s:I, s:I}", "id", (json_int_t)id, "user",
			       (json_int_t)user)) == 1;
}

void
personal_end_all(struct db *db, int64_t user)
{
	db_run(db, "DELETE FROM personal_tokens WHERE user_id = :user",
		mem_pack(db_mem(db), "{s:I}", "user", (json_int_t)user));
}
