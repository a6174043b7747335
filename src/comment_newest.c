/* SPDX-License-Identifier: ISC */
/* comment_newest: the latest of all comments, for who looks through them; needs no Markdown. */
#include "comment.h"

#include "profile.h"

json_t *
comment_newest(struct db *db, json_t *in, int64_t me)
{
	return db_rows(db,
		"SELECT c.id, c.created_at AS createdAt, c.updated_at AS updatedAt, c.body, " PROFILE_AUTHOR
		", c.html AS bodyHtml, a.slug AS `article.slug`, a.title AS `article.title`"
		" FROM (SELECT id FROM comments ORDER BY id DESC LIMIT :limit OFFSET :offset) n"
		" STRAIGHT_JOIN comments c ON c.id = n.id"
		" STRAIGHT_JOIN users u ON u.id = c.author_id" PROFILE_READER
		" STRAIGHT_JOIN articles a ON a.id = c.article_id ORDER BY c.id DESC",
		db_args(db, in, "{s:I}", "me", (json_int_t)me));
}
