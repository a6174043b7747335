/* SPDX-License-Identifier: ISC */
/*
 * password: what a mail is needed for: a new password for one that is lost, and the confirmation of
 * an address. Opening a link changes nothing, its button does: programs that look at mails open
 * links, too. Tokens are made as mails are sent (see outbox.h), so this program only takes them.
 */
#include "account.h"
#include "browser.h"
#include "json.h"
#include "one_time.h"
#include "outbox.h"
#include "serve.h"
#include "session.h"
#include "user.h"

static const struct field address_in[] = {
	{ "email", EMAIL, .max = 254, .need = true, .autocomplete = "email" },
	{ 0 },
};

static const struct field link_in[] = {
	{ "token", LINE, .max = 64, .null = true },
	{ 0 },
};

static const struct field reset_in[] = {
	{ "token", LINE, .max = 64, .null = true, .widget = "hidden" },
	{ "password", PASSWORD, .min = 8, .max = PASS_BCRYPT_BYTES, .need = true,
		.label = "New password", .autocomplete = "new-password",
		.hint = "At least 8 characters." },
	{ 0 },
};

static const struct field verify_in[] = {
	{ "token", LINE, .max = 64, .null = true, .widget = "hidden" },
	{ "current_password", PASSWORD, .max = 1024, .null = true, .label = "Your password",
		.autocomplete = "current-password",
		.hint = "The one of your account here: it shows that the account is yours, too." },
	{ 0 },
};

/* What the link of this request is for; NULL with ERR_ONE_TIME noted if it is no good. */
static json_t *
look(struct req *rq, enum one_time kind)
{
	const char *token = row_text(rq->in, "token");
	json_t *found = token != NULL ? one_time_find(rq->db, kind, token) : NULL;

	return found != NULL ? found : db_refuse(rq->db, ERR_ONE_TIME, NULL);
}

/* The same, and it is used up. */
static json_t *
take(struct req *rq, enum one_time kind)
{
	const char *token = row_text(rq->in, "token");
	json_t *found = token != NULL ? one_time_use(rq->db, kind, token) : NULL;

	return found != NULL ? found : db_refuse(rq->db, ERR_ONE_TIME, NULL);
}

/* Whether there is an account is told to nobody: neither by the answer, nor by its time, nor by the
 * end of a limit, after which no more mails go to this address, whether anybody has it or not. */
static json_t *
may_mail(struct req *rq, enum throttle what)
{
	bool may = account_mail(rq, what, row_text(rq->in, "email"), true);

	if (!may && err_first(&rq->fault) != ERR_RATE)
		return NULL;
	rq->fault.count = 0;
	return mem_pack(rq->mem, "{s:b}", "may", may);
}

static json_t *
may_forget(struct req *rq)
{
	return may_mail(rq, THROTTLE_FORGOT);
}

static json_t *
may_resend(struct req *rq)
{
	return may_mail(rq, THROTTLE_MAIL);
}

/* One row for each address that is typed: the worker finds out whether somebody has it. */
static json_t *
mail(struct req *rq, const char *letter, const char *flash)
{
	if (json_is_true(json_object_get(rq->held, "may")))
		outbox_add(rq->db, letter, 0, row_text(rq->in, "email"), NULL);
	browser_flash(rq, flash);
	goes_to(rq, "/login", NULL);
	return mem_pack(rq->mem, "{s:s}", "mail", "is on its way if there is such an account");
}

static json_t *
forgot(struct req *rq)
{
	return mail(rq, "reset", "info.forgot");
}

static json_t *
resend(struct req *rq)
{
	return mail(rq, "confirm", "info.resent");
}

/* The page of a link that is good: {account: whose it is, for password managers, or null}. Where a
 * refused form comes back, it may have ended by now. */
static json_t *
page_of(struct req *rq, enum one_time kind)
{
	const char *token = row_text(rq->in, "token");
	json_t *found = token != NULL ? one_time_find(rq->db, kind, token) : NULL, *user = NULL;

	if (found == NULL && !rq->again)
		return db_refuse(rq->db, ERR_ONE_TIME, NULL);
	if (found != NULL)
		user = user_get(rq->db, row_number(found, "userId"));
	return mem_pack(rq->mem, "{s:s?}", "account", row_text(user, "username"));
}

static json_t *
reset_page(struct req *rq)
{
	return page_of(rq, ONE_TIME_RESET);
}

static json_t *
verify_page(struct req *rq)
{
	return page_of(rq, ONE_TIME_CONFIRM);
}

static json_t *
hash(struct req *rq)
{
	const char *made;

	if (look(rq, ONE_TIME_RESET) == NULL ||
		(made = account_hash(rq, row_text(rq->in, "password"))) == NULL)
		return NULL;
	return mem_pack(rq->mem, "{s:s}", "hash", made);
}

static bool
approves(const struct req *rq)
{
	return rq->conf->site_registration == REGISTRATION_APPROVE;
}

/* POST /password/reset: whoever reads the mail of the account has it: what others may have done
 * with it ends. */
static json_t *
reset(struct req *rq)
{
	json_t *found = take(rq, ONE_TIME_RESET);
	const char *email = row_text(found, "emailKey");
	int64_t id = row_number(found, "userId");

	if (found == NULL)
		return NULL;
	if (!user_prove(rq->db, id, email, approves(rq)))
		return db_refuse(rq->db, ERR_ONE_TIME, NULL);
	credential_set(rq->db, id, row_text(rq->held, "hash"));
	user_want(rq->db, id, NULL);
	one_time_end(rq->db, ONE_TIME_RESET, id);
	session_end_others(rq->db, id, 0);
	account_passed(rq, id);
	event_add(rq->db, EVENT_RESET, id, &rq->origin);
	outbox_add(rq->db, "password", id, email, NULL);
	browser_flash(rq, "success.reset");
	goes_to(rq, "/login", NULL);
	return nothing(rq);
}

/* Somebody may have signed up with an address of others, who open the link without a thought: so
 * the one who knows the account's password must be the one who reads the mail. */
static json_t *
prove(struct req *rq)
{
	json_t *found = look(rq, ONE_TIME_CONFIRM);

	if (found == NULL || !account_knows(rq, row_number(found, "userId")))
		return NULL;
	return found;
}

/* POST /email/verify: the address of a member, or the one that shall take its place. */
static json_t *
verify(struct req *rq)
{
	json_t *found = take(rq, ONE_TIME_CONFIRM), *user;
	const char *email = row_text(found, "emailKey");
	int64_t id = row_number(found, "userId"), owner;

	if (found == NULL)
		return NULL;
	owner = user_of_email(rq->db, email);
	if (owner != 0 && owner != id)
		return db_refuse(rq->db, ERR_ADDRESS_TAKEN, NULL);
	user = user_get(rq->db, id);
	if (user_move(rq->db, id, email)) {
		event_add(rq->db, EVENT_EMAIL, id, &rq->origin);
		account_moved(rq, user, row_text(user_get(rq->db, id), "email"));
	} else if (user_prove(rq->db, id, email, approves(rq))) {
		event_add(rq->db, EVENT_CONFIRMED, id, &rq->origin);
	} else {
		return db_refuse(rq->db, ERR_ONE_TIME, NULL);
	}
	account_passed(rq, id);
	browser_flash(rq, "success.confirmed");
	goes_to(rq, "/login", NULL);
	return nothing(rq);
}

/* A member's own address that waits; {} if none does. */
static json_t *
own(struct req *rq)
{
	json_t *waits = user_unproved(rq->db, rq->me->id);

	if (waits != NULL && !account_mail(rq, THROTTLE_MAIL, row_text(waits, "email"), false))
		return NULL;
	return waits != NULL ? waits : nothing(rq);
}

/* POST /email/resend */
static json_t *
resend_own(struct req *rq)
{
	const char *email = row_text(rq->held, "email");

	if (email != NULL)
		outbox_add(rq->db, "confirm", rq->me->id, email, NULL);
	browser_flash(rq, "info.resent");
	goes_to(rq, "/settings", NULL);
	return nothing(rq);
}

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html */
	{ GET, NULL, "/password/forgot", OPEN, NULL, NULL, NULL, nothing, 200, "forgot" },
	{ POST, "/password/forgot", "/password/forgot", OPEN, NULL, address_in, may_forget, forgot,
		202, NULL },
	{ GET, NULL, "/password/reset", OPEN, NULL, link_in, NULL, reset_page, 200, "reset" },
	{ POST, "/password/reset", "/password/reset", OPEN, NULL, reset_in, hash, reset, 204,
		NULL },
	{ GET, NULL, "/email/verify", OPEN, NULL, link_in, NULL, verify_page, 200, "verify" },
	{ POST, "/email/verify", "/email/verify", OPEN, NULL, verify_in, prove, verify, 204, NULL },
	{ GET, NULL, "/email/resend", OPEN, NULL, NULL, NULL, nothing, 200, "resend" },
	{ POST, NULL, "/email/resend", OPEN, NULL, address_in, may_resend, resend, 202, NULL },
	{ POST, "/email/resend", "/settings/resend", MEMBER, NULL, NULL, own, resend_own, 202,
		NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv,
		&(struct program){ "password", "credentials", routes, .pages = &page_steps });
}
