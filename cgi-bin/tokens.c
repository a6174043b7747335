/* SPDX-License-Identifier: ISC */
/* tokens: personal tokens, as their member sees, makes and ends them. A new one wants a password
 * given within 15 minutes, or along with it. */
#include "account.h"
#include "browser.h"
#include "device.h"
#include "guard.h"
#include "json.h"
#include "personal.h"
#include "serve.h"

#include <string.h>

enum {
	READ,
	WRITE,
	PASS,
	SCOPES
};

static const char *const scopes[SCOPES] = { "read", "write", "gate" };

enum {
	NAME_CHARS = 60,
	USUAL_DAYS = 90
};

static const struct field new_in[] = {
	{ "name", LINE, .min = 1, .max = NAME_CHARS, .need = true },
	{ "scopes", TAGS, .max = SCOPES, .need = true },
	{ "days", INT, .min = 1, .max = PERSONAL_DAYS, .need = true },
	{ "current_password", PASSWORD, .max = 1024, .null = true },
	{ 0 },
};

static const struct field page_in[] = {
	{ "name", LINE, .min = 1, .max = NAME_CHARS, .need = true,
		.hint = "What it is for, so that you know it again." },
	{ "read", BOOL, .label = "Read over the API" },
	{ "write", BOOL, .label = "Read and change over the API" },
	{ "gate", BOOL, .label = "Pass to what stands behind the gate" },
	{ "days", INT, .min = 1, .max = PERSONAL_DAYS, .need = true,
		.label = "Days until it ends" },
	{ "current_password", PASSWORD, .max = 1024, .null = true,
		.autocomplete = "current-password",
		.hint = "Needed because you signed in some time ago." },
	{ 0 },
};

/* Whether the input asks for a scope: in the list of the API, or by its own choice on the page. */
static bool
wanted(struct req *rq, const char *scope)
{
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(rq->in, "scopes"), i, name)
	{
		if (strcmp(json_string_value(name), scope) == 0)
			return true;
	}
	return json_is_true(json_object_get(rq->in, scope));
}

/* The scopes that the input asks for, with a blank between: who may write may read, too. NULL with
 * an error noted if there is none, or another word among them. */
static const char *
chosen(struct req *rq)
{
	size_t given = json_array_size(json_object_get(rq->in, "scopes")), known = 0;
	const char *all = "";

	for (size_t i = 0; i < SCOPES; i++) {
		bool with = wanted(rq, scopes[i]);

		known += with;
		if (with || (i == READ && wanted(rq, scopes[WRITE])))
			all = mem_print(rq->mem, "%s%s%s", all, *all != '\0' ? " " : "", scopes[i]);
	}
	return known > 0 && (given == 0 || given == known) ? all
							   : db_refuse(rq->db, ERR_SCOPES, NULL);
}

/* GET /tokens. */
static json_t *
list(struct req *rq)
{
	return guard_alive(rq) ? under(rq, "tokens", personal_list(rq->db, rq->me->id)) : NULL;
}

/* What people read of a token. */
static void
describe(struct req *rq, json_t *row)
{
	device_moment(rq, row, "created", "createdAt");
	device_moment(rq, row, "expires", "expiresAt");
	if (row_text(row, "lastUsedAt") != NULL)
		device_moment(rq, row, "lastUsed", "lastUsedAt");
	json_object_set_new(row, "endUrl",
		json_string(
			mem_print(rq->mem, "/settings/tokens/%lld/end", (long long)row_id(row))));
}

/* The page of them, and of the form for a new one. */
static json_t *
page(struct req *rq)
{
	json_t *result = list(rq), *tokens = json_object_get(result, "tokens"), *row;
	size_t i;

	if (!db_ok(rq->db))
		return NULL;
	json_array_foreach(tokens, i, row)
	{
		describe(rq, row);
	}
	json_object_set_new(result, "some", json_boolean(json_array_size(tokens) > 0));
	json_object_set_new(result, "stale", json_boolean(account_stale(rq)));
	json_object_set(
		result, "new", mem_pack(rq->mem, "{s:i, s:b}", "days", USUAL_DAYS, "read", true));
	return result;
}

/* What it is for, and whether the password was given: {proved, scopes}. */
static json_t *
prove(struct req *rq)
{
	const char *all = chosen(rq);
	bool proved;

	if (all == NULL || !account_fresh(rq, &proved))
		return NULL;
	return mem_pack(rq->mem, "{s:b, s:s}", "proved", proved, "scopes", all);
}

/* The token is told this once. */
static json_t *
add(struct req *rq)
{
	json_t *row = personal_add(rq->db, rq->me->id, rq->in, row_text(rq->held, "scopes")),
	       *result;

	if (row == NULL)
		return NULL;
	event_add(rq->db, EVENT_TOKEN_MADE, rq->me->id, &rq->origin);
	if (json_is_true(json_object_get(rq->held, "proved")))
		account_renew(rq);
	account_proved(rq);
	if (rq->match.api)
		return row;
	if ((result = page(rq)) != NULL)
		json_object_set(result, "made", row);
	return result;
}

static json_t *
end(struct req *rq)
{
	if (!personal_end(rq->db, rq->me->id, row_id(rq->in)))
		return db_refuse(rq->db, ERR_NOT_FOUND, "token");
	event_add(rq->db, EVENT_TOKEN_ENDED, rq->me->id, &rq->origin);
	browser_flash(rq, "success.token-ended");
	goes_to(rq, "/settings/tokens", NULL);
	return nothing(rq);
}

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html */
	{ GET, "/tokens", NULL, OWNER, NULL, NULL, NULL, list, 200, NULL },
	{ POST, "/tokens", NULL, OWNER, NULL, new_in, prove, add, 201, NULL },
	{ DELETE, "/tokens/:id", NULL, OWNER, NULL, device_id, NULL, end, 204, NULL },
	{ GET, NULL, "/settings/tokens", OWNER, NULL, NULL, NULL, page, 200, "tokens" },
	{ POST, NULL, "/settings/tokens", OWNER, "new", page_in, prove, add, 200, NULL },
	{ POST, NULL, "/settings/tokens/:id/end", OWNER, NULL, device_id, NULL, end, 200, NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv,
		&(struct program){ "tokens", "credentials", routes, .pages = &page_steps });
}
