/* SPDX-License-Identifier: ISC */
/* admin: the pages on which an admin sees, changes and invites members, and looks after mails. */
#include "admin.h"
#include "browser.h"
#include "group.h"
#include "json.h"
#include "outbox.h"
#include "pager.h"
#include "queue.h"
#include "serve.h"
#include "text.h"
#include "user.h"

#include <string.h>
#include <strings.h>

enum {
	PER_PAGE = 20
};

static const char *const roles[] = { "member", "admin", NULL };

static const struct field list_in[] = {
	{ "search", LINE, .max = 254, .null = true },
	{ "role", CHOICE, .choices = roles, .null = true },
	{ "locked", BOOL, .null = true },
	{ "page", INT, .min = 1, .max = 1000000, .clamp = true, .null = true },
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
	{ "grouped", BOOL, .null = true }, /* no box that is not ticked is sent */
	{ 0 },
};

static const struct field lock_in[] = {
	{ "username", NAME, .need = true },
	{ "next", NEXT },
	{ 0 },
};

static const struct field remove_in[] = {
	{ "id", INT, .need = true },
	{ "username", LINE, .max = 30, .need = true, .autocomplete = "off",
		.hint = "Type the name of the account, to say that you mean it." },
	{ 0 },
};

static const struct field invite_in[] = {
	{ "email", EMAIL, .max = 254, .need = true, .autocomplete = "off", .label = "Mail address",
		.hint = "An invitation is sent there: a link for signing up that works once." },
	{ 0 },
};

/* What a page says of a member beside the row. */
static void
dress(struct req *rq, json_t *user)
{
	const char *made = row_text(user, "createdAt"), *seen = row_text(user, "lastSeenAt");

	json_object_set_new(
		user, "memberUrl", json_sprintf("/admin/users/%lld", (long long)row_id(user)));
	json_object_set_new(user, "admin", json_boolean(*row_text(user, "role") == 'a'));
	json_object_set(user, "joined", mem_pack(rq->mem, "s#", made, 10));
	if (seen != NULL)
		json_object_set_new(user, "seen",
			json_sprintf("%.10s %.5s", seen, seen + strlen("....-..-..T")));
}

/* The filters as the page's form shows them again, and the address of the list up to its page. */
static json_t *
filters(struct req *rq, const char **url)
{
	const char *search = row_text(rq->in, "search"), *role = row_text(rq->in, "role");
	json_t *locked = json_object_get(rq->in, "locked");
	json_t *asked = mem_pack(rq->mem, "{s:s?, s:b, s:b}", "search", search, "locked",
		json_is_true(locked), "open", json_is_false(locked));

	if (role != NULL)
		json_object_set_new(asked, role, json_true());
	*url = mem_print(rq->mem, "/admin/users?search=%s&role=%s&locked=%s&page=",
		text_escape(rq->mem, search != NULL ? search : ""), role != NULL ? role : "",
		json_is_boolean(locked) ? (json_is_true(locked) ? "true" : "false") : "");
	return asked;
}

static bool
is_closed(const struct req *rq)
{
	return rq->conf->site_registration == REGISTRATION_CLOSED;
}

/* GET /admin/users: {users, usersCount, asked, pager, invites: whether the site takes new ones}. */
static json_t *
list(struct req *rq)
{
	long page = row_number(rq->in, "page") > 0 ? (long)row_number(rq->in, "page") : 1;
	json_t *found = admin_list(rq->db,
		db_args(rq->db, rq->in, "{s:i, s:I}", "limit", PER_PAGE, "offset",
			(json_int_t)(page - 1) * PER_PAGE));
	json_t *user, *links;
	const char *url;
	size_t i;

	if (found == NULL)
		return NULL;
	json_array_foreach(json_object_get(found, "users"), i, user)
	{
		dress(rq, user);
	}
	json_object_set(found, "asked", filters(rq, &url));
	links = pager(rq->mem, url, page,
		((long)row_number(found, "usersCount") + PER_PAGE - 1) / PER_PAGE);
	if (links != NULL)
		json_object_set(found, "pager", links);
	json_object_set_new(found, "invites", json_boolean(!is_closed(rq)));
	return found;
}

/* GET /admin/users/:id: {user, choices: all groups; endUrl, removeUrl}. */
static json_t *
show(struct req *rq)
{
	json_t *user = admin_get(rq->db, row_id(rq->in)), *choices, *group;
	long long id = row_id(user);
	size_t i;

	choices = group_list_for(rq->db, id);
	if (user == NULL || choices == NULL)
		return NULL;
	dress(rq, user);
	json_array_foreach(choices, i, group)
	{
		json_object_set_new(group, "id", json_sprintf("group-%zu", i));
	}
	return mem_pack(rq->mem, "{s:O, s:O, s:o, s:o}", "user", user, "choices", choices, "endUrl",
		json_sprintf("/admin/users/%lld/end-sessions", id), "removeUrl",
		json_sprintf("/admin/users/%lld/remove", id));
}

/* POST /admin/users/:id: what PATCH does on the API; each form of the page sends one member. */
static json_t *
change(struct req *rq)
{
	bool none = json_object_get(rq->in, "groups") == NULL &&
		json_is_true(json_object_get(rq->in, "grouped"));
	json_t *user;

	if (none)
		json_object_set_new(rq->in, "groups", json_array());
	user = admin_change(
		rq->db, row_id(rq->in), rq->in, &(struct actor){ rq->me->id, &rq->origin });

	browser_flash(rq, "success.member-saved");
	goes_to(rq, "/admin/users/:id", user);
	return under(rq, "user", user);
}

/* POST /admin/content/lock: lock whoever wrote something, and go on with the list. */
static json_t *
lock(struct req *rq)
{
	json_t *locked = mem_pack(rq->mem, "{s:b}", "locked", 1);
	json_t *user = admin_change(rq->db, user_find(rq->db, row_text(rq->in, "username")), locked,
		&(struct actor){ rq->me->id, &rq->origin });

	browser_flash(rq, "success.member-locked");
	goes_on(rq);
	return user;
}

static json_t *
end(struct req *rq)
{
	json_t *user = admin_end_sessions(
		rq->db, row_id(rq->in), &(struct actor){ rq->me->id, &rq->origin });

	browser_flash(rq, "success.member-signed-out");
	goes_to(rq, "/admin/users/:id", user);
	return user;
}

static json_t *
drop(struct req *rq)
{
	json_t *user =
		admin_remove(rq->db, row_id(rq->in), &(struct actor){ rq->me->id, &rq->origin });

	if (user == NULL)
		return NULL;
	if (strcasecmp(row_text(rq->in, "username"), row_text(user, "username")) != 0)
		return db_refuse(rq->db, ERR_CONFIRM, NULL);
	browser_flash(rq, "success.member-removed");
	goes_to(rq, "/admin/users", NULL);
	return user;
}

/* POST /admin/users: the mail is sent to whoever has no account yet. */
static json_t *
invite(struct req *rq)
{
	if (is_closed(rq))
		return db_refuse(rq->db, ERR_CLOSED, NULL);
	user_taken(rq->db, rq->in, 0);
	outbox_add(rq->db, "invite", 0, row_text(rq->in, "email"), NULL);
	event_add_by(rq->db, EVENT_INVITED, 0, rq->me->id, &rq->origin);
	browser_flash(rq, "success.invited");
	goes_to(rq, "/admin/users", NULL);
	return nothing(rq);
}

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html */
	{ GET, NULL, "/admin/users", ADMIN, NULL, list_in, NULL, list, 200, "admin-users" },
	{ POST, NULL, "/admin/content/lock", ADMIN, NULL, lock_in, NULL, lock, 200, NULL },
	{ POST, NULL, "/admin/users", ADMIN, NULL, invite_in, NULL, invite, 200, NULL },
	{ GET, NULL, "/admin/users/:id", ADMIN, NULL, id_in, NULL, show, 200, "admin-user" },
	{ POST, NULL, "/admin/users/:id", ADMIN, NULL, rights_in, NULL, change, 200, NULL },
	{ POST, NULL, "/admin/users/:id/end-sessions", ADMIN, NULL, id_in, NULL, end, 200, NULL },
	{ GET, NULL, "/admin/users/:id/remove", ADMIN, NULL, id_in, NULL, show, 200,
		"admin-remove" },
	{ POST, NULL, "/admin/users/:id/remove", ADMIN, NULL, remove_in, NULL, drop, 200, NULL },
	{ GET, NULL, "/admin/mail", ADMIN, NULL, queue_in, NULL, queue_list, 200, "admin-mail" },
	{ POST, NULL, "/admin/mail/:id/retry", ADMIN, NULL, id_in, NULL, queue_retry, 200, NULL },
	{ POST, NULL, "/admin/mail/:id/drop", ADMIN, NULL, id_in, NULL, queue_drop, 200, NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv,
		&(struct program){
			"admin", "credentials", routes, .pages = &page_steps, .counts = true });
}
