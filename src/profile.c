/* SPDX-License-Identifier: ISC */
/*
 * profile: members as others see them. Owns the table `follows`; of users it only reads what
 * everybody may see, by their canonical names.
 */
#include "profile.h"

#include "json.h"
#include "text.h"

#include <string.h>

static json_t *
args(struct db *db, const char *username, int64_t me)
{
	char *key = mem_copy(db_mem(db), username, strlen(username));

	text_lower(key);
	return mem_pack(db_mem(db), "{s:s, s:I}", "key", key, "me", (json_int_t)me);
}

json_t *
profile_get(struct db *db, const char *username, int64_t me)
{
	json_t *row = db_row(db,
		"SELECT u.username, u.bio, u.image, w.follower_id IS NOT NULL AS following"
		" FROM users u" PROFILE_READER
		" WHERE u.username_key = :key AND NOT u.locked AND u.waits IS NULL",
		args(db, username, me));

	return row != NULL ? row : db_refuse(db, ERR_NOT_FOUND, "profile");
}

json_t *
profile_follow(struct db *db, const char *username, int64_t me, bool yes)
{
	json_t *who = args(db, username, me);

	if (yes)
		db_run(db,
			"INSERT IGNORE INTO follows (follower_id, followed_id, created_at)"
			" SELECT :me, u.id, NOW(3) FROM users u WHERE u.username_key = :key"
			" AND NOT u.locked AND u.waits IS NULL AND u.id <> :me",
			who);
	else
		db_run(db,
			"DELETE w FROM follows w JOIN users u ON u.id = w.followed_id"
			" WHERE w.follower_id = :me AND u.username_key = :key",
			who);
	return profile_get(db, username, me);
}
