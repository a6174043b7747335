/* SPDX-License-Identifier: ISC */
/* users: sign-up, as far as site.registration lets people in, and all members for admins. */
#include "account.h"
#include "admin.h"
#include "browser.h"
#include "group.h"
#include "json.h"
#include "one_time.h"
#include "outbox.h"
#include "serve.h"
#include "text.h"
#include "throttle.h"
#include "user.h"

#include <string.h>
#include <strings.h>

static const struct field door_in[] = {
	{ "invite", LINE, .max = 64, .null = true },
	{ "next", NEXT, .null = true },
	{ 0 },
};

static const struct field page_in[] = {
	{ "username", NAME, .max = 30, .need = true, .autocomplete = "username",
		.hint = "Letters a to z, digits, _ - and . ; others see it." },
	{ "email", EMAIL, .max = 254, .need = true, .autocomplete = "email" },
	{ "password", PASSWORD, .min = 8, .max = PASS_BCRYPT_BYTES, .need = true,
		.autocomplete = "new-password", .hint = "At least 8 characters." },
	{ "website", TEXT, .null = true, .label = "Leave this empty", .widget = "trap" },
	{ "invite", LINE, .max = 64, .null = true, .widget = "hidden" },
	{ "next", NEXT, .null = true },
	{ 0 },
};

/* What a new member still waits for. */
static enum err
waits_for(const struct req *rq)
{
	if (conf_confirm(rq->conf) == CONFIRM_REQUIRE)
		return ERR_WAITS_ADDRESS;
	return rq->conf->site_registration == REGISTRATION_APPROVE ? ERR_WAITS_APPROVAL : ERR_NONE;
}

/* People do not see this field. */
static bool
is_robot(const struct req *rq)
{
	return row_text(rq->in, "website") != NULL;
}

/* Whether an invitation is there, and for this address if it is for one alone. */
static bool
is_invited(struct req *rq, json_t *invitation)
{
	const char *email = row_text(rq->in, "email"), *only = row_text(invitation, "emailKey");

	if (invitation != NULL && (only == NULL || email == NULL || strcasecmp(only, email) == 0))
		return true;
	return db_refuse(rq->db, ERR_INVITATION, NULL) != NULL;
}

static bool
may_sign_up(struct req *rq)
{
	const char *token = row_text(rq->in, "invite");

	if (rq->conf->site_registration == REGISTRATION_CLOSED)
		return db_refuse(rq->db, ERR_CLOSED, NULL) != NULL;
	if (rq->conf->site_registration != REGISTRATION_INVITE)
		return true;
	return is_invited(rq, token != NULL ? one_time_find(rq->db, ONE_TIME_INVITE, token) : NULL);
}

static bool
has_good_domain(struct req *rq)
{
	const char *domains = rq->conf->site_mail_domains;
	const char *domain = strchr(row_text(rq->in, "email"), '@') + 1;

	if (*domains == '\0' || text_lists(domains, domain, strlen(domain)))
		return true;
	return db_refuse(rq->db, ERR_DOMAIN, NULL) != NULL;
}

/* GET /register. A refused form has shown its invitation already. */
static json_t *
door(struct req *rq)
{
	bool invited = rq->again && rq->conf->site_registration == REGISTRATION_INVITE;

	if (rq->me != NULL)
		goes_on(rq);
	else if (!invited && !may_sign_up(rq))
		return NULL;
	return nothing(rq);
}

/*
 * {hash, instead: see user_unconfirmed, owner: of the address, if nobody is to be told that there
 * is one, else 0}. The hash is made all the same, for the time that it takes.
 */
static json_t *
hash(struct req *rq)
{
	const char *email = row_text(rq->in, "email"), *made;
	json_t *in = rq->in;
	int64_t owner = 0;

	if (!may_sign_up(rq) || !has_good_domain(rq))
		return NULL;
	/* Also those that come to nothing: they tell which names and addresses are taken. */
	if (!throttle_take(rq->db, rq->conf, THROTTLE_REGISTER, NULL, rq->origin.address))
		return NULL;
	if (is_robot(rq))
		return nothing(rq);
	if (conf_confirm(rq->conf) != CONFIRM_OFF && !account_mail(rq, THROTTLE_MAIL, email, false))
		return NULL;
	if (waits_for(rq) == ERR_WAITS_ADDRESS)
		owner = user_of_email(rq->db, email);
	if (owner != 0)
		in = mem_pack(rq->mem, "{s:s}", "username", row_text(rq->in, "username"));
	/* Before the cost of hashing; the unique keys decide at the end. */
	user_taken(rq->db, in, 0);
	in = user_unconfirmed(rq->db, rq->in);
	if (!db_ok(rq->db) || (made = account_hash(rq, row_text(rq->in, "password"))) == NULL)
		return NULL;
	return mem_pack(rq->mem, "{s:s, s:O, s:I}", "hash", made, "instead", in, "owner",
		(json_int_t)owner);
}

/* The end of a registration, also of one that only looks like it. */
static json_t *
welcome(struct req *rq)
{
	struct flaw why = { .err = waits_for(rq) };
	char text[80];

	if (why.err == ERR_NONE) {
		browser_flash(rq, "success.registered");
		goes_on(rq);
		return nothing(rq);
	}
	browser_flash(rq, why.err == ERR_WAITS_ADDRESS ? "info.confirm" : "info.approval");
	goes_to(rq, "/", NULL);
	rq->out.status = 202;
	return mem_pack(rq->mem, "{s:s}", "registration", err_text(&why, text, sizeof text));
}

static json_t *
add(struct req *rq)
{
	bool by_invitation = rq->conf->site_registration == REGISTRATION_INVITE;
	int64_t owner = row_number(rq->held, "owner");
	const char *email = row_text(rq->in, "email"), *since;
	enum err waits = waits_for(rq);
	struct handed handed = { 0 };
	json_t *row;

	if (is_robot(rq) || owner != 0) {
		event_add(rq->db, owner != 0 ? EVENT_REGISTER_AGAIN : EVENT_ROBOT, owner,
			&rq->origin);
		if (owner != 0)
			outbox_add(rq->db, "exists", owner, email, NULL);
		return welcome(rq);
	}
	if (by_invitation &&
		!is_invited(rq, one_time_use(rq->db, ONE_TIME_INVITE, row_text(rq->in, "invite"))))
		return NULL;
	if (waits != ERR_NONE)
		json_object_set_new(rq->in, "waits",
			json_string(waits == ERR_WAITS_ADDRESS ? "address" : "approval"));
	row = user_add(
		rq->db, rq->in, row_text(rq->held, "hash"), json_object_get(rq->held, "instead"));
	if (row == NULL)
		return NULL;
	event_add(rq->db, EVENT_REGISTER, row_id(row), &rq->origin);
	if (conf_confirm(rq->conf) != CONFIRM_OFF)
		outbox_add(rq->db, "confirm", row_id(row), email, NULL);
	if (waits != ERR_NONE)
		return welcome(rq);
	since = credential_since(rq->db, row_id(row));
	if (!account_begin(rq, row, since, &handed))
		return NULL;
	welcome(rq);
	return account_user(rq, row, handed.token);
}

static const char *const roles[] = { "member", "admin", NULL };

static const struct field list_in[] = {
	{ "search", LINE, .max = 254, .null = true },
	{ "role", CHOICE, .choices = roles, .null = true },
	{ "locked", BOOL, .null = true },
	{ "limit", INT, .min = 1, .max = 100, .clamp = true },
	{ "offset", INT, .min = 0, .max = -1, .clamp = true },
	{ 0 },
};

static const struct field id_in[] = {
	{ "id", INT, .need = true },
	{ 0 },
};

static const struct field rights_in[] = {
	{ "id", INT, .need = true },
	{ "role", CHOICE, .choices = roles },
	{ "locked", BOOL, .null = false },
	{ "approved", BOOL, .null = false },
	{ "groups", TAGS, .max = GROUPS_MAX },
	{ 0 },
};

static json_t *
list(struct req *rq)
{
	json_t *in = mem_pack(rq->mem, "{s:i, s:i}", "limit", 20, "offset", 0);

	json_object_update(in, rq->in);
	return admin_list(rq->db, in);
}

static json_t *
show(struct req *rq)
{
	return under(rq, "user", admin_get(rq->db, row_id(rq->in)));
}

static json_t *
change(struct req *rq)
{
	return under(rq, "user",
		admin_change(rq->db, row_id(rq->in), rq->in,
			&(struct actor){ rq->me->id, &rq->origin }));
}

static json_t *
drop(struct req *rq)
{
	return admin_remove(rq->db, row_id(rq->in), &(struct actor){ rq->me->id, &rq->origin });
}

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html */
	{ GET, NULL, "/register", OPEN, NULL, door_in, NULL, door, 200, "register" },
	{ POST, "/users", NULL, OPEN, "user", account_fields, hash, add, 201, NULL },
	{ POST, NULL, "/register", OPEN, NULL, page_in, hash, add, 201, NULL },
	{ GET, "/users", NULL, ADMIN, NULL, list_in, NULL, list, 200, NULL },
	{ GET, "/users/:id", NULL, ADMIN, NULL, id_in, NULL, show, 200, NULL },
	{ PATCH, "/users/:id", NULL, ADMIN, "user", rights_in, NULL, change, 200, NULL },
	{ DELETE, "/users/:id", NULL, ADMIN, NULL, id_in, NULL, drop, 204, NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv,
		&(struct program){
			"users", "credentials", routes, .pages = &page_steps, .counts = true });
}
