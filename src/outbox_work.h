/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"

#include <stdbool.h>

/*
 * The outbox as the worker sees it. Several workers may share it: a row that is taken in hand
 * belongs to its taker until the lease is over, and nobody else changes it.
 */

enum {
	OUTBOX_DOUBTS = 2 /* a mail that may have arrived is sent once more, and no more */
};

/*
 * Take the next mail that is due in hand, for `lease` seconds: {id, claim, letter, userId, address,
 * told, mailingId, createdAt, stamp: that in seconds since 1970, age: in seconds, tries, doubts:
 * with this one}. NULL if none is due, or with trouble noted.
 */
json_t *outbox_claim(struct db *db, long lease);

/* It is sent; or it never will be, and waits for somebody who looks. */
void outbox_sent(struct db *db, json_t *mail, const char *answer);
void outbox_failed(struct db *db, json_t *mail, const char *answer);

/* It goes again in `seconds`. `doubt`: it may have arrived all the same. */
void outbox_again(struct db *db, json_t *mail, long seconds, bool doubt, const char *answer);

/* It is for nobody, and forgotten. */
void outbox_forget(struct db *db, json_t *mail);

/* True if a newer letter of the same kind goes to the same member: then this one says nothing. */
bool outbox_outdated(struct db *db, json_t *mail);
