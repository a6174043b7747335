/* SPDX-License-Identifier: ISC */
#pragma once

#include "route.h"

/*
 * What the programs of the class credentials share: the user object of the API, and the hashing
 * steps that stand outside any transaction.
 */

/* What a new member gives: username, email, password, bio, image, invite. */
extern const struct field account_fields[];

/* The page of a login or a registration: where to go on to; who is logged in goes there at once. */
extern const struct field account_next[];
json_t *account_door(struct req *rq);

/* {"user": {email, token, username, bio, image}} of a row of user.h, which it takes apart; a page
 * has no token. NULL if `row` is, or an API's `token`. */
json_t *account_user(struct req *rq, json_t *row, const char *token);

/* What a caller of the API is handed at a login. */
struct handed {
	bool pair; /* asked for: a short token with one to refresh it; else a lasting one */
	const char *token, *refresh; /* NULL: a browser has a cookie instead; no pair */
};

/*
 * Start a session for the member of `row` whose password was set at `since` (see session_add).
 * Under /api *handed is filled; a browser gets a cookie, for longer if the input's `remember` says
 * so. False with an error noted.
 */
bool account_begin(struct req *rq, json_t *row, const char *since, struct handed *handed);

/* A new stored hash for a password, or NULL with an error noted. */
const char *account_hash(struct req *rq, const char *password);

/*
 * Check a name or address with a password, counting the try: {id, hash, since, strong, who}, where
 * `strong` is a better hash of the same password or null. NULL with ERR_CREDENTIALS or ERR_BUSY
 * noted, or ERR_WAITS_… after the right password; the time taken tells nothing of which it was.
 */
json_t *account_check(struct req *rq, const char *who, const char *password);

/* Open the session of what account_check found (see account_begin) and tidy up after it. The
 * member's row, or NULL. */
json_t *account_login(struct req *rq, json_t *found, struct handed *handed);

/* {"token", "refresh_token", "token_type", "expires_in"}: what a pair is answered as (RFC 6749
 * section 5.1). */
json_t *account_pair(struct req *rq, const struct handed *handed);

/*
 * For a `first` of what a stolen session must not do: fine within 15 minutes of the login; after
 * that the input's `current_password` is needed, as by account_prove, and *proved is `who`; else it
 * is NULL. False with its error noted. Where there is no such input, an old login is refused.
 */
bool account_fresh(struct req *rq, const char *who, const char **proved);

/* Whether that would ask the viewer of a page for the password. */
bool account_stale(const struct req *rq);

/*
 * Check the input's `current_password` of rq->me, counting the try under the address `who`. Returns
 * `who`, or NULL with ERR_CURRENT_NEEDED, ERR_CURRENT_WRONG or ERR_BUSY noted.
 */
const char *account_prove(struct req *rq, const char *who);

/* For the row's function after these: the session is fresh again, and the tries are forgotten.
 * Nothing if `proved` is NULL. */
void account_proved(struct req *rq, const char *proved);

/* A session that may do more than before, or is the only one left, goes on under a new cookie. */
void account_renew(struct req *rq);
