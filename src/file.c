/* SPDX-License-Identifier: ISC */
/*
 * file: stored files of members. Owns the tables `files` and `file_chunks`, and who may see which
 * file; how one comes in is file_upload.c's. Knows no request.
 */
#include "file.h"

#include "json.h"
#include "text.h"

#include <string.h>

#define MEMBERS                                                                                    \
	"SELECT f.id, f.description, f.name, f.type, f.size, LOWER(HEX(f.sha256)) AS sha256,"      \
	" f.created_at AS createdAt, u.username AS owner,"                                         \
	" CONCAT('/api/files/', f.id, '/content') AS url"                                          \
	" FROM files f JOIN users u ON u.id = f.user_id WHERE f.uploading = FALSE AND "
#define SEEN "(f.user_id = :me OR :admin)"

static json_t *
of(struct db *db, int64_t id, const struct viewer *by)
{
	return mem_pack(db_mem(db), "{s:I, s:I, s:b}", "id", (json_int_t)id, "me",
		(json_int_t)by->id, "admin", by->admin);
}

json_t *
file_get(struct db *db, int64_t id, const struct viewer *by)
{
	json_t *row = db_row(db, MEMBERS "f.id = :id AND " SEEN, of(db, id, by));

	return row != NULL ? row : db_refuse(db, ERR_NOT_FOUND, "file");
}

json_t *
file_list(struct db *db, json_t *in, const struct viewer *by)
{
	const char *owner = row_text(in, "owner");
	char *key = owner != NULL ? mem_copy(db_mem(db), owner, strlen(owner)) : NULL;
	json_t *args = db_args(db, in, "{s:I, s:b, s:s?}", "me", (json_int_t)by->id, "admin",
		by->admin, "owner", key);
	json_t *files, *count;

#define WHOSE                                                                                      \
	"f.user_id = IF(:owner IS NULL, :me,"                                                      \
	" (SELECT o.id FROM users o WHERE o.username_key = :owner)) AND " SEEN
	if (key != NULL)
		text_lower(key);
	json_object_set_new(args, "owner", key != NULL ? json_string(key) : json_null());
	files = db_rows(db, MEMBERS WHOSE " ORDER BY f.id DESC LIMIT :limit OFFSET :offset", args);
	count = db_row(
		db, "SELECT COUNT(*) AS n FROM files f WHERE f.uploading = FALSE AND " WHOSE, args);
	if (!db_ok(db))
		return NULL;
	return mem_pack(db_mem(db), "{s:O, s:O}", "files", files, "filesCount",
		json_object_get(count, "n"));
}

int64_t
file_used(struct db *db, int64_t user)
{
	return row_number(db_row(db,
				  "SELECT COALESCE(SUM(size), 0) AS n FROM files"
				  " WHERE user_id = :me AND uploading = FALSE",
				  mem_pack(db_mem(db), "{s:I}", "me", (json_int_t)user)),
		"n");
}

json_t *
file_copy(struct db *db, int64_t user)
{
	return db_rows(db, MEMBERS "f.user_id = :me ORDER BY f.id",
		mem_pack(db_mem(db), "{s:I}", "me", (json_int_t)user));
}

bool
file_remove(struct db *db, int64_t id, const struct viewer *by, const struct origin *from)
{
	json_t *args = of(db, id, by);
	json_t *row = db_row(db,
		"SELECT user_id AS owner FROM files f WHERE id = :id AND uploading = FALSE AND " SEEN
		" FOR UPDATE",
		args);

	if (row == NULL)
		return db_refuse(db, ERR_NOT_FOUND, "file") != NULL;
	db_run(db, "DELETE FROM files WHERE id = :id", args);
	event_add_by(db, EVENT_FILE_REMOVED, row_number(row, "owner"), by->id, from);
	return db_ok(db);
}

json_t *
file_linked(struct db *db, int64_t id, int64_t version)
{
	json_t *row = db_row(db, MEMBERS "f.id = :id AND f.links = :version AND NOT u.locked",
		mem_pack(db_mem(db), "{s:I, s:I}", "id", (json_int_t)id, "version",
			(json_int_t)version));

	return row != NULL ? row : db_refuse(db, ERR_TOKEN_EXPIRED, NULL);
}

int64_t
file_links(struct db *db, int64_t id, int64_t owner)
{
	json_t *row = db_row(db,
		"SELECT links FROM files WHERE id = :id AND user_id = :me AND uploading = FALSE",
		of(db, id, &(struct viewer){ owner, false }));

	if (row != NULL)
		return row_number(row, "links");
	db_refuse(db, ERR_NOT_FOUND, "file");
	return -1;
}

bool
file_end_links(struct db *db, int64_t id, int64_t owner)
{
	return db_run(db,
		       "UPDATE files SET links = links + 1"
		       " WHERE id = :id AND user_id = :me AND uploading = FALSE",
		       of(db, id, &(struct viewer){ owner, false })) == 1 ||
		db_refuse(db, ERR_NOT_FOUND, "file") != NULL;
}

/* A file on its way out. */
struct going {
	struct db *db;
	json_t *args;
	struct db_bytes row;
};

/* http_source: the row that byte `at` is in. A lost connection is made anew, once. */
static bool
piece(void *of_, uint64_t at, const char **bytes, size_t *length)
{
	struct going *g = of_;
	size_t skip = (size_t)(at % FILE_PIECE);
	bool found = false;

	json_integer_set(json_object_get(g->args, "n"), (json_int_t)(at / FILE_PIECE));
	for (int tries = 0; tries < 2 && !found; tries++) {
		db_start(g->db, false);
		found = db_bytes(g->db,
			"SELECT data AS bytes FROM file_chunks WHERE file_id = :id AND n = :n",
			g->args, &g->row);
		if (db_trouble(g->db) == DB_FINE)
			break;
	}
	if (!found || g->row.length <= skip)
		return false;
	*bytes = g->row.at + skip;
	*length = g->row.length - skip;
	return true;
}

const struct http_source *
file_source(struct db *db, json_t *file)
{
	struct mem *m = db_mem(db);
	struct http_source *s = mem_get(m, sizeof *s);
	struct going *g = mem_get(m, sizeof *g);

	*g = (struct going){ db, mem_pack(m, "{s:I, s:i}", "id", (json_int_t)row_id(file), "n", 0),
		{ mem_get(m, FILE_PIECE), FILE_PIECE, 0 } };
	*s = (struct http_source){ .type = row_text(file, "type"),
		.tag = mem_print(m, "\"%s\"", row_text(file, "sha256")),
		.name = row_text(file, "name"),
		.length = (uint64_t)row_number(file, "size"),
		.piece = piece,
		.of = g };
	return s;
}
