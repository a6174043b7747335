/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"

#include <stdint.h>

/*
 * Members by the hundred, in few statements: written when they come from another site, and read to
 * be taken elsewhere. `rows` is an array of {at: the caller's own number, username, email, bio,
 * image, role, locked, waits, groups: array of names, createdAt, confirmedAt: as "YYYY-MM-DD
 * HH:MM:SS.mmm" in UTC, hash: "" for none}; what is absent or null is as with a new member.
 */

/* Give each row the canonical forms of its name and address, which the functions below need. */
void bulk_keys(struct mem *m, json_t *row);

/*
 * The rows whose name or address is there: [{at, username: is it, email: is it, id: the account
 * that has both, or null, bare: has that one no picture}]. An account that waits for the
 * confirmation of its address holds neither, but against a row that waits for the same.
 */
json_t *bulk_there(struct db *db, json_t *rows);

/*
 * Add members, their hashes, and the groups that are missing. Unconfirmed accounts with one of
 * their names or addresses go. Returns [{at, id}]; NULL with an error, ERR_TAKEN if somebody else
 * has come first.
 */
json_t *bulk_add(struct db *db, json_t *rows);

/*
 * The next 500 members behind id `after`, oldest first: {id, username, email, bio, image, role,
 * locked, waits, groups: see group.h, createdAt, confirmedAt, hash}.
 */
json_t *bulk_page(struct db *db, int64_t after);
