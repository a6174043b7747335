/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Personal access tokens: what a member makes for a script. "pst_" and 32 random bytes, of which
 * the database holds the SHA-256 alone. Each has a name, an end, and scopes: `read` and `write`,
 * which comes with `read`, for the API, `gate` for what stands behind the gate. They end with the
 * account, while it is locked, and when its password is set anew.
 */

enum {
	PERSONAL_MOST = 50, /* of one member */
	PERSONAL_DAYS = 366 /* that one lives, at most */
};

/* Whether a token is of this kind, by its looks. */
bool personal_is(const char *token);

/* Whether `scopes`, as a row has them, hold this one. */
bool personal_may(const char *scopes, const char *scope);

/*
 * Whose token it is, if it lives: {id, userId, username, role, groups, scopes, lastUsedAge:
 * seconds, or null}; else NULL. In a transaction the row is held until its end, so that nobody ends
 * the token in between.
 */
json_t *personal_find(struct db *db, const char *token);

/* The same with `email`, for the classes that may read it. */
json_t *personal_find_email(struct db *db, const char *token);

/* Note that it was used: a statement of its own, for tokens that were not for 5 minutes. */
void personal_touch(struct db *db, json_t *row);

/*
 * A new token of `user`: `in` is {name, days}, `scopes` their names with a blank between. Its row,
 * as personal_list has it, with the text of the `token` itself, which nobody can read again. NULL
 * with an error noted if there are too many.
 */
json_t *personal_add(struct db *db, int64_t user, json_t *in, const char *scopes);

/* The tokens of a user that live, newest first: {id, name, scopes: an array, createdAt, expiresAt,
 * lastUsedAt: or null}. */
json_t *personal_list(struct db *db, int64_t user);

/* End a token of the user. False, and nothing noted, if there is none of this id. */
bool personal_end(struct db *db, int64_t user, int64_t id);

/* End all tokens of the user. */
void personal_end_all(struct db *db, int64_t user);
