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
	ONE_TIME_INVITE,  /* signing up; perhaps for one address alone */
	ONE_TIME_CONFIRM, /* confirming a member's address */
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

/* What a token that is still good is for: {userId, emailKey}, each perhaps null; else NULL. */
json_t *one_time_find(struct db *db, enum one_time kind, const char *token);

/* The same, and it is used up; of many at once one alone gets it. */
json_t *one_time_use(struct db *db, enum one_time kind, const char *token);
