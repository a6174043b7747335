/* SPDX-License-Identifier: ISC */
/* users: sign-up, and all members for admins. */
#include "account.h"
#include "admin.h"
#include "browser.h"
#include "group.h"
#include "json.h"
#include "serve.h"
#include "user.h"

static const struct field page_in[] = {
	{ "username", NAME, .max = 30, .need = true, .autocomplete = "username",
		.hint = "Letters a to z, digits, _ - and . ; others see it." },
	{ "email", EMAIL, .max = 254, .need = true, .autocomplete = "email" },
	{ "password", PASSWORD, .min = 8, .max = PASS_BCRYPT_BYTES, .need = true,
		.autocomplete = "new-password", .hint = "At least 8 characters." },
	{ "next", NEXT, .null = true },
	{ 0 },
};

static json_t *
hash(struct req *rq)
{
	const char *made;

	user_taken(rq->db, rq->in,
		0); /* before the cost of hashing; the unique keys decide at the end */
	if (!db_ok(rq->db))
		return NULL;
	made = account_hash(rq, row_text(rq->in, "password"));
	return made != NULL ? mem_json(rq->mem, json_string(made)) : NULL;
}

static json_t *
add(struct req *rq)
{
	const char *made = json_string_value(rq->held), *token;
	const char *since;
	json_t *row = user_add(rq->db, rq->in, made);

	if (row == NULL)
		return NULL;
	since = credential_since(rq->db, row_id(row));
	if (!account_begin(rq, row, since, rq->conf->token_user, &token))
		return NULL;
	event_add(rq->db, EVENT_REGISTER, row_id(row), &rq->origin);
	browser_flash(rq, "success.registered");
	goes_on(rq);
	return account_user(rq, row, token);
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
	{ GET, NULL, "/register", OPEN, NULL, account_next, NULL, account_door, 200, "register" },
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
	return serve(argc, argv, &(struct program){ "users", "credentials", routes });
}
