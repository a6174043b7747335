/* SPDX-License-Identifier: ISC */
/*
 * once: requests that may be sent again when nobody knows whether they arrived (the header
 * Idempotency-Key). Owns the table `idempotency_keys`: its row is written in the transaction of the
 * work, and whoever comes with the same key waits for it.
 */
#include "once.h"

#include "json.h"
#include "text.h"

#include <string.h>

enum {
	DIGEST = 32
};

static json_t *
digest(struct req *rq, const char *text, size_t length)
{
	uint8_t hash[DIGEST];
	char hex[2 * DIGEST + 1];

	text_sha256(hash, text, length);
	text_hex(hex, hash, sizeof hash);
	return mem_json(rq->mem, json_string(hex));
}

/* What the request is: its method, its path, its body. */
static json_t *
request(struct req *rq)
{
	size_t head = strlen(rq->http.method_name) + strlen(rq->http.path) + 2;
	char *all = mem_get(rq->mem, head + rq->http.length);

	memcpy(all, mem_print(rq->mem, "%s %s", rq->http.method_name, rq->http.path), head);
	memcpy(all + head, rq->http.body, rq->http.length);
	return digest(rq, all, head + rq->http.length);
}

/* What was answered before; NULL with an error noted. */
static json_t *
again(struct req *rq, json_t *args)
{
	json_t *row = db_row(rq->db,
		"SELECT request = UNHEX(:request) AS same, answer FROM idempotency_keys"
		" WHERE user_id = :me AND hash = UNHEX(:hash)",
		args);
	json_t *answer;

	if (row == NULL)
		return db_refuse(rq->db, ERR_AWAY, NULL);
	if (!json_is_true(json_object_get(row, "same")))
		return db_refuse(rq->db, ERR_KEY_USED, NULL);
	answer = json_loads(row_text(row, "answer"), 0, NULL);
	return mem_json(rq->mem, answer);
}

json_t *
once(struct req *rq, handler *run)
{
	const char *key = rq->http.idempotency_key;
	json_t *args, *answer;
	size_t length;

	if (*key == '\0')
		return run(rq);
	args = mem_pack(rq->mem, "{s:I, s:O, s:O}", "me", (json_int_t)rq->me->id, "hash",
		digest(rq, key, strlen(key)), "request", request(rq));
	if (db_run(rq->db,
		    "INSERT IGNORE INTO idempotency_keys (user_id, hash, request, created_at)"
		    " VALUES (:me, UNHEX(:hash), UNHEX(:request), NOW(3))",
		    args) == 0)
		return again(rq, args);
	if ((answer = run(rq)) == NULL)
		return NULL;
	db_run(rq->db,
		"UPDATE idempotency_keys SET answer = :answer"
		" WHERE user_id = :me AND hash = UNHEX(:hash)",
		db_args(rq->db, args, "{s:s}", "answer", json_text(rq->mem, answer, &length)));
	return answer;
}
