/* SPDX-License-Identifier: ISC */
/* user: one's own account: read it, change it. */
#include "user.h"
#include "account.h"
#include "browser.h"
#include "json.h"
#include "serve.h"
#include "session.h"

#include <string.h>
#include <strings.h>
#include <time.h>

enum {
	FRESH_SECONDS = 15 * 60
}; /* after that, changing password or address asks for the password */

static const struct field change_in[] = {
	{ "username", NAME, .max = 30 },
	{ "email", EMAIL, .max = 254 },
	{ "password", PASSWORD, .min = 8, .max = PASS_BCRYPT_BYTES },
	{ "bio", TEXT, .max = 5000, .null = true },
	{ "image", URL, .max = 2000, .null = true },
	{ "current_password", PASSWORD, .max = 1024, .null = true },
	{ 0 },
};

/* On the page all inputs come, and an empty password means none. */
static const struct field page_in[] = {
	{ "image", URL, .max = 2000, .null = true, .label = "Picture address",
		.hint = "The https address of a picture of you." },
	{ "username", NAME, .max = 30, .need = true, .autocomplete = "username" },
	{ "bio", TEXT, .max = 5000, .null = true, .label = "About you" },
	{ "email", EMAIL, .max = 254, .need = true, .autocomplete = "email" },
	{ "password", PASSWORD, .min = 8, .max = PASS_BCRYPT_BYTES, .null = true,
		.label = "New password", .autocomplete = "new-password",
		.hint = "Leave it empty to keep the one you have." },
	{ "current_password", PASSWORD, .max = 1024, .null = true,
		.autocomplete = "current-password",
		.hint = "Needed to change the address or the password." },
	{ 0 },
};

/* The token that came; a lasting one is made anew once half its life is over. */
static const char *
token_for(struct req *rq, json_t *row)
{
	const struct me *me = rq->me;
	struct me again = *me;
	long life = rq->conf->token_user;
	const char *token;

	if (me->token == NULL || !me->lasting ||
		time(NULL) < me->issued + (me->expires - me->issued) / 2)
		return me->token;
	session_extend(rq->db, me->session, life);
	again.username = row_text(row, "username");
	again.role = row_text(row, "role");
	again.fresh = false;
	token = token_issue(rq->tokens, rq->mem, &again, life);
	return token != NULL ? token : db_refuse(rq->db, ERR_AWAY, NULL);
}

static json_t *
show(struct req *rq)
{
	json_t *row = user_get(rq->db, rq->me->id);

	if (row == NULL)
		return db_refuse(rq->db, ERR_TOKEN_REVOKED, NULL);
	return account_user(rq, row, token_for(rq, row));
}

/* GET /settings: the account, and whether changing its keys asks for the password. */
static json_t *
settings(struct req *rq)
{
	json_t *result = show(rq);

	if (result != NULL && row_number(rq->browser.viewer, "authenticatedAge") > FRESH_SECONDS)
		json_object_set_new(result, "stale", json_true());
	return result;
}

static bool
changes_address(struct req *rq, json_t *row)
{
	const char *email = row_text(rq->in, "email");

	return email != NULL && strcasecmp(email, row_text(row, "email")) != 0;
}

/* The current password where the login is too old. True if the change may go on. */
static bool
confirm(struct req *rq, json_t *row, bool *confirmed)
{
	json_t *session = session_get(rq->db, rq->me->session, rq->me->id, false);
	const char *current = row_text(rq->in, "current_password");
	const char *hash;
	enum pass found;

	if (session == NULL)
		return db_refuse(rq->db, ERR_TOKEN_REVOKED, NULL) != NULL;
	if (row_number(session, "authenticatedAge") <= FRESH_SECONDS)
		return true;
	if (current == NULL)
		return db_refuse(rq->db, ERR_CURRENT_NEEDED, NULL) != NULL;
	hash = credential_hash(rq->db, rq->me->id);
	attempt_count(rq->db, row_text(row, "email"));
	found = pass_check(rq->pass, hash, current, strlen(current));
	if (found == PASS_BUSY)
		return db_refuse(rq->db, ERR_BUSY, NULL) != NULL;
	if (found == PASS_WRONG) {
		event_apart(rq->db, EVENT_LOGIN_FAILED, rq->me->id, &rq->origin);
		return db_refuse(rq->db, ERR_CURRENT_WRONG, NULL) != NULL;
	}
	return *confirmed = true;
}

/* Ask for the current password if it is needed, hash the new one: {hash or null, address: whether
 * it changes, confirmed: the name the password was given for, or null}. */
static json_t *
prepare(struct req *rq)
{
	json_t *row = user_get(rq->db, rq->me->id);
	const char *password = row_text(rq->in, "password"), *hash = NULL;
	bool confirmed = false, address;

	if (row == NULL)
		return db_refuse(rq->db, ERR_TOKEN_REVOKED, NULL);
	user_taken(rq->db, rq->in, rq->me->id);
	address = changes_address(rq, row);
	/* What a stolen session must not change. */
	if (!db_ok(rq->db) || ((address || password != NULL) && !confirm(rq, row, &confirmed)))
		return NULL;
	if (password != NULL && (hash = account_hash(rq, password)) == NULL)
		return NULL;
	return mem_pack(rq->mem, "{s:s?, s:b, s:s?}", "hash", hash, "address", address, "confirmed",
		confirmed ? row_text(row, "email") : NULL);
}

/* A session that may do more than before, or is the only one left, goes on under a new cookie. */
static void
renew(struct req *rq)
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

static json_t *
change(struct req *rq)
{
	const char *hash = row_text(rq->held, "hash"), *confirmed = row_text(rq->held, "confirmed");
	json_t *row = user_change(rq->db, rq->me->id, rq->in);

	if (row == NULL)
		return NULL;
	if (hash != NULL) {
		credential_set(rq->db, rq->me->id, hash);
		session_end_others(rq->db, rq->me->id, rq->me->session);
		event_add(rq->db, EVENT_PASSWORD, rq->me->id, &rq->origin);
	}
	if (hash != NULL || confirmed != NULL)
		renew(rq);
	if (json_is_true(json_object_get(rq->held, "address")))
		event_add(rq->db, EVENT_EMAIL, rq->me->id, &rq->origin);
	if (confirmed != NULL) {
		session_confirm(rq->db, rq->me->session);
		attempt_clear(rq->db, confirmed);
	}
	browser_flash(rq, "success.saved");
	goes_to(rq, "/profile/:username", row);
	return account_user(rq, row, token_for(rq, row));
}

/* GET /.well-known/change-password, for password managers. */
static json_t *
to_settings(struct req *rq)
{
	goes_to(rq, "/settings", NULL);
	return nothing(rq);
}

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html */
	{ GET, "/user", NULL, MEMBER, NULL, NULL, NULL, show, 200, NULL },
	{ PUT, "/user", NULL, MEMBER, "user", change_in, prepare, change, 200, NULL },
	{ GET, NULL, "/settings", MEMBER, NULL, NULL, NULL, settings, 200, "settings" },
	{ POST, NULL, "/settings", MEMBER, "user", page_in, prepare, change, 200, NULL },
	{ GET, NULL, "/.well-known/change-password", OPEN, NULL, NULL, NULL, to_settings, 200,
		NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv, &(struct program){ "user", "credentials", routes });
}
