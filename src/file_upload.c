/* SPDX-License-Identifier: ISC */
/*
 * file_upload: a file that comes in, under a row that nobody sees until its last statement. Owns
 * the units of work until then, and how much a member may store.
 */
#include "file.h"
#include "json.h"

/* Bytes of the member's files, and of those that are coming in just now. */
static int64_t
reserved(struct db *db, json_t *args)
{
	return row_number(
		db_row(db,
			"SELECT COALESCE(SUM(size), 0) AS n FROM files WHERE user_id = :me"
			" AND (uploading = FALSE OR touched_at > NOW(3) - INTERVAL 1 MINUTE)",
			args),
		"n");
}

bool
file_begin(struct db *db, struct upload *up, int64_t user, const char *description, int64_t size,
	int64_t most)
{
	json_t *args = mem_pack(db_mem(db), "{s:I, s:I, s:s?}", "me", (json_int_t)user, "size",
		(json_int_t)size, "description", description);

	db_start(db, true);
	if (description != NULL &&
		db_row(db, "SELECT 1 FROM files WHERE user_id = :me AND description = :description",
			args) != NULL)
		db_refuse(db, ERR_TAKEN, "description");
	if (reserved(db, args) + size > most)
		db_refuse(db, ERR_FILES_FULL, NULL);
	db_run(db,
		"INSERT INTO files (user_id, name, type, size, uploading, created_at, touched_at)"
		" VALUES (:me, '', '', :size, TRUE, NOW(3), NOW(3))",
		args);
	*up = (struct upload){ .id = db_id(db) };
	return db_end(db);
}

/* Begin a unit of work, with the row: it is changed before its first piece is added. Each piece
 * holds it from being removed, and if it were changed behind them, it and a removal that waits
 * already would wait for each other. */
static bool
hold(struct db *db, const struct upload *up)
{
	db_start(db, true);
	return db_run(db, "UPDATE files SET touched_at = NOW(3) WHERE id = :id AND uploading",
		       mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)up->id)) == 1 ||
		db_refuse(db, ERR_AWAY, NULL) != NULL; /* its member has gone, or it was tidied */
}

bool
file_add(struct db *db, struct upload *up, char *bytes, size_t length)
{
	struct db_bytes row = { bytes, length, length };
	json_t *args = mem_pack(db_mem(db), "{s:I, s:I, s:I}", "id", (json_int_t)up->id, "n",
		(json_int_t)up->n, "size", (json_int_t)length);

	if ((up->batched == 0 && !hold(db, up)) ||
		!db_bytes(db,
			"INSERT INTO file_chunks (file_id, n, size, data) VALUES (:id, :n, :size, :bytes)",
			args, &row)) {
		db_end(db);
		return false;
	}
	up->n++;
	up->size += (int64_t)length;
	up->batched += (int64_t)length;
	return up->batched < FILE_BATCH || file_flush(db, up);
}

bool
file_flush(struct db *db, struct upload *up)
{
	if (up->batched == 0)
		return true;
	up->batched = 0;
	return db_end(db);
}

json_t *
file_finish(struct db *db, json_t *in, int64_t user, int64_t most)
{
	json_t *args = db_args(db, in, "{s:I}", "me", (json_int_t)user);

	/* One file of a member after the other, or two could pass the limit together. */
	if (db_row(db, "SELECT id FROM users WHERE id = :me FOR UPDATE", args) == NULL)
		return db_refuse(db, ERR_TOKEN_REVOKED, NULL);
	if (file_used(db, user) + row_number(in, "size") > most)
		return db_refuse(db, ERR_FILES_FULL, NULL);
	if (db_run(db,
		    "UPDATE files SET description = :description, name = :name, type = :type,"
		    " size = :size, sha256 = UNHEX(:sha256), uploading = FALSE, created_at = NOW(3)"
		    " WHERE id = :id AND user_id = :me AND uploading",
		    args) != 1)
		return db_refuse(db, ERR_AWAY, NULL); /* nothing came of it for too long */
	return file_get(db, row_id(in), &(struct viewer){ user, false });
}

void
file_undo(struct db *db, int64_t id)
{
	if (id != 0)
		db_apart(db, "DELETE FROM files WHERE id = :id AND uploading",
			mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)id));
}
