/* SPDX-License-Identifier: ISC */
#pragma once

#include "route.h"

/*
 * What the programs of the class credentials share: the user object of the API, and the hashing
 * steps that stand outside any transaction.
 */

/* What a new member gives: username, email, password, bio, image. */
extern const struct field account_fields[];

/* The page of a login or a registration: where to go on to; who is logged in goes there at once. */
extern const struct field account_next[];
json_t *account_door(struct req *rq);

/* {"user": {email, token, username, bio, image}} of a row of user.h, which it takes apart; a page
 * has no token. NULL if `row` is, or an API's `token`. */
json_t *account_user(struct req *rq, json_t *row, const char *token);

/*
 * Start a session for the member of `row` whose password was set at `since` (see session_add).
 * Under /api *token is one of `life` seconds; a browser gets a cookie, for longer if the input's
 * `remember` says so, and *token is NULL. False with an error noted.
 */
bool account_begin(struct req *rq, json_t *row, const char *since, long life, const char **token);

/* A new stored hash for a password, or NULL with an error noted. */
const char *account_hash(struct req *rq, const char *password);

/*
 * Count a try at the password of member `user`, or of nobody (0) called `typed`, outside any
 * transaction and before it is checked. False with ERR_RATE noted if there were too many. After a
 * good one they are forgotten.
 */
bool account_try(struct req *rq, int64_t user, const char *typed);
void account_passed(struct req *rq, int64_t user);

/*
 * Check a name or address with a password, counting the try: {id, hash, since, strong}, where
 * `strong` is a better hash of the same password or null. NULL with ERR_CREDENTIALS, ERR_RATE or
 * ERR_BUSY noted; neither the answer nor its time tells whether there is such an account.
 */
json_t *account_check(struct req *rq, const char *who, const char *password);

/* Open the session of what account_check found (see account_begin) and tidy up after it. The
 * member's row, or NULL. */
json_t *account_login(struct req *rq, json_t *found, long life, const char **token);
