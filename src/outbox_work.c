/* SPDX-License-Identifier: ISC */
/* outbox_work: the table `outbox` as the worker of `postern mail` uses it: whose turn it is, and
 * what became of it. Knows neither letters nor servers. */
#include "outbox_work.h"

#include "json.h"
#include "text.h"

#include <string.h>

json_t *
outbox_claim(struct db *db, long lease)
{
	uint8_t bytes[16];
	char claim[2 * sizeof bytes + 1];
	json_t *args;

	if (!text_random(bytes, sizeof bytes))
		return db_refuse(db, ERR_AWAY, NULL);
	text_hex(claim, bytes, sizeof bytes);
	args = db_args(db, NULL, "{s:s, s:I}", "claim", claim, "lease", (json_int_t)lease);
	/* One statement takes it: nodes of a cluster, too, give it to one alone. */
	if (db_run(db,
		    "UPDATE outbox SET id = LAST_INSERT_ID(id), claim = :claim, tries = tries + 1,"
		    " doubts = doubts + 1, due_at = NOW(3) + INTERVAL :lease SECOND"
		    " WHERE state = 'waiting' AND due_at <= NOW(3) ORDER BY due_at LIMIT 1",
		    args) != 1)
		return NULL;
	args = db_args(db, args, "{s:I}", "id", (json_int_t)db_id(db));
	return db_row(db,
		"SELECT id, claim, letter, user_id AS userId, address, told, mailing_id AS mailingId,"
		" created_at AS createdAt, FLOOR(UNIX_TIMESTAMP(created_at)) AS stamp,"
		" TIMESTAMPDIFF(SECOND, created_at, NOW(3)) AS age, tries, doubts"
		" FROM outbox WHERE id = :id AND claim = :claim",
		args);
}

/* {id, claim, answer, …} */
static json_t *
end_args(struct db *db, json_t *mail, const char *answer)
{
	return mem_pack(db_mem(db), "{s:I, s:s, s:s?}", "id", (json_int_t)row_id(mail), "claim",
		row_text(mail, "claim"), "answer", answer);
}

void
outbox_sent(struct db *db, json_t *mail, const char *answer)
{
	db_run(db,
		"UPDATE outbox SET state = 'sent', done_at = NOW(3), claim = NULL, answer = :answer,"
		" told = '{}' WHERE id = :id AND claim = :claim",
		end_args(db, mail, answer));
}

void
outbox_failed(struct db *db, json_t *mail, const char *answer)
{
	db_run(db,
		"UPDATE outbox SET state = 'failed', done_at = NOW(3), claim = NULL, answer = :answer"
		" WHERE id = :id AND claim = :claim",
		end_args(db, mail, answer));
}

void
outbox_again(struct db *db, json_t *mail, long seconds, bool doubt, const char *answer)
{
	db_run(db,
		"UPDATE outbox SET due_at = NOW(3) + INTERVAL :seconds SECOND, claim = NULL,"
		" doubts = doubts - :certain, answer = :answer WHERE id = :id AND claim = :claim",
		db_args(db, end_args(db, mail, answer), "{s:I, s:i}", "seconds",
			(json_int_t)seconds, "certain", doubt ? 0 : 1));
}

void
outbox_forget(struct db *db, json_t *mail)
{
	db_run(db, "DELETE FROM outbox WHERE id = :id AND claim = :claim",
		end_args(db, mail, NULL));
}

bool
outbox_outdated(struct db *db, json_t *mail)
{
	char *key =
		mem_copy(db_mem(db), row_text(mail, "address"), strlen(row_text(mail, "address")));
	json_t *args = end_args(db, mail, NULL);

	text_lower(key);
	args = db_args(db, args, "{s:s, s:O?, s:s}", "letter", row_text(mail, "letter"), "user",
		json_object_get(mail, "userId"), "key", key);
	return db_row(db,
		       "SELECT id FROM outbox WHERE id > :id AND letter = :letter AND user_id <=> :user"
		       " AND (user_id IS NOT NULL OR LOWER(address) = :key) LIMIT 1",
		       args) != NULL;
}
