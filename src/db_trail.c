/* SPDX-License-Identifier: ISC */
/*
 * db_trail: what an answer asked the database, and which rows came, byte by byte, so that all of it
 * can be asked again. Owns when two results are the same; knows nothing of answers.
 */
#include "db_parts.h"

#include <string.h>

struct row {
	struct row *next;
	size_t length;
	char bytes[];
};

struct step {
	struct step *next;
	const char *literal;
	json_t *args;
	struct row *rows, **last;
};

struct db_trail {
	struct mem *m;
	struct step *steps, **last, *now;
	size_t room;          /* bytes of rows that may still come */
	bool open;            /* the last statement has not been run to its end */
	bool spoilt;          /* there was more than reading, or too much of it */
	const struct row *at; /* in the comparison, the row that should come; NULL = no more */
	bool same;
};

struct db_trail *
db_trail_new(struct mem *m, size_t most)
{
	struct db_trail *t = mem_get(m, sizeof *t);

	*t = (struct db_trail){ .m = m, .last = &t->steps, .room = most };
	return t;
}

bool
db_trail_good(const struct db_trail *t)
{
	return !t->open && !t->spoilt;
}

/* db.follow */
static void
note(struct db *db, const char *literal, json_t *args)
{
	struct db_trail *t = db->trail;
	struct mem *before;
	struct step *s;

	if (literal == NULL) {
		t->open = false;
		return;
	}
	t->spoilt = t->spoilt || t->open || db->in_transaction || db->want.bytes != NULL ||
		strncmp(literal, "SELECT ", strlen("SELECT ")) != 0;
	t->open = true;
	if (t->spoilt)
		return;
	s = mem_get(t->m, sizeof *s);
	before = mem_serve_json(t->m);
	*s = (struct step){ .literal = literal, .args = json_deep_copy(args), .last = &s->rows };
	mem_serve_json(before);
	t->now = *t->last = s;
	t->last = &s->next;
}

/* maria_want.row: keep it. */
static void
keep(void *of, const void *bytes, size_t length)
{
	struct db_trail *t = of;
	struct row *row;

	if (t->spoilt || (t->spoilt = length > t->room))
		return;
	t->room -= length;
	row = mem_get(t->m, sizeof *row + length);
	row->length = length;
	memcpy(row->bytes, bytes, length);
	*t->now->last = row;
	t->now->last = &row->next;
}

/* maria_want.row: is it the one that came before? */
static void
compare(void *of, const void *bytes, size_t length)
{
	struct db_trail *t = of;
	const struct row *row = t->at;

	t->same = t->same && row != NULL && row->length == length &&
		memcmp(row->bytes, bytes, length) == 0;
	t->at = row != NULL ? row->next : NULL;
}

void
db_follow(struct db *db, struct db_trail *t)
{
	db->trail = t;
	db->follow = t != NULL ? note : NULL;
	db->want = (struct maria_want){ .row = t != NULL ? keep : NULL, .of = t };
}

bool
db_same(struct db *db, struct db_trail *t)
{
	long long changed;

	t->same = true;
	db->want = (struct maria_want){ .row = compare, .of = t, .blind = true };
	for (const struct step *s = t->steps; s != NULL && t->same; s = s->next) {
		t->at = s->rows;
		if (db_execute(db, s->literal, s->args, &changed) == NULL || t->at != NULL)
			t->same = false;
	}
	db->want = (struct maria_want){ 0 };
	return t->same;
}
