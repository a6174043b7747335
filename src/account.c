/* SPDX-License-Identifier: ISC */
/*
 * account: the steps of registering and logging in, and of giving the password once more. A login
 * is three: read the hash and count the try (committed), hash with no transaction open, then
 * session row and stronger hash (committed).
 */
#include "account.h"

#include "browser.h"
#include "guard.h"
#include "json.h"
#include "outbox.h"
#include "session.h"
#include "text.h"
#include "throttle.h"
#include "user.h"

#include <string.h>

enum {
	FRESH_SECONDS = 15 * 60
}; /* after that, what a stolen session must not do asks for the password */

const struct field account_fields[] = {
	{ "username", NAME, .max = 30, .need = true },
	{ "email", EMAIL, .max = 254, .need = true },
	{ "password", PASSWORD, .min = 8, .max = PASS_BCRYPT_BYTES, .need = true },
	{ "bio", TEXT, .max = 5000, .null = true },
	{ "image", URL, .max = 2000, .null = true },
	{ "invite", LINE, .max = 64, .null = true },
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
	json_object_del(row, "groups");
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
account_begin(struct req *rq, json_t *row, const char *since, struct handed *handed)
{
	const struct conf *conf = rq->conf;
	struct login login = { .life = handed->pair ? conf->token_refresh : conf->token_user,
		.refresh = handed->pair };
	struct me me;

	if (!rq->match.api)
		return begin_in_browser(rq, row, since);
	me = (struct me){ .id = row_id(row),
		.session = session_add(rq->db, row_id(row), since, &login, &rq->origin),
		.username = row_text(row, "username"),
		.role = row_text(row, "role"),
		.groups = row_text(row, "groups"),
		.fresh = true };
	if (me.session == 0)
		return false;
	handed->token = token_issue(
		rq->tokens, rq->mem, &me, handed->pair ? conf->token_access : conf->token_user);
	if (handed->pair)
		handed->refresh = token_refresh(
			rq->tokens, rq->mem, &(struct refresh){ me.session, me.id, 1 });
	return handed->token != NULL || db_refuse(rq->db, ERR_AWAY, NULL) != NULL;
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

static struct attempt
try_of(struct req *rq, int64_t user, const char *typed)
{
	return (struct attempt){ user, typed, rq->origin.address, false };
}

bool
account_try(struct req *rq, int64_t user, const char *typed)
{
	struct attempt t = try_of(rq, user, typed);

	t.known = session_known(rq->db, user, t.address);
	return throttle_try(rq->db, rq->conf, &t);
}

/* No room to hash: a busy server is not the fault of who asked. */
static void *
busy(struct req *rq, int64_t user, const char *typed)
{
	struct attempt t = try_of(rq, user, typed);

	throttle_return(rq->db, rq->conf, &t);
	return db_refuse(rq->db, ERR_BUSY, NULL);
}

void
account_passed(struct req *rq, int64_t user)
{
	struct attempt t = try_of(rq, user, NULL);

	throttle_passed(rq->db, rq->conf, &t);
}

json_t *
account_check(struct req *rq, const char *who, const char *password)
{
	json_t *row = credential_find(rq->db, who);
	const char *hash = row_text(row, "hash"), *strong = NULL, *waits = row_text(row, "waits");
	bool locked = json_is_true(json_object_get(row, "locked"));
	enum pass found;

	if (!account_try(rq, row_id(row), who))
		return NULL;
	/* A locked account takes the time of an unknown one, whatever its hash. */
	found = pass_check(rq->pass, locked ? NULL : hash, password, strlen(password));
	if (found == PASS_BUSY)
		return busy(rq, row_id(row), who);
	if (found == PASS_WRONG) {
		event_apart(rq->db, EVENT_LOGIN_FAILED, row_id(row), &rq->origin);
		return db_refuse(rq->db, ERR_CREDENTIALS, NULL);
	}
	/* Only whoever knows the password learns that there is such an account. */
	if (waits != NULL)
		return db_refuse(rq->db,
			strcmp(waits, "address") == 0 ? ERR_WAITS_ADDRESS : ERR_WAITS_APPROVAL,
			NULL);
	/* Too long for bcrypt: what Werkzeug's formats take stays as it is. */
	if (found == PASS_WEAK && strlen(password) <= PASS_BCRYPT_BYTES &&
		(strong = account_hash(rq, password)) == NULL)
		return NULL;
	return mem_pack(rq->mem, "{s:I, s:s, s:s, s:s?}", "id", (json_int_t)row_id(row), "hash",
		hash, "since", row_text(row, "since"), "strong", strong);
}

json_t *
account_login(struct req *rq, json_t *found, struct handed *handed)
{
	int64_t id = row_id(found);
	json_t *row = user_get(rq->db, id);
	const char *strong = row_text(found, "strong");

	if (row == NULL)
		return db_refuse(rq->db, ERR_CREDENTIALS, NULL);
	if (!account_begin(rq, row, row_text(found, "since"), handed))
		return NULL;
	if (strong != NULL)
		credential_strengthen(rq->db, id, row_text(found, "hash"), strong);
	account_passed(rq, id);
	event_add(rq->db, EVENT_LOGIN, id, &rq->origin);
	return row;
}

json_t *
account_pair(struct req *rq, const struct handed *handed)
{
	return mem_pack(rq->mem, "{s:s, s:s, s:s, s:I}", "token", handed->token, "refresh_token",
		handed->refresh, "token_type", "Bearer", "expires_in",
		(json_int_t)rq->conf->token_access);
}

bool
account_stale(const struct req *rq)
{
	return row_number(rq->browser.viewer, "authenticatedAge") > FRESH_SECONDS;
}

bool
account_knows(struct req *rq, int64_t user)
{
	const char *current = row_text(rq->in, "current_password"), *hash;
	enum pass found;

	if (current == NULL)
		return db_refuse(rq->db, ERR_CURRENT_NEEDED, NULL) != NULL;
	hash = credential_hash(rq->db, user);
	if (!db_ok(rq->db) || !account_try(rq, user, NULL))
		return false;
	found = pass_check(rq->pass, hash, current, strlen(current));
	if (found == PASS_BUSY)
		return busy(rq, user, NULL) != NULL;
	if (found == PASS_WRONG) {
		event_apart(rq->db, EVENT_LOGIN_FAILED, user, &rq->origin);
		return db_refuse(rq->db, ERR_CURRENT_WRONG, NULL) != NULL;
	}
	return true;
}

bool
account_prove(struct req *rq)
{
	return account_knows(rq, rq->me->id);
}

bool
account_mail(struct req *rq, enum throttle what, const char *email, bool network)
{
	char *lower = mem_copy(rq->mem, email, strlen(email));

	text_lower(lower);
	return throttle_take(rq->db, rq->conf, what, lower, network ? rq->origin.address : NULL);
}

void
account_moved(struct req *rq, json_t *before, const char *email)
{
	outbox_add(rq->db, "email_old", row_id(before), row_text(before, "email"),
		mem_pack(rq->mem, "{s:s}", "email", email));
}

bool
account_fresh(struct req *rq, bool *proved)
{
	json_t *session;

	*proved = false;
	if (!guard_login(rq))
		return false;
	session = session_get(rq->db, rq->me->session, rq->me->id, false);
	if (session == NULL)
		return db_refuse(rq->db, ERR_TOKEN_REVOKED, NULL) != NULL;
	if (row_number(session, "authenticatedAge") <= FRESH_SECONDS)
		return true;
	return *proved = account_prove(rq);
}

json_t *
account_prove_fresh(struct req *rq)
{
	bool proved;

	if (!account_fresh(rq, &proved))
		return NULL;
	return mem_pack(rq->mem, "{s:b}", "proved", proved);
}

json_t *
account_form(struct req *rq)
{
	return mem_pack(rq->mem, "{s:b}", "stale", account_stale(rq));
}

void
account_proved(struct req *rq)
{
	if (!json_is_true(json_object_get(rq->held, "proved")))
		return;
	session_confirm(rq->db, rq->me->session);
	account_passed(rq, rq->me->id);
}

void
account_renew(struct req *rq)
{
	json_t *viewer = rq->browser.viewer;
	bool remembered = json_is_true(json_object_get(viewer, "remembered"));
	const char *cookie;

	if (rq->match.api)
		return;
	cookie = browser_begin(rq, remembered ? (long)row_number(viewer, "secondsLeft") : 0);
	if (cookie != NULL)
		session_rename(rq->db, rq->me->session, cookie);
}
