/* SPDX-License-Identifier: ISC */
/* cli_rerender: the HTML of all texts by the renderer of today, a hundred texts a transaction. */
#include "cli.h"
#include "comment.h"

#include <stdio.h>

/* All of one kind, which `render` makes; how many it were, or -1. */
static long
all(struct cli *c, int64_t (*render)(struct db *db, bool images, int64_t after, long *n))
{
	struct mem *kept = c->mem;
	int64_t after = 0;
	long sum = 0, n;
	bool good;

	do {
		struct mem *m = mem_new(); /* texts are large, and there may be a million */

		db_serve(c->db, m, &c->fault);
		db_start(c->db, true);
		after = render(c->db, c->conf->site_external_images, after, &n);
		good = db_end(c->db);
		sum += n;
		mem_free(m);
	} while (good && after > 0);
	db_serve(c->db, kept, &c->fault);
	return good ? sum : -1;
}

int
cli_rerender(struct cli *c)
{
	long articles, comments;

	if (c->argc != 0)
		return cli_fail("usage: postern rerender");
	if ((articles = all(c, article_render)) < 0 || (comments = all(c, comment_render)) < 0)
		return cli_fail("not all texts could be made anew; run it again");
	printf("articles %ld\ncomments %ld\n", articles, comments);
	return 0;
}
