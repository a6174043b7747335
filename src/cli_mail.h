/* SPDX-License-Identifier: ISC */
#pragma once

/* What the files of `postern mail` share; for cli_mail*.c alone. */

#include "cli.h"
#include "mime.h"
#include "post.h"

/* What mails are made with. Lives as long as the process. */
struct writer;

/* Read the templates and settings; NULL with a line on standard error. */
struct writer *writer_open(struct cli *c);
void writer_close(struct writer *w);

enum {
	MAIL_COPIES = 50 /* of one mail, and as many hidden ones */
};

enum written {
	WRITTEN,
	WRITTEN_NOBODY, /* there is nobody to write to, or nothing to say any more */
	WRITTEN_WRONG,  /* it cannot be sent: *why */
	WRITTEN_NOT     /* the database does not answer (noted) */
};

/*
 * Make the mail of a row of the outbox (see outbox_claim), with the token of its link, and its
 * envelope. All of it is the request's.
 */
enum written
write_mail(struct writer *w, struct db *db, json_t *row, struct parcel *out, const char **why);

/* postern mail [--once]: send what is due. `check`: only see whether it could. */
int mail_work(struct cli *c, bool once, bool check);

/* postern mail send …, postern mail test ADDRESS. */
int mail_send(struct cli *c);
int mail_test(struct cli *c);
