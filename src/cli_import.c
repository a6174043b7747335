/* SPDX-License-Identifier: ISC */
/*
 * cli_import: postern user import. Members come in by transactions of some hundred; what is refused
 * is told with its line and holds up nobody else. Whoever is there already stays as is, so that a
 * mended file is simply taken again.
 */
#include "cli_import.h"
#include "avatar.h"
#include "bulk.h"
#include "json.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	BATCH = 500, /* rows of a transaction */
	ROW_BYTES = 1000,
	PICTURE_BYTES = 20000,
	BATCH_BYTES = 1 << 20, /* of them, about */
	TRIES = 5,             /* at one: somebody may sign up at the same moment */
	QUIET_SECONDS = 10     /* between two reports where there is no terminal */
};

struct import {
	struct cli *c;
	struct source from;
	struct mem *m;          /* of one batch */
	json_t *names, *emails; /* canonical, with the line where each stands */
	struct row row[BATCH];
	size_t count, bytes;
	struct pictures *pictures; /* NULL: left out */
	bool dry, terminal;
	struct timespec start;
	double told;
	size_t rows, added, there, refused, without; /* without a password */
	size_t pictured, spoilt;                     /* pictures, and what was to be one */
};

static double
seconds(const struct import *im)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - im->start.tv_sec) +
		(double)(now.tv_nsec - im->start.tv_nsec) / 1e9;
}

static void
progress(struct import *im)
{
	double now = seconds(im);

	if (!im->terminal && now - im->told < QUIET_SECONDS)
		return;
	im->told = now;
	fprintf(stderr, "%s%zu rows, %zu refused, %.0f s%s", im->terminal ? "\r" : "", im->rows,
		im->refused, now, im->terminal ? "" : "\n");
}

static void
tell(struct import *im, const struct row *row, const char *what, const char *why)
{
	if (im->terminal)
		fputs("\r\033[K", stderr);
	if (row->line == row->last)
		fprintf(stderr, "line %zu: %s%s\n", row->line, what, why);
	else
		fprintf(stderr, "lines %zu to %zu: %s%s\n", row->line, row->last, what, why);
}

/* Note a name or address of the row, unless it is another row's already. */
static void
claim(struct import *im, struct row *row, json_t *all, const char *what, const char *key)
{
	const char *text = row_text(row->in, key);
	json_int_t line = text != NULL ? json_integer_value(json_object_get(all, text)) : 0;

	if (line != 0)
		row_refuse(im->m, row, "%s is that of line %lld already", what, (long long)line);
	else if (text != NULL && row->why == NULL)
		json_object_set_new(all, text, json_integer((json_int_t)row->line));
}

/* The rows that still may come in, for the database; with `all`, the others too. */
static json_t *
chosen(struct import *im, bool all)
{
	json_t *rows = mem_json(im->m, json_array());

	for (size_t i = 0; i < im->count; i++) {
		struct row *row = &im->row[i];

		if (row->in == NULL || (!all && (row->why != NULL || row->there)))
			continue;
		json_object_set_new(row->in, "at", json_integer((json_int_t)i));
		json_array_append(rows, row->in);
	}
	return rows;
}

/* Ask the database who is there. */
static void
compare(struct import *im)
{
	json_t *found, *one;
	size_t i;

	found = bulk_there(im->c->db, chosen(im, true));
	json_array_foreach(found, i, one)
	{
		struct row *row = &im->row[row_number(one, "at")];

		row->id = row_id(one);
		row->there = row->id != 0;
		row->bare = json_is_true(json_object_get(one, "bare"));
		if (row->there)
			continue;
		if (json_is_true(json_object_get(one, "username")))
			row_refuse(im->m, row, "username has already been taken");
		if (json_is_true(json_object_get(one, "email")))
			row_refuse(im->m, row, "email has already been taken");
	}
}

/* Look who comes in at all, and make the pictures before the transaction, for that takes its time.
 */
static bool
make_pictures(struct import *im)
{
	db_start(im->c->db, false);
	compare(im);
	if (!db_end(im->c->db))
		return false;
	pictures_make(im->pictures, im->m, im->row, im->count);
	return true;
}

static void
add(struct import *im)
{
	struct db *db = im->c->db;
	json_t *ids = bulk_add(db, chosen(im, false)), *one;
	size_t i;

	json_array_foreach(ids, i, one)
	{
		im->row[row_number(one, "at")].id = row_id(one);
	}
	for (i = 0; i < im->count; i++) {
		const struct row *row = &im->row[i];

		if (row->webp != NULL && row->why == NULL && (!row->there || row->bare))
			avatar_set(db, row->id, pictures_name(im->m, row->picture), row->webp);
	}
}

/* One unit of work; it may be tried again, with what has changed meanwhile. */
static bool
store(struct import *im)
{
	struct cli *c = im->c;
	const char *why[BATCH] = { NULL };

	for (size_t i = 0; i < im->count; i++)
		why[i] = im->row[i].why;
	if (im->pictures != NULL && !make_pictures(im))
		return false;
	for (int tries = 1;; tries++) {
		for (size_t i = 0; i < im->count; i++) {
			im->row[i].why = why[i];
			im->row[i].there = false;
		}
		db_start(c->db, !im->dry);
		compare(im);
		if (!im->dry)
			add(im);
		if (db_end(c->db))
			return true;
		if (tries == TRIES ||
			(db_trouble(c->db) == DB_FINE && err_first(&c->fault) != ERR_TAKEN))
			return false;
		c->fault.count = 0;
	}
}

/* Count what has become of a row, and tell what has not. */
static void
report(struct import *im, const struct row *row)
{
	bool fits = row->why == NULL && (!row->there || row->bare);

	if (row->why != NULL) {
		im->refused++;
		tell(im, row, "", row->why);
	} else if (row->there)
		im->there++;
	else {
		im->added++;
		im->without += *row_text(row->in, "hash") == '\0';
	}
	if (fits && row->sorry != NULL) {
		im->spoilt++;
		tell(im, row, "no picture: ", row->sorry);
	} else if (fits && row->picture != NULL)
		im->pictured++;
}

static bool
flush(struct import *im)
{
	if (im->count > 0 && !store(im))
		return false;
	for (size_t i = 0; i < im->count; i++)
		report(im, &im->row[i]);
	im->count = im->bytes = 0;
	mem_drop(im->m);
	progress(im);
	return true;
}

static bool
take_all(struct import *im)
{
	struct row *row = im->row;

	while (source_next(&im->from, im->m, row)) {
		const char *bio = row->in != NULL ? row_text(row->in, "bio") : NULL;

		im->rows++;
		claim(im, row, im->names, "username", "usernameKey");
		claim(im, row, im->emails, "email", "emailKey");
		im->bytes += ROW_BYTES + (bio != NULL ? strlen(bio) : 0);
		if (im->pictures != NULL && row->picture != NULL)
			im->bytes += PICTURE_BYTES;
		im->count++;
		if ((im->count == BATCH || im->bytes > BATCH_BYTES) && !flush(im))
			return false;
		row = &im->row[im->count];
	}
	return flush(im);
}

static int
summary(const struct import *im, bool good)
{
	bool whole = !ferror(im->from.file);

	if (im->terminal)
		fputs("\r\033[K", stderr);
	printf("%s%zu imported, %zu there already, %zu refused", im->dry ? "dry run: " : "",
		im->added, im->there, im->refused);
	printf("; %zu without a password", im->without);
	if (im->pictures != NULL)
		printf("; %zu pictures, %zu refused", im->pictured, im->spoilt);
	else if (im->pictured > 0)
		printf("; %zu pictures left out (--pictures FOLDER)", im->pictured);
	printf("; %.1f s\n", seconds(im));
	if (!whole)
		cli_fail("the file cannot be read to its end");
	if (!good)
		cli_fault(im->c);
	if (!good || !whole)
		return cli_fail("this is not all of it: take the file again, whoever is there "
				"already stays");
	return im->refused + im->spoilt > 0;
}

int
cli_import(struct cli *c)
{
	struct import *im = mem_get(c->mem, sizeof *im);
	const char *folder = cli_option(c, "--pictures");
	bool good;
	int status = 1;

	im->c = c;
	im->dry = cli_flag(c, "--dry-run");
	im->terminal = isatty(STDERR_FILENO);
	if (c->argc != 1)
		return cli_fail("usage: postern user import FILE [--pictures FOLDER] [--dry-run]   "
				"(- = standard input)");
	if (folder != NULL && (im->pictures = pictures_open(c->mem, folder)) == NULL)
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &im->start);
	im->m = mem_new();
	im->names = mem_json(c->mem, json_object());
	im->emails = mem_json(c->mem, json_object());
	db_serve(c->db, im->m, &c->fault);
	if (source_open(&im->from, c->mem, c->argv[0])) {
		good = take_all(im);
		status = summary(im, good);
	}
	source_close(&im->from);
	if (im->pictures != NULL)
		pictures_close(im->pictures);
	db_serve(c->db, c->mem, &c->fault);
	mem_free(im->m);
	return status;
}
