/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"
#include "event.h"

#include <stdbool.h>
#include <stdint.h>

/* How a login lasts. */
struct login {
	long life; /* seconds until it ends in any case */
	const char *
		cookie; /* hexadecimal SHA-256 of a browser's cookie; NULL: known by tokens alone */
	bool remembered; /* it knows no idle limit */
	bool refresh;    /* it has refresh tokens; the first is number 1 */
};

/*
 * A login of `user`: a new session. `since` is when the password was set, as it was read with the
 * hash that was checked (NULL is refused). Returns its id, or 0 with ERR_CREDENTIALS noted if the
 * password has been changed, or the account locked or removed, since then. The hash itself would
 * not do: another login may have made it stronger by now.
 */
int64_t session_add(struct db *db, int64_t user, const char *since, const struct login *login,
	const struct origin *from);

/*
 * The session of a browser by its cookie's hash (hexadecimal), if it lives and was used within
 * `idle` seconds or is remembered: {id, userId, remembered, username, image, role, groups,
 * secondsLeft: until it ends in any case, authenticatedAge, lastSeenAge}; else NULL.
 */
json_t *session_find(struct db *db, const char *cookie, long idle);

/*
 * What the gate is told of a session, by its cookie's hash or by its id, if it lives as
 * session_find and session_get say: {id, userId, username, email, role, groups, authenticatedAge,
 * lastSeenAge}.
 */
json_t *session_of_cookie(struct db *db, const char *cookie, long idle);
json_t *session_of_token(struct db *db, int64_t id, int64_t user);

/* What a session says of itself: NULL if it has ended or expired, if it is not this user's, or if
 * the account is locked. {id, authenticatedAge: seconds since the password was last given,
 * lastSeenAge: seconds, and the member's role and groups as they are now}. With `lock` the row is
 * held until the end of the unit, so that nobody ends it in between. */
json_t *session_get(struct db *db, int64_t id, int64_t user, bool lock);

/* Whether a session of `user`, ended or not, was begun in the network of `address`: see
 * text_network. */
bool session_known(struct db *db, int64_t user, const char *address);

/* Note that the session was used: a statement of its own, for sessions not seen for 5 minutes. */
void session_touch(struct db *db, json_t *session);

/* The password was given just now. */
void session_confirm(struct db *db, int64_t id);

/* The browser gets another cookie for the same session. */
void session_rename(struct db *db, int64_t id, const char *cookie);

/* Let the session end `life` seconds from now, not earlier than so far. */
void session_extend(struct db *db, int64_t id, long life);

/* End a session now. */
void session_end(struct db *db, int64_t id);

/* End all sessions of the user but `keep` (0 = all). Their tokens end with them. How many it were.
 */
long long session_end_others(struct db *db, int64_t user, int64_t keep);

/*
 * The living sessions of a user, the present one first, then as last seen; those of browsers end as
 * session_find says. {id, createdAt, lastSeenAt, expiresAt, address, agent, remembered, current}.
 */
json_t *session_list(struct db *db, int64_t user, int64_t current, long idle);

/* The living sessions of a user, or (0) of everybody, oldest first: the same with username, without
 * current. */
json_t *session_list_all(struct db *db, int64_t user, long idle);

/* Whose session this is, alive or not; 0 if there is none. */
int64_t session_owner(struct db *db, int64_t id);

/* All sessions that are kept of a user, newest first, as a copy for the user: {createdAt,
 * authenticatedAt, lastSeenAt, expiresAt, endedAt, address, agent, remembered}. */
json_t *session_history(struct db *db, int64_t user);

/* End a living session of the user. False, and nothing noted, if there is none of this id. */
bool session_end_of(struct db *db, int64_t user, int64_t id);

/*
 * A refresh token of the user's session, number `n`, is used. Returns the number of the one to hand
 * out. The newest makes the next, and the session lives `life` seconds from then; the one before it
 * is answered with the newest, since that was never used; and so is the one before that for some
 * seconds, for clients that ask side by side. An older one was stolen or lost: 0 with
 * ERR_TOKEN_REVOKED noted, and the session ends. The same for a session that has ended;
 * ERR_TOKEN_EXPIRED if it is past its end.
 */
int64_t session_refresh(
	struct db *db, int64_t id, int64_t user, int64_t n, long life, const struct origin *from);

/*
 * Another session for whoever holds a token of session `id`: a browser's, with this hash of its
 * cookie. It ends within `life` seconds and not after the first one; the password was given when
 * it was for that. False, and nothing noted, if the first one has ended.
 */
bool session_copy(struct db *db, int64_t id, int64_t user, const char *cookie, long life,
	const struct origin *from);
