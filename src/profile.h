/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"

#include <stdbool.h>
#include <stdint.h>

/* What everybody may see of members, and who follows whom. */

/* For a statement over users u: the member `author` of what they wrote, to :me; and where that
 * stands, behind the table u. */
#define PROFILE_AUTHOR                                                                             \
	"u.username AS `author.username`, u.bio AS `author.bio`, u.image AS `author.image`,"       \
	" w.follower_id IS NOT NULL AS `author.following`"
#define PROFILE_READER " LEFT JOIN follows w ON w.follower_id = :me AND w.followed_id = u.id"

/* {username, bio, image, following: whether `me` (0 = nobody) does}; NULL with ERR_NOT_FOUND noted.
 */
json_t *profile_get(struct db *db, const char *username, int64_t me);

/* Let `me` follow a member, or not; it may have been so before, and nobody follows themselves. The
 * profile, or NULL with ERR_NOT_FOUND noted. */
json_t *profile_follow(struct db *db, const char *username, int64_t me, bool yes);
