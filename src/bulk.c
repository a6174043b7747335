/* SPDX-License-Identifier: ISC */
/*
 * bulk: members by the hundred. One of its statements takes all rows as one JSON text and joins
 * them, over the tables that user, group and event own one row at a time. Checks no value.
 */
#include "bulk.h"

#include "event.h"
#include "group.h"
#include "json.h"
#include "text.h"

#include <string.h>

/* A canonical form is compared byte by byte, as its column is. */
#define KEY "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
#define ROWS                                                                                       \
	"JSON_TABLE(:rows, '$[*]' COLUMNS (n FOR ORDINALITY, at INT PATH '$.at',"                  \
	" username VARCHAR(30) PATH '$.username', email VARCHAR(254) PATH '$.email',"              \
	" username_key VARCHAR(30) " KEY " PATH '$.usernameKey',"                                  \
	" email_key VARCHAR(254) " KEY " PATH '$.emailKey', bio TEXT PATH '$.bio',"                \
	" image VARCHAR(2000) PATH '$.image', role VARCHAR(10) PATH '$.role',"                     \
	" locked BOOLEAN PATH '$.locked', waits VARCHAR(10) PATH '$.waits',"                       \
	" created VARCHAR(30) PATH '$.createdAt', confirmed VARCHAR(30) PATH '$.confirmedAt',"     \
	" hash VARCHAR(255) PATH '$.hash')) t"
#define GROUPS                                                                                     \
	"JSON_TABLE(:rows, '$[*]' COLUMNS (username_key VARCHAR(30) " KEY " PATH '$.usernameKey'," \
	" NESTED PATH '$.groups[*]' COLUMNS (name VARCHAR(30) " KEY " PATH '$'))) t"

static json_t *
lower(struct mem *m, const char *s)
{
	char *key = mem_copy(m, s, strlen(s));

	text_lower(key);
	return json_string(key);
}

void
bulk_keys(struct mem *m, json_t *row)
{
	const char *username = row_text(row, "username"), *email = row_text(row, "email");

	if (username != NULL)
		json_object_set_new(row, "usernameKey", lower(m, username));
	if (email != NULL)
		json_object_set_new(row, "emailKey", lower(m, email));
}

static json_t *
args(struct db *db, json_t *rows)
{
	size_t n;

	return mem_pack(db_mem(db), "{s:s}", "rows", json_text(db_mem(db), rows, &n));
}

json_t *
bulk_there(struct db *db, json_t *rows)
{
	return db_rows(db,
		"SELECT t.at, n.id IS NOT NULL AS username, e.id IS NOT NULL AS email,"
		" IF(n.id = e.id, n.id, NULL) AS id, n.image IS NULL AS bare FROM " ROWS
		" LEFT JOIN users n ON n.username_key = t.username_key"
		" AND (NOT n.waits <=> 'address' OR n.role = 'admin' OR t.waits = 'address')"
		" LEFT JOIN (addresses a JOIN users e ON e.id = a.user_id)"
		" ON a.email_key = t.email_key"
		" AND (NOT e.waits <=> 'address' OR e.role = 'admin' OR t.waits = 'address')"
		" WHERE n.id IS NOT NULL OR e.id IS NOT NULL",
		args(db, rows));
}

static void
add_members(struct db *db, json_t *a)
{
	db_run(db,
		"DELETE u FROM " ROWS " JOIN users u ON u.username_key = t.username_key"
		" WHERE u.waits = 'address' AND u.role = 'member'",
		a);
	db_run(db,
		"DELETE u FROM " ROWS " JOIN addresses a ON a.email_key = t.email_key"
		" JOIN users u ON u.id = a.user_id WHERE u.waits = 'address' AND u.role = 'member'",
		a);
	db_run(db,
		"INSERT INTO users (username, username_key, bio, image, role, locked, waits,"
		" created_at, updated_at) SELECT username, username_key, bio, image,"
		" COALESCE(role, 'member'), COALESCE(locked, FALSE), waits,"
		" COALESCE(created, NOW(3)), NOW(3) FROM " ROWS " ORDER BY n",
		a);
	db_run(db,
		"INSERT INTO addresses (user_id, email, email_key, email_confirmed_at)"
		" SELECT u.id, t.email, t.email_key, t.confirmed FROM " ROWS
		" JOIN users u ON u.username_key = t.username_key",
		a);
	db_run(db,
		"INSERT INTO credentials (user_id, hash, changed_at) SELECT u.id, t.hash, NOW(3) FROM " ROWS
		" JOIN users u ON u.username_key = t.username_key",
		a);
}

static void
add_groups(struct db *db, json_t *a)
{
	db_run(db,
		"INSERT INTO groups (name, name_key) SELECT MIN(t.name), LOWER(t.name) FROM " GROUPS
		" LEFT JOIN groups g ON g.name_key = LOWER(t.name)"
		" WHERE t.name IS NOT NULL AND g.id IS NULL GROUP BY LOWER(t.name)",
		a);
	db_run(db,
		"INSERT INTO group_members (group_id, user_id) SELECT DISTINCT g.id, u.id FROM " GROUPS
		" JOIN users u ON u.username_key = t.username_key"
		" JOIN groups g ON g.name_key = LOWER(t.name)",
		a);
}

json_t *
bulk_add(struct db *db, json_t *rows)
{
	json_t *a = args(db, rows), *ids, *row;
	size_t i;

	add_members(db, a);
	add_groups(db, a);
	ids = db_rows(db,
		"SELECT t.at, u.id FROM " ROWS " JOIN users u ON u.username_key = t.username_key",
		a);
	json_array_foreach(ids, i, row)
	{
		event_add(db, EVENT_IMPORTED, row_id(row),
			&(const struct origin){ "", "postern", "" });
	}
	return ids;
}

json_t *
bulk_page(struct db *db, int64_t after)
{
	return db_rows(db,
		"SELECT u.id, u.username, a.email, u.bio, u.image, u.role, u.locked,"
		" u.waits, " GROUP_NAMES " AS groups, u.created_at AS createdAt,"
		" a.email_confirmed_at AS confirmedAt, COALESCE(c.hash, '') AS hash FROM users u"
		" STRAIGHT_JOIN addresses a ON a.user_id = u.id"
		" LEFT JOIN credentials c ON c.user_id = u.id WHERE u.id > :after ORDER BY u.id"
		" LIMIT 500",
		mem_pack(db_mem(db), "{s:I}", "after", (json_int_t)after));
}
