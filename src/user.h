/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"

#include <stdint.h>

/*
 * Members. Names and addresses are unique by their canonical form, ASCII lower case; they are shown
 * as typed. Rows are {id, email, username, bio, image, role}.
 */

/* Note which of username and email (members of `in`) somebody else than `me` (0 = nobody) has
 * taken. */
void user_taken(struct db *db, json_t *in, int64_t me);

/* A new member from {username, email, bio, image}, with a stored hash. The row, or NULL. */
json_t *user_add(struct db *db, json_t *in, const char *hash);

/* The row of a member who is there and not locked, or NULL without an error. */
json_t *user_get(struct db *db, int64_t id);

/* What everybody may see of a member, by name: {username, bio, image}; or NULL without an error. */
json_t *user_profile(struct db *db, const char *username);

/* Whether the member is there, not locked, and an admin now. */
bool user_is_admin(struct db *db, int64_t id);

/* Change what `in` holds of username, email, bio and image. The new row, or NULL. */
json_t *user_change(struct db *db, int64_t id, json_t *in);

/* All members, oldest first: {id, username, email, role, locked, createdAt}. */
json_t *user_list(struct db *db);

/*
 * The account that `who` names, by mail address if it has an @, else by username: {id, username,
 * hash, locked, since: when the password was set}; NULL if there is none.
 */
json_t *credential_find(struct db *db, const char *who);

/* When a member's password was set, as text for session_add; or NULL. */
const char *credential_since(struct db *db, int64_t user);

/* The stored hash of a member, or NULL. */
const char *credential_hash(struct db *db, int64_t user);

/* Replace the hash. False if the member has none. */
bool credential_set(struct db *db, int64_t user, const char *hash);

/* Replace the hash if it is still `before`: a stronger one of the same password. */
void credential_strengthen(struct db *db, int64_t user, const char *before, const char *hash);
