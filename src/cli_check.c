/* SPDX-License-Identifier: ISC */
/* cli_check: whether what belongs together is there: of each stored file all of its rows, and of
 * each row its file. Changes nothing; postern tidy removes what was abandoned. */
#include "cli.h"
#include "json.h"

#include <stdio.h>

#define COUNT "SELECT COUNT(*) AS n FROM "

/* All rows of a file but the last are of 1 MiB, and they are numbered from 0 on. */
#define BROKEN                                                                                       \
	"(SELECT f.id FROM files f LEFT JOIN file_chunks c ON c.file_id = f.id"                      \
	" WHERE f.uploading = FALSE GROUP BY f.id, f.size HAVING COALESCE(SUM(c.size), 0) <> f.size" \
	" OR COUNT(c.n) <> CEIL(f.size / 1048576) OR COALESCE(MAX(c.n), -1) <> COUNT(c.n) - 1) b"

static json_t *
files_broken(struct db *db, json_t *ages)
{
	return db_row(db, COUNT BROKEN, ages);
}

static json_t *
rows_alone(struct db *db, json_t *ages)
{
	return db_row(db,
		COUNT "file_chunks c LEFT JOIN files f ON f.id = c.file_id WHERE f.id IS NULL",
		ages);
}

static json_t *
abandoned(struct db *db, json_t *ages)
{
	return db_row(db,
		COUNT
		"files WHERE uploading = TRUE AND touched_at < NOW(3) - INTERVAL :uploads SECOND",
		ages);
}

static json_t *
coming(struct db *db, json_t *ages)
{
	return db_row(db,
		COUNT
		"files WHERE uploading = TRUE AND touched_at >= NOW(3) - INTERVAL :uploads SECOND",
		ages);
}

static const struct question {
	const char *name;
	json_t *(*ask)(struct db *db, json_t *ages);
	bool wrong; /* there should be none */
} questions[] = {
	{ "files that lack some", files_broken, true },
	{ "rows without a file", rows_alone, true },
	{ "abandoned uploads", abandoned, true },
	{ "uploads under way", coming, false },
};

int
cli_check(struct cli *c)
{
	bool quiet = cli_flag(c, "-q"), good = true;
	json_t *ages = mem_pack(c->mem, "{s:I}", "uploads", (json_int_t)c->conf->tidy_uploads);

	if (c->argc != 0)
		return cli_fail("usage: postern check [-q]");
	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
		json_t *row = questions[i].ask(c->db, ages);
		long long n = row_number(row, "n");

		if (row == NULL)
			return cli_fault(c);
		if (!quiet || (n > 0 && questions[i].wrong))
			printf("%-20s %lld\n", questions[i].name, n);
		good = good && (n == 0 || !questions[i].wrong);
	}
	return good ? 0 : 1;
}
