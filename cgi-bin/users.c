/* SPDX-License-Identifier: ISC */
/* users: sign-up. */
#include "account.h"
#include "browser.h"
#include "json.h"
#include "serve.h"
#include "throttle.h"
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

	/* Also those that come to nothing: they tell which names and addresses are taken. */
	if (!throttle_take(rq->db, rq->conf, THROTTLE_REGISTER, NULL, rq->origin.address))
		return NULL;
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

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html */
	{ GET, NULL, "/register", OPEN, NULL, account_next, NULL, account_door, 200, "register" },
	{ POST, "/users", NULL, OPEN, "user", account_fields, hash, add, 201, NULL },
	{ POST, NULL, "/register", OPEN, NULL, page_in, hash, add, 201, NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv, &(struct program){ "users", "credentials", routes });
}
