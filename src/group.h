/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"

#include <stdint.h>

/*
 * Groups of members. A name is of letters, digits, _ - and ., 30 at most, and unique without regard
 * to case. The groups of a member travel as one text: their names, sorted, a blank between; "" is
 * none. As an array they stand in tokens and answers.
 */

enum {
	GROUPS_MAX = 50 /* of one member: the names stand in each token */
};

/* For a statement over users u: the groups of each. */
#define GROUP_NAMES                                                                                \
	"(SELECT COALESCE(GROUP_CONCAT(g.name ORDER BY g.name_key SEPARATOR ' '), '')"             \
	" FROM group_members gm JOIN groups g ON g.id = gm.group_id WHERE gm.user_id = u.id)"

/*
 * The same where it is asked for at each request of a browser, at half the price: a statement that
 * joins group_members and groups has a row for each group, named `groups` (NULL if there is none).
 * This makes one row of them; NULL if there is no row.
 */
json_t *group_fold(struct db *db, json_t *rows);

/* The names as an array, in `m`; NULL counts as "". And back: NULL if it is no array of texts. */
json_t *group_array(struct mem *m, const char *names);
const char *group_text(struct mem *m, json_t *array);

/* All groups by name: {name, membersCount}. */
json_t *group_list(struct db *db);

/* All groups by name, and whether the member is in them: {name, member}. */
json_t *group_list_for(struct db *db, int64_t user);

/* Whether a text may be the name of a group. */
bool group_is_name(const char *s);

/* A new group. Notes ERR_NAME or ERR_TAKEN under `name`. */
void group_add(struct db *db, const char *name);

/* Remove a group: the ids of those who were in it, or NULL with ERR_NOT_FOUND noted. */
json_t *group_remove(struct db *db, const char *name);

/* Let the member be in these groups (GROUPS_MAX at most, the caller's to see to) and no other.
 * Notes ERR_CHOICE under `groups` if one of them is not there. */
void group_set(struct db *db, int64_t user, json_t *names);
