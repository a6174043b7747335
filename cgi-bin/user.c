/* SPDX-License-Identifier: ISC */
/* user: one's own account: read it, change it, remove it. */
#include "user.h"
#include "account.h"
#include "admin.h"
#include "article.h"
#include "avatar.h"
#include "browser.h"
#include "group.h"
#include "json.h"
#include "one_time.h"
#include "outbox.h"
#include "personal.h"
#include "serve.h"
#include "session.h"

#include <string.h>
#include <strings.h>
#include <time.h>

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
		.hint = "The https address of a picture of you; or upload one below." },
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

/* To remove the account, by the API or by its page. */
static const struct field remove_in[] = {
	{ "current_password", PASSWORD, .max = 1024, .null = true },
	{ 0 },
};

static const struct field remove_page_in[] = {
	{ "current_password", PASSWORD, .max = 1024, .need = true,
		.autocomplete = "current-password", .hint = "The password shows that it is you." },
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
	again.groups = row_text(row, "groups");
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

/* GET /settings: the account, its stored picture, whether changing its keys asks for the password,
 * and the address that waits to be confirmed. */
static json_t *
settings(struct req *rq)
{
	json_t *result = show(rq), *picture, *waits;

	if (result == NULL)
		return NULL;
	if ((picture = avatar_get(rq->db, rq->me->id)) != NULL)
		json_object_set(result, "picture", picture);
	if (account_stale(rq))
		json_object_set_new(result, "stale", json_true());
	if (conf_confirm(rq->conf) != CONFIRM_OFF &&
		(waits = user_unproved(rq->db, rq->me->id)) != NULL)
		json_object_set(result, "unproved", waits);
	return result;
}

static bool
changes_address(struct req *rq, json_t *row)
{
	const char *email = row_text(rq->in, "email");

	return email != NULL && strcasecmp(email, row_text(row, "email")) != 0;
}

/* What of name and address is taken. Where nobody is told at a registration which addresses have an
 * account, nobody is told here. */
static void
look_at_keys(struct req *rq)
{
	json_t *keys = rq->in;

	if (conf_confirm(rq->conf) == CONFIRM_REQUIRE)
		keys = mem_pack(rq->mem, "{s:s?}", "username", row_text(rq->in, "username"));
	user_taken(rq->db, keys, rq->me->id);
}

/* Ask for the current password if it is needed, hash the new one: {hash or null; before: the row
 * with the address that will change, or null; proved: whether the password was given}. */
static json_t *
prepare(struct req *rq)
{
	const char *email = row_text(rq->in, "email"), *password = row_text(rq->in, "password");
	json_t *row = user_get(rq->db, rq->me->id);
	bool address, proved = false;
	const char *hash = NULL;

	if (row == NULL)
		return db_refuse(rq->db, ERR_TOKEN_REVOKED, NULL);
	look_at_keys(rq);
	address = changes_address(rq, row);
	if (!db_ok(rq->db))
		return NULL;
	if ((address || password != NULL) && !account_fresh(rq, &proved))
		return NULL;
	if (address && conf_confirm(rq->conf) != CONFIRM_OFF &&
		!account_mail(rq, THROTTLE_MAIL, email, true))
		return NULL;
	if (password != NULL && (hash = account_hash(rq, password)) == NULL)
		return NULL;
	return mem_pack(rq->mem, "{s:s?, s:O?, s:b}", "hash", hash, "before", address ? row : NULL,
		"proved", proved);
}

/* Whether the password was given just now, on a login that was too old. */
static bool
was_proved(struct req *rq)
{
	return json_is_true(json_object_get(rq->held, "proved"));
}

/* A new address is asked to say so itself, and counts from then on; if it has an account already,
 * that one is told. */
static void
ask_address(struct req *rq, const char *email)
{
	int64_t owner = user_of_email(rq->db, email);

	user_want(rq->db, rq->me->id, email);
	event_add(rq->db, EVENT_EMAIL_WANTED, rq->me->id, &rq->origin);
	if (owner != 0)
		outbox_add(rq->db, "exists", owner, email, NULL);
	else
		outbox_add(rq->db, "confirm", rq->me->id, email, NULL);
}

static void
change_password(struct req *rq, json_t *row, const char *hash)
{
	credential_set(rq->db, rq->me->id, hash);
	session_end_others(rq->db, rq->me->id, rq->me->session);
	one_time_end(rq->db, ONE_TIME_RESET, rq->me->id);
	event_add(rq->db, EVENT_PASSWORD, rq->me->id, &rq->origin);
	outbox_add(rq->db, "password", rq->me->id, row_text(row, "email"), NULL);
}

static json_t *
change(struct req *rq)
{
	json_t *before = json_object_get(rq->held, "before"), *in = rq->in, *row;
	const char *hash = row_text(rq->held, "hash"), *email = row_text(in, "email");
	bool asks = json_is_object(before) && conf_confirm(rq->conf) != CONFIRM_OFF;

	if (asks)
		json_object_del(in = db_args(rq->db, in, "{}"), "email");
	if ((row = user_change(rq->db, rq->me->id, in)) == NULL)
		return NULL;
	if (json_object_get(rq->in, "image") != NULL)
		avatar_leave(rq->db, rq->me->id);
	if (hash != NULL)
		change_password(rq, row, hash);
	if (asks) {
		ask_address(rq, email);
	} else if (json_is_object(before)) {
		event_add(rq->db, EVENT_EMAIL, rq->me->id, &rq->origin);
		account_moved(rq, before, email);
	}
	if (hash != NULL || was_proved(rq))
		account_renew(rq);
	account_proved(rq);
	browser_flash(rq, asks ? "info.address" : "success.saved");
	goes_to(rq, "/profile/:username", row);
	return account_user(rq, row, token_for(rq, row));
}

/* The page of removal always asks. */
static json_t *
prove_always(struct req *rq)
{
	return account_prove(rq) ? mem_pack(rq->mem, "{s:b}", "proved", true) : NULL;
}

static json_t *
leave(struct req *rq)
{
	if (!admin_may_go(rq->db, rq->me->id))
		return NULL;
	event_add(rq->db, EVENT_REMOVED, rq->me->id, &rq->origin);
	account_proved(rq);
	user_remove(rq->db, rq->me->id);
	if (!rq->match.api)
		browser_end(rq);
	browser_flash(rq, "success.removed");
	goes_to(rq, "/", NULL);
	return nothing(rq);
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
	{ DELETE, "/user", NULL, OWNER, "user", remove_in, account_prove_fresh, leave, 204, NULL },
	{ GET, NULL, "/settings", MEMBER, NULL, NULL, NULL, settings, 200, "settings" },
	{ POST, NULL, "/settings", MEMBER, "user", page_in, prepare, change, 200, NULL },
	{ GET, NULL, "/settings/delete", MEMBER, NULL, NULL, NULL, account_form, 200, "delete" },
	{ POST, NULL, "/settings/delete", MEMBER, NULL, remove_page_in, prove_always, leave, 200,
		NULL },
	{ GET, NULL, "/.well-known/change-password", OPEN, NULL, NULL, NULL, to_settings, 200,
		NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv,
		&(struct program){
			"user", "credentials", routes, .pages = &page_steps, .counts = true });
}
