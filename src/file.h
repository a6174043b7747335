/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"
#include "event.h"
#include "http.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Files of members. As they are answered: {id, description, name, type, size, sha256, createdAt,
 * owner: a username, url}. A file is its owner's and every admin's; to all others it is not there.
 */

/* Who asks. */
struct viewer {
	int64_t id;
	bool admin;
};

/* A file; NULL with ERR_NOT_FOUND noted. */
json_t *file_get(struct db *db, int64_t id, const struct viewer *by);

/*
 * {files, filesCount}, newest first: one's own, or those of another (`owner`, a username), which
 * only admins find. `in` holds limit and offset.
 */
json_t *file_list(struct db *db, json_t *in, const struct viewer *by);

/* How many bytes of files a member has. */
int64_t file_used(struct db *db, int64_t user);

/* What a member has stored, as a copy for the member: without the bytes, oldest first. */
json_t *file_copy(struct db *db, int64_t user);

/* Remove a file, with an event. False with ERR_NOT_FOUND noted. */
bool file_remove(struct db *db, int64_t id, const struct viewer *by, const struct origin *from);

/*
 * The file for whoever holds a link to it of this version; NULL with ERR_TOKEN_EXPIRED noted when
 * it is not there, its links were ended since, or its owner is locked.
 */
json_t *file_linked(struct db *db, int64_t id, int64_t version);

/* The version that a link to one's own file must hold now; -1 with ERR_NOT_FOUND noted. */
int64_t file_links(struct db *db, int64_t id, int64_t owner);

/* End all links to one's own file. False with ERR_NOT_FOUND noted. */
bool file_end_links(struct db *db, int64_t id, int64_t owner);

/* The bytes of a file that was found, read as they go out, by statements of their own. */
const struct http_source *file_source(struct db *db, json_t *file);

enum {
	FILE_PIECE = 1 << 20,        /* bytes of a row */
	FILE_BATCH = 16 * FILE_PIECE /* … and of a unit of work */
};

/* A file that comes in. */
struct upload {
	int64_t id, size;
	int64_t batched; /* bytes that are not committed yet */
	long n;          /* rows so far */
};

/*
 * Begin, in a unit of work of its own: `size` bytes at most will come. `description` NULL: it is
 * not known yet. Refused with ERR_TAKEN or ERR_FILES_FULL when that is known now.
 */
bool file_begin(struct db *db, struct upload *up, int64_t user, const char *description,
	int64_t size, int64_t most);

/* Keep the next FILE_PIECE bytes; fewer are the last. Commits by itself. */
bool file_add(struct db *db, struct upload *up, char *bytes, size_t length);

/* Commit what file_add has not. */
bool file_flush(struct db *db, struct upload *up);

/*
 * All is there, and from now on the file is: in the present unit of work. `in` is {id, size,
 * sha256, name, type, description}. NULL with ERR_TAKEN, ERR_FILES_FULL or ERR_AWAY noted.
 */
json_t *file_finish(struct db *db, json_t *in, int64_t user, int64_t most);

/* Take back what there is of a file that did not come to its end, whatever was noted. */
void file_undo(struct db *db, int64_t id);
