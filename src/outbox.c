/* SPDX-License-Identifier: ISC */
/* outbox: notes mails to be sent. Owns the table `outbox` as programs see it; how one is made and
 * sent is outbox_work's and the tool's business. */
#include "outbox.h"

#include "json.h"
#include "letter.h"

bool
outbox_add(struct db *db, const char *letter, int64_t user, const char *address, json_t *values)
{
	size_t length;
	const char *told = values != NULL ? json_text(db_mem(db), values, &length) : "{}";
	json_t *args = mem_pack(db_mem(db), "{s:s, s:o, s:s, s:s}", "letter", letter, "user",
		user != 0 ? json_integer(user) : json_null(), "address", address, "told", told);

	if (letter_find(letter) == NULL)
		mem_abort("a letter that is not in the table of letters");
	db_run(db,
		"INSERT INTO outbox (letter, user_id, address, told, created_at, due_at)"
		" VALUES (:letter, :user, :address, :told, NOW(3), NOW(3))",
		args);
	return db_ok(db);
}

json_t *
outbox_list(struct db *db, const char *state, long limit, long offset)
{
	json_t *args = mem_pack(db_mem(db), "{s:s?, s:I, s:I}", "state", state, "limit",
		(json_int_t)limit, "offset", (json_int_t)offset);
	json_t *mails = db_rows(db,
		"SELECT id, letter, address, state, created_at AS createdAt, due_at AS dueAt,"
		" done_at AS doneAt, tries, answer FROM outbox WHERE :state IS NULL OR state = :state"
		" ORDER BY id DESC LIMIT :limit OFFSET :offset",
		args);
	json_t *row = db_row(db,
		"SELECT COUNT(IF(:state IS NULL OR state = :state, 1, NULL)) AS mailsCount,"
		" COUNT(IF(state = 'waiting', 1, NULL)) AS waitingCount,"
		" COUNT(IF(state = 'failed', 1, NULL)) AS failedCount,"
		" COUNT(IF(state = 'waiting' AND due_at < NOW(3) - INTERVAL 3 MINUTE, 1, NULL)) > 0"
		" AS late FROM outbox",
		args);

	if (row != NULL && mails != NULL)
		json_object_set(row, "mails", mails);
	return mails != NULL ? row : NULL;
}

/* {id} */
static json_t *
by_id(struct db *db, int64_t id)
{
	return mem_pack(db_mem(db), "{s:I}", "id", (json_int_t)id);
}

bool
outbox_retry(struct db *db, int64_t id)
{
	return db_run(db,
		       "UPDATE outbox SET state = 'waiting', due_at = NOW(3), done_at = NULL,"
		       " tries = 0, doubts = 0 WHERE id = :id AND state <> 'sent'"
		       " AND (claim IS NULL OR due_at <= NOW(3))",
		       by_id(db, id)) == 1;
}

bool
outbox_drop(struct db *db, int64_t id)
{
	return db_run(db, "DELETE FROM outbox WHERE id = :id", by_id(db, id)) == 1;
}
