/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"

#include <stdint.h>

/*
 * Tokens of links that work once and for a while: 32 random bytes as base64url, of which the
 * database holds the SHA-256 alone.
 */

/* What a link is for. */
enum one_time {
	ONE_TIME_NONE,
	ONE_TIME_INVITE,  /* signing up; perhaps for one address alone */
	ONE_TIME_CONFIRM, /* confirming a member's address */
	ONE_TIME_RESET,   /* setting a new password */
};

enum {
	ONE_TIME_CHARS = 43 /* of a token */
};

/*
 * A new token, good for `life` seconds, for `user` (0 = nobody yet) and the address `email` (NULL:
 * any). The user's older ones of this kind end. NULL with an error noted.
 */
const char *
one_time_add(struct db *db, enum one_time kind, int64_t user, const char *email, long life);

/*
 * The same with a token that the caller made of a secret, for a mail that may be sent again: one
 * that is there already gets `life` anew. False if it was used or ended, or with an error noted.
 */
bool one_time_put(struct db *db, enum one_time kind, const char *token, int64_t user,
	const char *email, long life);

/* All unused ones of this kind of the user end. */
void one_time_end(struct db *db, enum one_time kind, int64_t user);

/* What a token that is still good is for: {userId, emailKey}, each perhaps null; else NULL. */
json_t *one_time_find(struct db *db, enum one_time kind, const char *token);

/* The same, and it is used up; of many at once one alone gets it. */
json_t *one_time_use(struct db *db, enum one_time kind, const char *token);
