/* SPDX-License-Identifier: ISC */
/* login: a name or mail address with a password, for a token or a browser's session. */
#include "account.h"
#include "json.h"
#include "serve.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	PASSWORD_BYTES = 1024, /* imported hashes know passwords longer than bcrypt's 72 bytes */
	LOOP_SECONDS = 10      /* a browser is back from the gate sooner */
};

static const struct field user_in[] = {
	{ "email", LINE, .max = 254, .need = true },
	{ "password", PASSWORD, .max = PASSWORD_BYTES, .need = true },
	{ 0 },
};

/* Absent or blank is answered like wrong (401), so nothing is needed here. */
static const struct field pair_in[] = {
	{ "username", LINE, .max = 254, .null = true },
	{ "email", LINE, .max = 254, .null = true },
	{ "password", PASSWORD, .max = PASSWORD_BYTES, .null = true },
	{ 0 },
};

static const struct field page_in[] = {
	{ "email", LINE, .max = 254, .need = true, .label = "Email or username",
		.autocomplete = "username" },
	{ "password", PASSWORD, .max = PASSWORD_BYTES, .need = true,
		.autocomplete = "current-password" },
	{ "remember", BOOL, .label = "Remember me on this device" },
	{ "next", NEXT, .null = true },
	{ 0 },
};

/* The page itself; `gate`: when and why the gate sent the browser here (src/gate_answer.c). */
static const struct field door_in[] = {
	{ "next", NEXT, .null = true },
	{ "gate", LINE, .max = 200, .null = true },
	{ 0 },
};

/* What the page can explain. */
static const char *const reasons[] = { "none", "name", "scheme", "two", "host", "ended", NULL };

/* Whether a moment, in Unix seconds, is just over. */
static bool
just_now(long long at)
{
	long long age = time(NULL) - at;

	return age >= -LOOP_SECONDS && age <= LOOP_SECONDS;
}

/*
 * GET /login. Who is logged in goes on at once; but not if the gate has sent the browser here a
 * moment ago, for it would do so again, and so on for ever: then the page says why.
 */
static json_t *
door(struct req *rq)
{
	const char *gate = row_text(rq->in, "gate"), *why = NULL;
	char *end;
	long long at = 0;

	if (gate != NULL) {
		at = strtoll(gate, &end, 10);
		why = *end == '-' ? end + 1 : "";
	}
	if (why == NULL || !just_now(at))
		return account_door(rq);
	for (size_t i = 0; reasons[i] != NULL; i++)
		if (strcmp(reasons[i], why) == 0 && (rq->me != NULL || strcmp(why, "host") == 0))
			return mem_pack(rq->mem, "{s:{s:b}}", "loop", why, true);
	return nothing(rq); /* also for a login that was too old */
}

static json_t *
check_user(struct req *rq)
{
	return account_check(rq, row_text(rq->in, "email"), row_text(rq->in, "password"));
}

/* POST /users/login: the user object of the RealWorld clients, with a token that lasts. */
static json_t *
login_user(struct req *rq)
{
	struct handed handed = { 0 };
	json_t *row = account_login(rq, rq->held, &handed);

	return account_user(rq, row, handed.token);
}

/* POST of the page /login: a session with a cookie. */
static json_t *
login_page(struct req *rq)
{
	struct handed handed = { 0 };

	if (account_login(rq, rq->held, &handed) == NULL)
		return NULL;
	goes_on(rq);
	return nothing(rq);
}

/*
 * Name and password of "Authorization: Basic …" (RFC 7617), else of the body; *who NULL if there
 * are none. False if both are there: nobody could say which of them counts.
 */
static bool
given(struct req *rq, const char **who, const char **password)
{
	const char *basic, *name = row_text(rq->in, "username");

	*who = name != NULL ? name : row_text(rq->in, "email");
	*password = row_text(rq->in, "password");
	if (http_authorization(rq->http.authorization, &basic) != HTTP_BASIC)
		return true;
	return *who == NULL && *password == NULL && http_basic(rq->mem, basic, who, password);
}

static json_t *
check_pair(struct req *rq)
{
	const char *who, *password;

	rq->challenge = "Basic realm=\"Postern\", charset=\"UTF-8\"";
	if (!given(rq, &who, &password) || who == NULL || password == NULL)
		return db_refuse(rq->db, ERR_CREDENTIALS, NULL);
	return account_check(rq, who, password);
}

/* GET and POST /login: a short access token, and one to refresh it. */
static json_t *
login_pair(struct req *rq)
{
	struct handed handed = { .pair = true };

	if (account_login(rq, rq->held, &handed) == NULL)
		return NULL;
	return account_pair(rq, &handed);
}

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html */
	{ POST, "/users/login", NULL, OPEN, "user", user_in, check_user, login_user, 200, NULL },
	/* Basic alone: a password never stands in a query. */
	{ GET, "/login", NULL, OPEN, NULL, NULL, check_pair, login_pair, 200, NULL },
	{ POST, "/login", NULL, OPEN, NULL, pair_in, check_pair, login_pair, 200, NULL },
	{ GET, NULL, "/login", OPEN, NULL, door_in, NULL, door, 200, "login" },
	{ POST, NULL, "/login", OPEN, NULL, page_in, check_user, login_page, 200, NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv,
		&(struct program){
			"login", "credentials", routes, .logs_in = true, .pages = &page_steps });
}
