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
