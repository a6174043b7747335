/* SPDX-License-Identifier: ISC */
#pragma once

#include "route.h"
#include "throttle.h"

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
 * Count a try at the password of member `user`, or of nobody (0) called `typed`, outside any
 * transaction and before it is checked. False with ERR_RATE noted if there were too many. After a
 * good one they are forgotten.
 */
bool account_try(struct req *rq, int64_t user, const char *typed);
void account_passed(struct req *rq, int64_t user);

/*
 * Check a name or address with a password, counting the try: {id, hash, since, strong}, where
 * `strong` is a better hash of the same password or null. NULL with ERR_CREDENTIALS, ERR_RATE or
 * ERR_BUSY noted, or ERR_WAITS_… after the right password; neither the answer nor its time tells
 * whether there is such an account.
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
 * that the input's `current_password` is needed, as by account_prove, and *proved says so. False
 * with its error noted. Where there is no such input, an old login is refused.
 */
bool account_fresh(struct req *rq, bool *proved);

/* A `first` that asks for that and no more: {proved}. */
json_t *account_prove_fresh(struct req *rq);

/* A page whose form asks for the password if need be: {stale: whether it does}. */
json_t *account_form(struct req *rq);

/* Whether that would ask the viewer of a page for the password. */
bool account_stale(const struct req *rq);

/*
 * Check the input's `current_password` of rq->me, or of `user`, counting the try. False with
 * ERR_CURRENT_NEEDED, ERR_CURRENT_WRONG, ERR_RATE or ERR_BUSY noted.
 */
bool account_prove(struct req *rq);
bool account_knows(struct req *rq, int64_t user);

/*
 * Count a mail to an address that anybody may type, of THROTTLE_FORGOT or THROTTLE_MAIL, and where
 * `network`, one from where the request comes, outside any transaction and before it is written.
 * False with ERR_RATE noted if there were too many: whether anybody has the address plays no part.
 */
bool account_mail(struct req *rq, enum throttle what, const char *email, bool network);

/* Tell the address that the row `before` (see user.h) holds that `email` has taken its place. */
void account_moved(struct req *rq, json_t *before, const char *email);

/* For the row's function after these, which answered {proved}: if that is true, the session is
 * fresh again, and the tries are forgotten. */
void account_proved(struct req *rq);

/* A session that may do more than before, or is the only one left, goes on under a new cookie. */
void account_renew(struct req *rq);
