/* SPDX-License-Identifier: ISC */
/* article_map: all articles there are, in pieces that stay as they are: by their ids. */
#include "article.h"

#include "json.h"

enum {
	PIECE = 5000
};

long
article_maps(struct db *db)
{
	json_t *row = db_row(db, "SELECT COALESCE(MAX(id), 0) AS n FROM articles", NULL);

	return (long)(row_number(row, "n") + PIECE - 1) / PIECE;
}

json_t *
article_map(struct db *db, long n)
{
	return db_rows(db,
		"SELECT slug, updated_at AS updatedAt FROM articles"
		" WHERE id > :from AND id <= :to ORDER BY id",
		mem_pack(db_mem(db), "{s:I, s:I}", "from", (json_int_t)(n - 1) * PIECE, "to",
			(json_int_t)n * PIECE));
}
