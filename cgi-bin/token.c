/* SPDX-License-Identifier: ISC */
/* token: tokens refreshed, read back and ended, sessions here and on other devices, public keys. */
#include "account.h"
#include "browser.h"
#include "device.h"
#include "json.h"
#include "serve.h"
#include "throttle.h"
#include "user.h"

#include <time.h>

static const struct field refresh_in[] = {
	{ "refresh_token", LINE, .max = 200, .null = true },
	{ "grant_type", LINE, .max = 40, .null = true }, /* RFC 6749 section 6 sends it along */
	{ 0 },
};

/* Whose refresh token it is, counted: {session, user, n}. */
static json_t *
check(struct req *rq)
{
	const char *given = row_text(rq->in, "refresh_token");
	struct refresh r;

	if (given == NULL)
		return db_refuse(rq->db, ERR_TOKEN_MISSING, NULL);
	if (!token_refresh_read(rq->tokens, rq->mem, given, &r))
		return db_refuse(rq->db, ERR_TOKEN_INVALID, NULL);
	if (!throttle_take(rq->db, rq->conf, THROTTLE_REFRESH,
		    mem_print(rq->mem, "%lld", (long long)r.session), rq->origin.address))
		return NULL;
	return mem_pack(rq->mem, "{s:I, s:I, s:I}", "session", (json_int_t)r.session, "user",
		(json_int_t)r.user, "n", (json_int_t)r.n);
}

/* POST /token: a new pair for a refresh token. */
static json_t *
refresh(struct req *rq)
{
	struct refresh r = { .session = row_number(rq->held, "session"),
		.user = row_number(rq->held, "user") };
	struct handed handed = { .pair = true };
	struct me me = { .id = r.user, .session = r.session };
	json_t *row;

	r.n = session_refresh(rq->db, r.session, r.user, row_number(rq->held, "n"),
		rq->conf->token_refresh, &rq->origin);
	if (r.n == 0)
		return NULL;
	if ((row = user_get(rq->db, r.user)) == NULL)
		return db_refuse(rq->db, ERR_TOKEN_REVOKED, NULL);
	me.username = row_text(row, "username");
	me.role = row_text(row, "role");
	me.groups = row_text(row, "groups");
	handed.token = token_issue(rq->tokens, rq->mem, &me, rq->conf->token_access);
	handed.refresh = token_refresh(rq->tokens, rq->mem, &r);
	return handed.token != NULL ? account_pair(rq, &handed) : db_refuse(rq->db, ERR_AWAY, NULL);
}

/* GET /token: what the token says, without a query for a short one. */
static json_t *
show(struct req *rq)
{
	return mem_pack(rq->mem, "{s:s, s:O, s:I}", "identity", rq->me->username, "claims",
		token_claims(rq->mem, rq->me->token), "expires_in",
		(json_int_t)(rq->me->expires - time(NULL)));
}

static void
end(struct req *rq)
{
	session_end(rq->db, rq->me->session);
	event_add(rq->db, EVENT_LOGOUT, rq->me->id, &rq->origin);
}

/* DELETE /token: the session ends, and every token of it. */
static json_t *
drop(struct req *rq)
{
	end(rq);
	return nothing(rq);
}

/* POST /logout: also for those who are not logged in (any more). */
static json_t *
logout(struct req *rq)
{
	if (rq->me != NULL) {
		end(rq);
		browser_end(rq);
	}
	browser_flash(rq, "info.signed-out");
	goes_to(rq, "/", NULL);
	return nothing(rq);
}

/* GET /enter?token=…&next=…: whoever came with a token has a cookie now (guard_exchange). */
static json_t *
enter(struct req *rq)
{
	goes_on(rq);
	return nothing(rq);
}

/* GET /.well-known/jwks.json (RFC 7517). Those who keep it should ask again for a kid they miss. */
static json_t *
keys(struct req *rq)
{
	rq->out.cache = "public, max-age=300";
	return token_public_keys(rq->tokens);
}

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html */
	{ POST, "/token", NULL, OPEN, NULL, refresh_in, check, refresh, 200, NULL },
	{ GET, "/token", NULL, OWNER, NULL, NULL, NULL, show, 200, NULL },
	{ DELETE, "/token", NULL, OWNER, NULL, NULL, NULL, drop, 204, NULL },
	{ GET, NULL, "/.well-known/jwks.json", OPEN, NULL, NULL, NULL, keys, 200, NULL },
	{ GET, NULL, "/enter", PUBLIC, NULL, account_next, NULL, enter, 200, NULL },
	{ GET, NULL, "/logout", OPEN, NULL, NULL, NULL, nothing, 200, "logout" },
	{ POST, NULL, "/logout", OPEN, NULL, NULL, NULL, logout, 200, NULL },
	/* devices: src/device.c */
	{ GET, "/sessions", NULL, OWNER, NULL, NULL, NULL, device_list, 200, NULL },
	{ DELETE, "/sessions", NULL, OWNER, NULL, NULL, NULL, device_end_others, 204, NULL },
	{ DELETE, "/sessions/:id", NULL, OWNER, NULL, device_id, NULL, device_end, 204, NULL },
	{ GET, "/events", NULL, OWNER, NULL, device_events_in, NULL, device_events, 200, NULL },
	{ GET, NULL, "/sessions", MEMBER, NULL, NULL, NULL, device_page, 200, "sessions" },
	{ POST, NULL, "/sessions/end-others", MEMBER, NULL, NULL, NULL, device_end_others, 200,
		NULL },
	{ POST, NULL, "/sessions/:id/end", MEMBER, NULL, device_id, NULL, device_end, 200, NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv,
		&(struct program){ "token", "credentials", routes, .pages = &page_steps });
}
