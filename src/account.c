/* SPDX-License-Identifier: ISC */
/*
 * account: the steps of registering and logging in. A login is three: read the hash and count the
 * try (committed), hash with no transaction open, then session row and stronger hash (committed).
 */
#include "account.h"

#include "browser.h"
#include "json.h"
#include "session.h"
#include "user.h"

#include <string.h>

const struct field account_fields[] = {
	{ "username", NAME, .max = 30, .need = true },
	{ "email", EMAIL, .max = 254, .need = true },
	{ "password", PASSWORD, .min = 8, .max = PASS_BCRYPT_BYTES, .need = true },
	{ "bio", TEXT, .max = 5000, .null = true },
	{ "image", URL, .max = 2000, .null = true },
	{ 0 },
};

const struct field account_next[] = { { "next", NEXT, .null = true }, { 0 } };

json_t *
account_door(struct req *rq)
{
	if (rq->me != NULL)
		goes_on(rq);
	return nothing(rq);
}

json_t *
account_user(struct req *rq, json_t *row, const char *token)
{
	if (row == NULL || (rq->match.api && token == NULL))
		return NULL;
	json_object_del(row, "id");
	json_object_del(row, "role");
	if (token != NULL)
		json_object_set_new(row, "token", json_string(token));
	return under(rq, "user", row);
}

static bool
begin_in_browser(struct req *rq, json_t *row, const char *since)
{
	bool remember = json_is_true(json_object_get(rq->in, "remember"));
	struct login login = { .life = remember ? rq->conf->session_remember
						: rq->conf->session_life,
		.cookie = browser_begin(rq, remember ? rq->conf->session_remember : 0),
		.remembered = remember };

	if (login.cookie == NULL ||
		session_add(rq->db, row_id(row), since, &login, &rq->origin) == 0)
		return false;
	if (rq->me != NULL) /* whoever was logged in here before is not any more */
		session_end(rq->db, rq->me->session);
	return db_ok(rq->db);
}

bool
account_begin(struct req *rq, json_t *row, const char *since, long life, const char **token)
{
	struct login login = { .life = rq->conf->token_user };
	struct me me;

	*token = NULL;
	if (!rq->match.api)
		return begin_in_browser(rq, row, since);
	me = (struct me){ .id = row_id(row),
		.session = session_add(rq->db, row_id(row), since, &login, &rq->origin),
		.username = row_text(row, "username"),
		.role = row_text(row, "role"),
		.fresh = true };
	if (me.session == 0)
		return false;
	*token = token_issue(rq->tokens, rq->mem, &me, life);
	return *token != NULL || db_refuse(rq->db, ERR_AWAY, NULL) != NULL;
}

const char *
account_hash(struct req *rq, const char *password)
{
	char *hash = mem_get(rq->mem, PASS_HASH_MAX);
	bool busy;

	if (pass_hash(rq->pass, hash, password, strlen(password), &busy))
		return hash;
	return db_refuse(rq->db, busy ? ERR_BUSY : ERR_INTERNAL, NULL);
}

json_t *
account_check(struct req *rq, const char *who, const char *password)
{
	json_t *row = credential_find(rq->db, who);
	const char *hash = row_text(row, "hash"), *strong = NULL;
	bool locked = json_is_true(json_object_get(row, "locked"));
	enum pass found;

	if (!db_ok(rq->db))
		return NULL;
	attempt_count(rq->db, who);
	/* A locked account takes the time of an unknown one, whatever its hash. */
	found = pass_check(rq->pass, locked ? NULL : hash, password, strlen(password));
	if (found == PASS_BUSY)
		return db_refuse(rq->db, ERR_BUSY, NULL);
	if (found == PASS_WRONG) {
		event_apart(rq->db, EVENT_LOGIN_FAILED, row_id(row), &rq->origin);
		return db_refuse(rq->db, ERR_CREDENTIALS, NULL);
	}
	/* Too long for bcrypt: what Werkzeug's formats take stays as it is. */
	if (found == PASS_WEAK && strlen(password) <= PASS_BCRYPT_BYTES &&
		(strong = account_hash(rq, password)) == NULL)
		return NULL;
	return mem_pack(rq->mem, "{s:I, s:s, s:s, s:s?, s:s}", "id", (json_int_t)row_id(row),
		"hash", hash, "since", row_text(row, "since"), "strong", strong, "who", who);
}

json_t *
account_login(struct req *rq, json_t *found, long life, const char **token)
{
	int64_t id = row_id(found);
	json_t *row = user_get(rq->db, id);
	const char *strong = row_text(found, "strong");

	if (row == NULL)
		return db_refuse(rq->db, ERR_CREDENTIALS, NULL);
	if (!account_begin(rq, row, row_text(found, "since"), life, token))
		return NULL;
	if (strong != NULL)
		credential_strengthen(rq->db, id, row_text(found, "hash"), strong);
	attempt_clear(rq->db, row_text(found, "who"));
	event_add(rq->db, EVENT_LOGIN, id, &rq->origin);
	return row;
}
