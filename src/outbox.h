/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"

#include <stdint.h>

/*
 * The outbox: mails that wait for `postern mail`, and what became of them. A program only notes
 * what is to be said to whom, in the transaction of its cause; no secret stands here.
 */

/*
 * In the present unit of work: send `letter` (a row of letter.c) to `address`. `user` is whose
 * account it is about: the mail goes when the account goes. 0 = nobody's, or, for a letter that
 * goes to an account, whoever has the address when it is sent: an address that nobody has costs the
 * same. `values`, an object or NULL, is told to the template as it stands. False with an error
 * noted.
 */
bool
outbox_add(struct db *db, const char *letter, int64_t user, const char *address, json_t *values);

/*
 * For admins: the newest first, all or those of one state ("waiting", "sent", "failed"; NULL: all):
 * {mails: [{id, letter, address, state, createdAt, dueAt, doneAt, tries, answer}], mailsCount: how
 * many fit; waitingCount, failedCount; late: whether one waits whose time came minutes ago}.
 */
json_t *outbox_list(struct db *db, const char *state, long limit, long offset);

/* Send it as soon as can be, if it was not sent; forget it. False if it is not there, or (to be
 * sent) just in somebody's hands. */
bool outbox_retry(struct db *db, int64_t id);
bool outbox_drop(struct db *db, int64_t id);
