/* SPDX-License-Identifier: ISC */
/*
 * cli_export: postern user export: all members of one moment, as user import takes them. Hashes go
 * along only when they are asked for, and a file is for its owner alone.
 */
#include "avatar.h"
#include "bulk.h"
#include "cli.h"
#include "group.h"
#include "json.h"
#include "sheet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct export
{
	struct cli *c;
	FILE *to;
	struct mem *m;
	bool json, hashes;
	int folder;         /* for pictures; -1: they are left out */
	size_t count, left; /* out */
};

enum {
	COLUMNS = 11,
	HASH = COLUMNS - 1 /* the last one, and not always there */
};

static const char *const columns[COLUMNS] = { "username", "email", "picture", "role", "groups",
	"bio", "locked", "waits", "created", "confirmed", "hash" };

/* The name of the file that a stored picture becomes; NULL if the address is not one of ours. */
static const char *
file_of(const char *image)
{
	static const char ours[] = "/pictures/";
	size_t n = sizeof ours - 1;

	return image != NULL && strncmp(image, ours, n) == 0 ? image + n : NULL;
}

/* A row of bulk.h under the names of the columns. */
static json_t *
named(struct export *ex, json_t *row)
{
	const char *file = file_of(row_text(row, "image"));
	json_t *to = mem_json(ex->m, json_object());

	for (size_t i = 0; i < COLUMNS; i++) {
		json_t *value = json_object_get(row, columns[i]);

		if (value != NULL)
			json_object_set(to, columns[i], value);
	}
	json_object_set(to, "groups", group_array(ex->m, row_text(row, "groups")));
	json_object_set(to, "created", json_object_get(row, "createdAt"));
	json_object_set(to, "confirmed", json_object_get(row, "confirmedAt"));
	if (file == NULL)
		json_object_set(to, "picture", json_object_get(row, "image"));
	else
		json_object_set_new(
			to, "picture", ex->folder >= 0 ? json_string(file) : json_null());
	return to;
}

/* The picture of a row into the folder. False if it cannot be written. */
static bool
write_picture(struct export *ex, json_t *row)
{
	const char *file = file_of(row_text(row, "image"));
	const struct http_bytes *found;
	bool good;
	int fd;

	ex->left += file != NULL && ex->folder < 0;
	if (file == NULL || ex->folder < 0 || strchr(file, '/') != NULL)
		return true;
	found = avatar_find(ex->c->db, mem_copy(ex->m, file, strcspn(file, ".")));
	if (found == NULL)
		return true;
	fd = openat(ex->folder, file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	good = fd >= 0 && write(fd, found->bytes, found->length) == (ssize_t)found->length;
	if (fd >= 0)
		good = close(fd) == 0 && good;
	return good;
}

static void
write_json(struct export *ex, json_t *row)
{
	size_t n;

	if (!ex->hashes)
		json_object_del(row, "hash");
	fputs(json_text(ex->m, row, &n), ex->to);
	putc('\n', ex->to);
}

static void
write_sheet(struct export *ex, json_t *row)
{
	const char *cell[COLUMNS];

	for (size_t i = 0; i < COLUMNS; i++) {
		json_t *value = json_object_get(row, columns[i]);

		cell[i] = json_string_value(value);
		if (json_is_array(value))
			cell[i] = group_text(ex->m, value);
		else if (json_is_boolean(value))
			cell[i] = json_is_true(value) ? "true" : "false";
		else if (cell[i] == NULL)
			cell[i] = "";
	}
	sheet_write(ex->to, cell, ex->hashes ? COLUMNS : HASH);
}

/* All pages in one transaction: members of one moment. */
static bool
write_all(struct export *ex)
{
	struct db *db = ex->c->db;
	int64_t last = 0;
	size_t size, i;

	if (!ex->json)
		sheet_write(ex->to, columns, ex->hashes ? COLUMNS : HASH);
	db_start(db, true);
	do {
		json_t *page = bulk_page(db, last), *row;

		json_array_foreach(page, i, row)
		{
			last = row_id(row);
			(ex->json ? write_json : write_sheet)(ex, named(ex, row));
			if (!write_picture(ex, row))
				return cli_fail("a picture cannot be written: %s",
					       strerror(errno)) == 0;
		}
		size = json_array_size(page);
		ex->count += size;
		if (size > 0 && db_ok(db))
			mem_drop(ex->m);
	} while (size > 0);
	return db_end(db);
}

/* A new file for its owner alone, until it is complete beside the one that it will replace. */
static FILE *
create(const char *path)
{
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd >= 0 ? fdopen(fd, "w") : NULL;
}

static bool
finish(FILE *f, const char *new, const char *path)
{
	bool good = fflush(f) == 0 && !ferror(f) && fsync(fileno(f)) == 0;

	good = fclose(f) == 0 && good;
	return good && rename(new, path) == 0;
}

static int
write_file(struct export *ex, const char *path)
{
	const char *new = mem_print(ex->c->mem, "%s.new", path);
	bool good;

	if ((ex->to = create(new)) == NULL)
		return cli_fail("%s: %s", new, strerror(errno));
	good = write_all(ex);
	if (!good) {
		(void)fclose(ex->to);
		unlink(new);
		return cli_fault(ex->c);
	}
	if (!finish(ex->to, new, path)) {
		cli_fail("%s: %s", path, strerror(errno));
		return unlink(new), 1;
	}
	fprintf(stderr, "%zu members\n", ex->count);
	return 0;
}

static bool
open_folder(struct export *ex, const char *folder)
{
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return false;
	ex->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return ex->folder >= 0;
}

int
cli_export(struct cli *c)
{
	const char *folder = cli_option(c, "--pictures");
	struct export ex = { .c = c,
		.to = stdout,
		.json = cli_flag(c, "--json"),
		.hashes = cli_flag(c, "--hashes"),
		.folder = -1 };
	int status;

	if (c->argc > 1)
		return cli_fail("usage: postern user export [FILE] [--json] [--hashes] "
				"[--pictures FOLDER]");
	if (folder != NULL && !open_folder(&ex, folder))
		return cli_fail("%s: %s", folder, strerror(errno));
	ex.m = mem_new();
	db_serve(c->db, ex.m, &c->fault);
	if (ex.hashes)
		fputs("postern: password hashes go along: whoever reads them can try passwords in peace\n",
			stderr);
	if (c->argc == 1)
		status = write_file(&ex, c->argv[0]);
	else
		status = write_all(&ex) ? 0 : cli_fault(c);
	if (status == 0 && ex.left > 0)
		fprintf(stderr, "postern: %zu pictures are left out (--pictures FOLDER)\n",
			ex.left);
	if (ex.folder >= 0)
		close(ex.folder);
	db_serve(c->db, c->mem, &c->fault);
	mem_free(ex.m);
	return status;
}
