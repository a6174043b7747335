/* SPDX-License-Identifier: ISC */
/* cli_mail_test: postern mail test: one mail, now, with all that is said to the server, and what to
 * do next when that fails. */
#include "cli_mail.h"

#include <stdio.h>
#include <time.h>

/* A row as the outbox would have it, though nothing of the database is needed for this letter. */
static json_t *
row_for(struct cli *c, const char *address)
{
	time_t now = time(NULL);
	char at[32];

	(void)strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%S.000Z", gmtime(&now));
	return mem_pack(c->mem, "{s:i, s:s, s:n, s:s, s:s, s:s, s:I}", "id", 0, "letter", "test",
		"userId", "address", address, "told", "{}", "createdAt", at, "stamp",
		(json_int_t)now);
}

int
mail_test(struct cli *c)
{
	static const volatile int never;
	struct writer *w;
	struct parcel parcel;
	struct post *post;
	const char *why;
	enum posted posted;

	if (c->argc != 1)
		return cli_fail("usage: postern mail test ADDRESS");
	if ((why = post_check(c->conf)) != NULL)
		return cli_fail("%s", why);
	if ((w = writer_open(c)) == NULL)
		return 1;
	if (write_mail(w, c->db, row_for(c, c->argv[0]), &parcel, &why) != WRITTEN) {
		writer_close(w);
		return cli_fail("%s", why);
	}
	post = post_open(c->conf, &never);
	post_show(post, stdout);
	posted = post_send(post, &parcel);
	if (posted == POST_SENT)
		printf("sent from %s to %s: %s\n", parcel.from, parcel.to[0], post_answer(post));
	else
		cli_fail("not sent: %s", post_answer(post));
	why = post_advice(post);
	if (why != NULL)
		fprintf(posted == POST_SENT ? stdout : stderr, "%s\n", why);
	post_close(post);
	writer_close(w);
	return posted != POST_SENT;
}
