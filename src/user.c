/* SPDX-License-Identifier: ISC */
/*
 * user: members, their mail addresses and stored hashes. Owns the tables `users`, `addresses` and
 * `credentials`; knows no session and computes no hash.
 */
#include "user.h"

#include "article.h"
#include "group.h"
#include "json.h"
#include "personal.h"
#include "text.h"

#include <string.h>

static const char *
canonical(struct db *db, const char *s)
{
	char *lower = mem_copy(db_mem(db), s, strlen(s));

	text_lower(lower);
	return lower;
}

/* `in` with its canonical names beside: arguments for a statement. */
static json_t *
with_keys(struct db *db, json_t *in, int64_t id)
{
	const char *username = row_text(in, "username"), *email = row_text(in, "email");

	return db_args(db, in, "{s:I, s:s?, s:s?}", "id", (json_int_t)id, "usernameKey",
		username != NULL ? canonical(db, username) : NULL, "emailKey",
		email != NULL ? canonical(db, email) : NULL);
}

#define WITH_ADDRESS "users u JOIN addresses a ON a.user_id = u.id"

void
user_taken(struct db *db, json_t *in, int64_t me)
{
	json_t *row = db_row(db,
		"SELECT EXISTS (SELECT 1 FROM users WHERE username_key = :usernameKey AND id <> :id"
		" AND NOT waits <=> 'address') AS username,"
		" EXISTS (SELECT 1 FROM " WITH_ADDRESS
		" WHERE a.email_key = :emailKey AND u.id <> :id"
		" AND NOT u.waits <=> 'address') AS email",
		with_keys(db, in, me));
	bool username = json_is_true(json_object_get(row, "username"));
	bool email = json_is_true(json_object_get(row, "email"));

	if (username)
		db_refuse(db, ERR_TAKEN, "username");
	if (email)
		db_refuse(db, ERR_TAKEN, "email");
}

json_t *
user_unconfirmed(struct db *db, json_t *in)
{
	return db_rows(db,
		"SELECT id FROM users WHERE username_key = :usernameKey AND waits = 'address'"
		" UNION SELECT u.id FROM " WITH_ADDRESS
		" WHERE a.email_key = :emailKey AND u.waits = 'address'",
		with_keys(db, in, 0));
}

int64_t
user_of_email(struct db *db, const char *email)
{
	return row_id(db_row(db,
		"SELECT u.id FROM " WITH_ADDRESS
		" WHERE a.email_key = :email AND NOT u.waits <=> 'address'",
		mem_pack(db_mem(db), "{s:s}", "email", canonical(db, email))));
}

#define ROW                                                                                        \
	"SELECT u.id, a.email, u.username, u.bio, u.image, u.role, " GROUP_NAMES " AS groups"      \
	" FROM " WITH_ADDRESS " WHERE u.id = :id AND NOT u.locked"

json_t *
user_get(struct db *db, int64_t id)
{
	return db_row(db, ROW, mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)id));
}

json_t *
user_profile(struct db *db, const char *username)
{
	return db_row(db,
		"SELECT username, bio, image FROM users WHERE username_key = :username AND NOT locked"
		" AND waits IS NULL",

		mem_pack(db_mem(db), "{s:s}", "username", canonical(db, username)));
}

int64_t
user_find(struct db *db, const char *username)
{
	return row_id(db_row(db, "SELECT id FROM users WHERE username_key = :username",
		mem_pack(db_mem(db), "{s:s}", "username", canonical(db, username))));
}

json_t *
user_add(struct db *db, json_t *in, const char *hash, json_t *instead)
{
	json_t *args, *old;
	size_t i;

	json_array_foreach(instead, i, old)
	{
		db_run(db,
			"DELETE FROM users WHERE id = :id AND waits = 'address' AND role = 'member'",
			old);
	}
	db_run(db,
		"INSERT INTO users (username, username_key, bio, image, waits, created_at, updated_at)"
		" VALUES (:username, :usernameKey, :bio, :image, :waits, NOW(3), NOW(3))",
		with_keys(db, in, 0));
	if (!db_ok(db))
		return NULL;
	args = db_args(db, with_keys(db, in, db_id(db)), "{s:s}", "hash", hash);
	db_run(db,
		"INSERT INTO addresses (user_id, email, email_key) VALUES (:id, :email, :emailKey)",
		args);
	db_run(db,
		"INSERT INTO credentials (user_id, hash, changed_at) VALUES (:id, :hash, NOW(3))",
		args);
	return db_row(db, ROW, args);
}

bool
user_approve(struct db *db, int64_t id)
{
	return db_run(db, "UPDATE users SET waits = NULL WHERE id = :id AND waits IS NOT NULL",
		       mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)id)) == 1;
}

bool
user_prove(struct db *db, int64_t id, const char *email, bool approve)
{
	return db_run(db,
		       "UPDATE " WITH_ADDRESS " SET a.email_confirmed_at = NOW(3), u.waits ="
		       " IF(u.waits = 'address', IF(:approve, 'approval', NULL), u.waits)"
		       " WHERE u.id = :id AND a.email_key = :email AND NOT u.locked",
		       mem_pack(db_mem(db), "{s:I, s:s, s:b}", "id", (json_int_t)id, "email",
			       canonical(db, email), "approve", approve)) > 0;
}

void
user_want(struct db *db, int64_t id, const char *email)
{
	db_run(db,
		"UPDATE addresses SET email_new = :email, email_new_key = :emailKey,"
		" email_new_at = IF(:email IS NULL, NULL, NOW(3)) WHERE user_id = :id",
		with_keys(db, mem_pack(db_mem(db), "{s:s?}", "email", email), id));
}

bool
user_move(struct db *db, int64_t id, const char *email)
{
	json_t *args = mem_pack(
		db_mem(db), "{s:I, s:s}", "id", (json_int_t)id, "email", canonical(db, email));

	db_run(db,
		"DELETE u FROM " WITH_ADDRESS " WHERE a.email_key = :email AND u.waits = 'address'"
		" AND u.role = 'member' AND u.id <> :id",
		args);
	if (db_run(db,
		    "UPDATE users SET updated_at = NOW(3) WHERE id = :id AND NOT locked AND EXISTS"
		    " (SELECT 1 FROM addresses WHERE user_id = :id AND email_new_key = :email)",
		    args) != 1)
		return false;
	return db_run(db,
		       "UPDATE addresses SET email = email_new, email_key = email_new_key,"
		       " email_new = NULL, email_new_key = NULL, email_new_at = NULL,"
		       " email_confirmed_at = NOW(3) WHERE user_id = :id AND email_new_key = :email",
		       args) == 1;
}

json_t *
user_unproved(struct db *db, int64_t id)
{
	return db_row(db,
		"SELECT COALESCE(a.email_new, a.email) AS email, a.email_new IS NOT NULL AS wanted"
		" FROM " WITH_ADDRESS " WHERE u.id = :id AND NOT u.locked"
		" AND (a.email_new IS NOT NULL OR a.email_confirmed_at IS NULL)",
		mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)id));
}

json_t *
user_change(struct db *db, int64_t id, json_t *in)
{
	json_t *args = mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)id);
	json_t *row = db_row(db, ROW " FOR UPDATE", args);

	if (row == NULL)
		return db_refuse(db, ERR_TOKEN_REVOKED, NULL);
	json_object_update_existing(row, in);
	args = with_keys(db, row, id);
	db_run(db,
		"UPDATE users SET username = :username, username_key = :usernameKey, bio = :bio,"
		" image = :image, updated_at = NOW(3) WHERE id = :id",
		args);
	if (row_text(in, "email") != NULL)
		db_run(db,
			"UPDATE addresses SET email = :email, email_confirmed_at ="
			" IF(email_key = :emailKey, email_confirmed_at, NULL), email_key = :emailKey"
			" WHERE user_id = :id",
			args);
	return db_ok(db) ? row : NULL;
}

json_t *
user_account(struct db *db, int64_t id)
{
	return db_row(db,
		"SELECT u.username, a.email, a.email_confirmed_at AS emailConfirmedAt, a.email_new AS"
		" emailWanted, u.role, u.created_at AS createdAt, u.updated_at AS"
		" updatedAt, c.changed_at AS passwordChangedAt FROM " WITH_ADDRESS
		" LEFT JOIN credentials c ON c.user_id = u.id WHERE u.id = :id AND NOT u.locked",
		mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)id));
}

void
user_remove(struct db *db, int64_t id)
{
	json_t *args = mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)id);

	/* Whatever the member was just about to write waits for the row, and finds it gone. */
	db_row(db, "SELECT id FROM users WHERE id = :id FOR UPDATE", args);
	article_leave(db, id);
	db_run(db, "DELETE FROM users WHERE id = :id", args);
}

json_t *
user_list(struct db *db)
{
	return db_rows(db,
		"SELECT u.id, u.username, a.email, u.role, u.locked, u.waits,"
		" u.created_at AS createdAt FROM " WITH_ADDRESS " ORDER BY u.id",
		NULL);
}

json_t *
credential_find(struct db *db, const char *who)
{
	json_t *args = mem_pack(db_mem(db), "{s:s}", "who", canonical(db, who));

#define CREDENTIAL                                                                                 \
	"SELECT u.id, u.username, a.email, u.locked, u.waits, c.hash,"                             \
	" CAST(c.changed_at AS CHAR) AS since FROM " WITH_ADDRESS                                  \
	" JOIN credentials c ON c.user_id = u.id WHERE "
	return strchr(who, '@') != NULL ? db_row(db, CREDENTIAL "a.email_key = :who", args)
					: db_row(db, CREDENTIAL "u.username_key = :who", args);
}

const char *
credential_since(struct db *db, int64_t user)
{
	return row_text(db_row(db,
				"SELECT CAST(changed_at AS CHAR) AS since FROM credentials"
				" WHERE user_id = :id",
				mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)user)),
		"since");
}

const char *
credential_hash(struct db *db, int64_t user)
{
	return row_text(db_row(db, "SELECT hash FROM credentials WHERE user_id = :id",
				mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)user)),
		"hash");
}

bool
credential_set(struct db *db, int64_t user, const char *hash)
{
	personal_end_all(db, user);
	return db_run(db,
		       "INSERT INTO credentials (user_id, hash, changed_at) VALUES (:id, :hash, NOW(3))"
		       " ON DUPLICATE KEY UPDATE hash = VALUES(hash), changed_at = VALUES(changed_at)",
		       mem_pack(db_mem(db), "{s:I, s:s}", "id", (json_int_t)user, "hash", hash)) >
		0;
}

void
credential_strengthen(struct db *db, int64_t user, const char *before, const char *hash)
{
	db_run(db, "UPDATE credentials SET hash = :hash WHERE user_id = :id AND hash = :before",
		mem_pack(db_mem(db), "{s:I, s:s, s:s}", "id", (json_int_t)user, "before", before,
			"hash", hash));
}
