/* SPDX-License-Identifier: ISC */
/*
 * gate: who may pass to a place of the web server that is no program of ours. Owns what
 * counts as a credential there, and the verdict. Reads no body, and writes nothing but that a
 * session or token was used.
 */
#include "gate.h"

#include "browser.h"
#include "gate_parts.h"
#include "json.h"
#include "log.h"
#include "personal.h"
#include "session.h"
#include "text.h"

#include <string.h>

enum {
	FRESH_SECONDS = 15 * 60
};

/* A variable as a copy; "" if there is none. */
static char *
text_of(struct req *rq, http_param *param, void *source, const char *name)
{
	const char *value = param(source, name);

	return mem_copy(rq->mem, value != NULL ? value : "", value != NULL ? strlen(value) : 0);
}

/* Whether a person looks at the answer: browsers say so themselves, older ones by what they take.
 */
static bool
wants_page(struct req *rq, http_param *param, void *source)
{
	const char *mode = text_of(rq, param, source, "HTTP_SEC_FETCH_MODE");

	if (!http_safe(rq->http.method) || strcmp(rq->gate->accept, "bearer") == 0 ||
		*text_of(rq, param, source, "HTTP_UPGRADE") != '\0')
		return false;
	if (*mode != '\0')
		return strcmp(mode, "navigate") == 0;
	return strstr(text_of(rq, param, source, "HTTP_ACCEPT"), "text/html") != NULL;
}

static void
read_variables(struct req *rq, http_param *param, void *source)
{
	struct gate *g = rq->gate = mem_get(rq->mem, sizeof *g);
	char *origin;

	g->require = text_of(rq, param, source, "GATE_REQUIRE");
	if (g->require[strspn(g->require, " ")] == '\0')
		g->require = "member";
	g->accept = text_of(rq, param, source, "GATE_ACCEPT");
	if (*g->accept == '\0')
		g->accept = "both";
	g->uri = text_of(rq, param, source, "GATE_URI");
	origin = text_of(rq, param, source, "GATE_ORIGIN");
	text_lower(origin);
	g->origin = origin;
	g->preflight = rq->http.method == OPTIONS && rq->http.origin != NULL &&
		rq->http.preflight != 0 && *text_of(rq, param, source, "GATE_PREFLIGHT") != '\0';
	g->authorizer = strcmp(text_of(rq, param, source, "FCGI_ROLE"), "AUTHORIZER") == 0;
	g->page = wants_page(rq, param, source);
}

bool
gate_refuse(struct gate *g, enum err why)
{
	if (g->refused == ERR_NONE)
		g->refused = why;
	return false;
}

/* The token of the header, if that counts here. False if there is something else in it. */
static bool
find_token(struct req *rq)
{
	struct gate *g = rq->gate;

	if (strcmp(g->accept, "cookie") == 0)
		return true;
	switch (http_authorization(rq->http.authorization, &g->token)) {
	case HTTP_NO_CREDENTIAL: g->token = NULL; return true;
	case HTTP_BEARER: return true;
	default: g->login = "two"; return gate_refuse(g, ERR_TOKEN_INVALID);
	}
}

/*
 * Why no cookie of ours came, as far as it can be seen: one for another scheme or port is there.
 * For the page that says so instead of sending the browser round in a circle.
 */
static const char *
lost(const struct req *rq)
{
	const char *all = rq->http.cookies;

	if (rq->http.https ? strstr(all, "session-") != NULL
			   : strstr(all, "__Host-session=") != NULL ||
				strstr(all, "__Secure-session=") != NULL)
		return "scheme";
	return strstr(all, "session=") != NULL || strstr(all, "session-") != NULL ? "name" : "none";
}

/* The session's cookie, if that counts here. False if there are two, or one beside a token. */
static bool
find_cookie(struct req *rq)
{
	struct gate *g = rq->gate;
	bool two;

	if (strcmp(g->accept, "bearer") == 0)
		return true;
	browser_read(rq);
	g->cookie = browser_session(rq, &two);
	if (g->cookie == NULL)
		g->login = lost(rq);
	if (!two && (g->cookie == NULL || g->token == NULL))
		return true;
	g->login = "two";
	return gate_refuse(g, ERR_TOKEN_INVALID);
}

/* Whether the place is set up so that anybody could pass. False, and a line in the log. */
static bool
makes_sense(struct req *rq)
{
	struct gate *g = rq->gate;

	if (strcmp(g->accept, "cookie") != 0 && strcmp(g->accept, "bearer") != 0 &&
		strcmp(g->accept, "both") != 0) {
		log_error("GATE_ACCEPT is none of cookie, bearer, both: nobody may pass");
		return gate_refuse(g, ERR_FORBIDDEN);
	}
	if (!gate_rules_known(g->require)) {
		log_error("GATE_REQUIRE holds a word that is no rule: nobody may pass");
		return gate_refuse(g, ERR_FORBIDDEN);
	}
	return true;
}

/* A signed token: its claims are enough, but where its session says better. */
static bool
asks_of_signed(struct req *rq)
{
	struct gate *g = rq->gate;
	struct me *me = mem_get(rq->mem, sizeof *me);
	enum err e = token_read(rq->tokens, rq->mem, g->token, me);

	if (e != ERR_NONE)
		return gate_refuse(g, e);
	g->me = me;
	return me->lasting || rq->conf->token_revocation == REVOCATION_STRICT ||
		gate_rules_fresh(g->require);
}

static bool
asks(struct req *rq)
{
	struct gate *g = rq->gate;

	if (!makes_sense(rq) || g->preflight)
		return false;
	if (rq->http.wrong != ERR_NONE)
		return gate_refuse(g, ERR_TOKEN_INVALID);
	if (!find_token(rq) || !find_cookie(rq))
		return false;
	if (g->token == NULL && g->cookie == NULL)
		return gate_refuse(g, ERR_TOKEN_MISSING);
	if (g->token == NULL || personal_is(g->token))
		return true;
	return asks_of_signed(rq);
}

static bool
ask_or_not(struct req *rq)
{
	return rq->gate->asked = asks(rq);
}

json_t *
gate_find(struct req *rq)
{
	struct gate *g = rq->gate;

	if (g->cookie != NULL)
		g->row = session_of_cookie(rq->db, g->cookie, rq->conf->session_idle);
	else if (g->me != NULL)
		g->row = session_of_token(rq->db, g->me->session, g->me->id);
	else
		g->row = personal_find_email(rq->db, g->token);
	if (!db_ok(rq->db))
		return NULL;
	if (g->cookie == NULL && g->me == NULL)
		personal_touch(rq->db, g->row);
	else
		session_touch(rq->db, g->row);
	return nothing(rq);
}

/* Who it is, by the row that was looked up. */
static void
known_by_row(struct req *rq)
{
	struct gate *g = rq->gate;
	struct me *me = mem_get(rq->mem, sizeof *me);

	*me = (struct me){ .id = row_number(g->row, "userId"),
		.username = row_text(g->row, "username"),
		.role = row_text(g->row, "role"),
		.groups = row_text(g->row, "groups"),
		.personal = row_text(g->row, "scopes") };
	g->me = me;
}

bool
gate_judge(struct req *rq)
{
	struct gate *g = rq->gate;

	if (g->row != NULL)
		known_by_row(rq);
	if (g->me == NULL || (g->asked && g->row == NULL))
		return gate_refuse(g, ERR_TOKEN_REVOKED);
	rq->me = g->me;
	if (!gate_plain(g->me->username) || !gate_rules_hold(g->require, g->me))
		return gate_refuse(g, ERR_FORBIDDEN);
	if (g->me->personal != NULL && !personal_may(g->me->personal, "gate"))
		return gate_refuse(g, ERR_SCOPE);
	if (!gate_rules_fresh(g->require))
		return true;
	if (g->me->personal != NULL) /* nobody logs in with it */
		return gate_refuse(g, ERR_SCOPE);
	if (row_number(g->row, "authenticatedAge") <= FRESH_SECONDS)
		return true;
	g->login = "again";
	return gate_refuse(g, ERR_STALE);
}

const struct gate_steps gate_steps = { read_variables, ask_or_not, gate_answer };
