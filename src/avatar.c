/* SPDX-License-Identifier: ISC */
/*
 * avatar: the stored profile pictures. Owns the table `pictures`, and how a picture's address
 * follows from its name; decodes nothing. A row is locked after its member's, always in this order.
 */
#include "avatar.h"

#include "json.h"
#include "text.h"

#include <string.h>

enum {
	NAME_BYTES = 8 /* of randomness: twice as many digits */
};

#define ADDRESS "CONCAT('/pictures/', name, '.webp')"

static json_t *
of(struct db *db, int64_t user)
{
	return mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)user);
}

json_t *
avatar_set(struct db *db, int64_t user, const char *file, const char *webp)
{
	char name[2 * NAME_BYTES + 1];
	uint8_t random[NAME_BYTES] = { 0 };
	const char *image;
	json_t *args;

	if (!text_random(random, sizeof random))
		return db_refuse(db, ERR_AWAY, NULL);
	text_hex(name, random, sizeof random);
	image = mem_print(db_mem(db), "/pictures/%s.webp", name);
	args = db_args(db, of(db, user), "{s:s, s:s, s:s, s:s}", "name", name, "image", image,
		"file", file, "webp", webp);
	if (db_run(db, "UPDATE users SET image = :image WHERE id = :id", args) == 0)
		return db_refuse(db, ERR_TOKEN_REVOKED, NULL);
	db_run(db,
		"INSERT INTO pictures (user_id, name, file, data, created_at)"
		" VALUES (:id, :name, :file, UNHEX(:webp), NOW(3)) ON DUPLICATE KEY UPDATE"
		" name = VALUES(name), file = VALUES(file), data = VALUES(data), created_at = NOW(3)",
		args);
	return db_ok(db) ? mem_pack(db_mem(db), "{s:s}", "image", image) : NULL;
}

void
avatar_remove(struct db *db, int64_t user)
{
	db_run(db, "UPDATE users SET image = NULL WHERE id = :id", of(db, user));
	db_run(db, "DELETE FROM pictures WHERE user_id = :id", of(db, user));
}

void
avatar_leave(struct db *db, int64_t user)
{
	db_run(db,
		"DELETE FROM pictures WHERE user_id = :id AND NOT EXISTS"
		" (SELECT 1 FROM users WHERE users.id = user_id AND image = " ADDRESS ")",
		of(db, user));
}

const struct http_bytes *
avatar_find(struct db *db, const char *name)
{
	json_t *row = db_row(db,
		"SELECT HEX(data) AS data FROM pictures JOIN users ON users.id = user_id"
		" WHERE name = :name AND image = " ADDRESS,
		mem_pack(db_mem(db), "{s:s}", "name", name));
	const char *hex = row_text(row, "data");
	struct http_bytes *found;
	char *bytes;

	if (hex == NULL)
		return NULL;
	found = mem_get(db_mem(db), sizeof *found);
	found->length = strlen(hex) / 2;
	found->bytes = bytes = mem_get(db_mem(db), found->length);
	found->type = "image/webp";
	found->tag = mem_print(db_mem(db), "\"%s\"", name);
	return text_unhex(bytes, found->length, hex, 2 * found->length) ? found : NULL;
}

json_t *
avatar_get(struct db *db, int64_t user)
{
	return db_row(db,
		"SELECT " ADDRESS
		" AS image, file, created_at AS createdAt FROM pictures WHERE user_id = :id",
		of(db, user));
}

json_t *
avatar_copy(struct db *db, int64_t user)
{
	return db_row(db,
		"SELECT " ADDRESS " AS image, file, created_at AS createdAt,"
		" REPLACE(TO_BASE64(data), '\n', '') AS webp FROM pictures WHERE user_id = :id",
		of(db, user));
}
