/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"

#include <stdint.h>

/*
 * Members. Names and addresses are unique by their canonical form, ASCII lower case; they are shown
 * as typed. Rows are {id, email, username, bio, image, role, groups: see
 * group.h}.
 */

/* Note which of username and email (members of `in`) somebody else than `me` (0 = nobody) has
 * taken. */
void user_taken(struct db *db, json_t *in, int64_t me);

/*
 * The accounts that wait for the confirmation of their address hold neither name nor address: who
 * signs up with one of them takes its place. Their ids, as [{id}].
 */
json_t *user_unconfirmed(struct db *db, json_t *in);

/* The account of a mail address that counts, or 0. */
int64_t user_of_email(struct db *db, const char *email);

/*
 * A new member from {username, email, bio, image, waits: "approval", "address" or nothing}, with a
 * stored hash, in place of `instead` (see user_unconfirmed; or NULL). The row, or NULL.
 */
json_t *user_add(struct db *db, json_t *in, const char *hash, json_t *instead);

/* The row of a member who is there and not locked, or NULL without an error. */
json_t *user_get(struct db *db, int64_t id);

/* What everybody may see of a member, by name: {username, bio, image}; or NULL without an error. */
json_t *user_profile(struct db *db, const char *username);

/* The id of the member of this name, in any case; 0 if there is none. */
int64_t user_find(struct db *db, const char *username);

/* Let a member log in who had to wait. False if this one did not wait. */
bool user_approve(struct db *db, int64_t id);

/* Note that the address is the member's, who need not wait for it any more; where `approve`, then
 * for approval. False if it has been changed since, or the member is locked. */
bool user_prove(struct db *db, int64_t id, const char *email, bool approve);

/* The address that the member wants instead of the present one, until it is confirmed; NULL: none
 * any more. */
void user_want(struct db *db, int64_t id, const char *email);

/* The address that was wanted takes the place of the present one. False if it is another by now, or
 * the member is locked; ERR_TAKEN noted if somebody else has it. */
bool user_move(struct db *db, int64_t id, const char *email);

/* The address of a member that waits to be confirmed: {email, wanted: whether another counts until
 * then}; or NULL without an error. */
json_t *user_unproved(struct db *db, int64_t id);

/* Change what `in` holds of username, email, bio and image. The new row, or NULL. */
json_t *user_change(struct db *db, int64_t id, json_t *in);

/* What is stored of a member apart from the profile: {username, email, emailConfirmedAt,
 * emailWanted, role, createdAt, updatedAt, passwordChangedAt}; or NULL without an error. */
json_t *user_account(struct db *db, int64_t id);

/* Remove a member, with credentials and sessions; events stay without the name. */
void user_remove(struct db *db, int64_t id);

/* All members, oldest first: {id, username, email, role, locked, waits, createdAt}. */
json_t *user_list(struct db *db);

/*
 * The account that `who` names, by mail address if it has an @, else by username: {id, username,
 * email, hash, locked, waits, since: when the password was set}; NULL if there is none.
 */
json_t *credential_find(struct db *db, const char *who);

/* When a member's password was set, as text for session_add; or NULL. */
const char *credential_since(struct db *db, int64_t user);

/* The stored hash of a member, or NULL. */
const char *credential_hash(struct db *db, int64_t user);

/* Set the hash, of a member who may have none yet. False with an error noted. */
bool credential_set(struct db *db, int64_t user, const char *hash);

/* Replace the hash if it is still `before`: a stronger one of the same password. */
void credential_strengthen(struct db *db, int64_t user, const char *before, const char *hash);
