/* SPDX-License-Identifier: ISC */
/* mailing: mails written by hand, to many. Owns the tables `mailings` and `mailing_files`; knows
 * nothing of how a mail is made of them. */
#include "mailing.h"

#include "json.h"
#include "text.h"

#include <string.h>

int64_t
mailing_add(struct db *db, json_t *in)
{
	db_run(db,
		"INSERT INTO mailings (subject, text, html, copies, hidden, reply_to, created_at)"
		" VALUES (:subject, :text, :html, :copies, :hidden, :replyTo, NOW(3))",
		in);
	return db_ok(db) ? db_id(db) : 0;
}

void
mailing_attach(struct db *db, json_t *in)
{
	db_run(db,
		"INSERT INTO mailing_files (mailing_id, place, name, type, content)"
		" VALUES (:mailing, :place, :name, :type, :content)",
		in);
}

void
mailing_post(struct db *db, int64_t mailing, int64_t user, const char *address)
{
	json_t *args = mem_pack(db_mem(db), "{s:I, s:o, s:s}", "mailing", (json_int_t)mailing,
		"user", user != 0 ? json_integer(user) : json_null(), "address", address);

	db_run(db,
		"INSERT INTO outbox (letter, user_id, address, told, mailing_id, created_at, due_at)"
		" VALUES ('mailing', :user, :address, '{}', :mailing, NOW(3), NOW(3))",
		args);
}

/* {group: in lower case} */
static json_t *
group_args(struct db *db, const char *group)
{
	char *key = mem_copy(db_mem(db), group, strlen(group));

	text_lower(key);
	return mem_pack(db_mem(db), "{s:s}", "group", key);
}

#define MAY_GET "NOT u.locked AND NOT u.waits <=> 'address'"

json_t *
mailing_members(struct db *db, const char *group)
{
	if (group == NULL)
		return db_rows(db,
			"SELECT u.id, u.username, a.email FROM users u"
			" JOIN addresses a ON a.user_id = u.id WHERE " MAY_GET " ORDER BY u.id",
			NULL);
	return db_rows(db,
		"SELECT u.id, u.username, a.email FROM groups g JOIN group_members m ON g.id = m.group_id"
		" JOIN users u ON u.id = m.user_id JOIN addresses a ON a.user_id = u.id"
		" WHERE g.name_key = :group AND " MAY_GET " ORDER BY u.id",
		group_args(db, group));
}

bool
mailing_group(struct db *db, const char *group)
{
	return db_row(db, "SELECT id FROM groups WHERE name_key = :group", group_args(db, group)) !=
		NULL;
}

json_t *
mailing_get(struct db *db, int64_t id)
{
	json_t *args = mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)id);
	json_t *row = db_row(db,
		"SELECT subject, text, html, copies, hidden, reply_to AS replyTo FROM mailings"
		" WHERE id = :id",
		args);
	json_t *files = db_rows(db,
		"SELECT name, type, content FROM mailing_files WHERE mailing_id = :id ORDER BY place",
		args);

	if (row != NULL && files != NULL)
		json_object_set(row, "files", files);
	return files != NULL ? row : NULL;
}
