/* SPDX-License-Identifier: ISC */
/*
 * gate_answer: how the gate says what it found: who it is, or why not and where to log in. Owns the
 * headers of the answer.
 */
#include "gate_parts.h"
#include "input.h"
#include "json.h"
#include "text.h"

#include <string.h>
#include <time.h>

bool
gate_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s >= 0x7f)
			return false;
	return true;
}

static bool
is_origin(const char *list, const char *origin)
{
	return text_lists(list, origin, strlen(origin));
}

/*
 * Where a browser logs in, and comes back from: `next` if a login would take it, and with the time
 * and a reason, so that a login which changes nothing is noticed there. At an address that nobody
 * has named in the settings nothing comes back.
 */
static const char *
login_of(struct req *rq)
{
	struct gate *g = rq->gate;
	bool here = *g->origin == '\0' || is_origin(rq->conf->site_urls, g->origin);
	bool other = !here && is_origin(rq->conf->gate_sites, g->origin);
	const char *login = mem_print(rq->mem, "%s/login?gate=%lld-%s",
		here ? "" : conf_issuer(rq->conf), (long long)time(NULL),
		!here && !other            ? "host"
			: g->login != NULL ? g->login
					   : "ended");
	const char *secret = strstr(g->uri, "token="), *next;

	next = secret == NULL ? g->uri : mem_copy(rq->mem, g->uri, strcspn(g->uri, "?"));
	if ((!here && !other) || !input_local(next))
		return login;
	if (other)
		next = mem_print(rq->mem, "%s%s", g->origin, next);
	return mem_print(rq->mem, "%s&next=%s", login, text_escape(rq->mem, next));
}

/* RFC 6750 section 3, RFC 9470 section 3. */
static const char *
challenge(enum err e)
{
	if (e == ERR_TOKEN_MISSING)
		return "Bearer";
	return e == ERR_STALE ? "Bearer error=\"insufficient_user_authentication\", max_age=900"
			      : "Bearer error=\"invalid_token\"";
}

/* The names of the groups with a comma between, as most applications take them. */
static const char *
with_commas(struct mem *m, const char *groups)
{
	char *list = mem_copy(m, groups, strlen(groups));

	for (char *c = list; *c != '\0'; c++)
		if (*c == ' ')
			*c = ',';
	return list;
}

/* Who it is. An Authorizer's web server makes variables of what begins so (FastCGI 1.0 section
 * 6.3). */
static void
introduce(struct req *rq, const struct me *me, struct http_response *rs)
{
	const struct gate *g = rq->gate;
	const char *email = row_text(g->row, "email");
	const struct {
		const char *header, *variable, *value;
	} rows[] = {
		{ "X-Postern-User", "Variable-REMOTE_USER", me->username },
		{ "X-Postern-User-Id", "Variable-POSTERN_USER_ID",
			mem_print(rq->mem, "%lld", (long long)me->id) },
		{ "X-Postern-Role", "Variable-POSTERN_ROLE", me->role },
		{ "X-Postern-Groups", "Variable-POSTERN_GROUPS", with_commas(rq->mem, me->groups) },
		{ "X-Postern-Email", "Variable-POSTERN_EMAIL", email },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].value != NULL && *rows[i].value != '\0' && gate_plain(rows[i].value))
			http_header(rs, g->authorizer ? rows[i].variable : rows[i].header,
				rows[i].value);
}

void
gate_answer(struct req *rq, struct http_response *rs)
{
	struct gate *g = rq->gate;
	char text[160];

	*rs = (struct http_response){ .body = "", .status = g->authorizer ? 200 : 204 };
	if (err_first(&rq->fault) != ERR_NONE)
		gate_refuse(g, ERR_AWAY);
	if (g->refused == ERR_NONE && (g->preflight || gate_judge(rq))) {
		if (rq->me != NULL)
			introduce(rq, rq->me, rs);
		return;
	}
	/* What is our fault is no reason for anybody to throw a good token away. */
	rs->status = err_status(g->refused) == 401 ? 401 : 403;
	http_header(rs, "X-Postern-Error",
		mem_print(rq->mem, "%s",
			err_text(&(struct flaw){ .err = g->refused }, text, sizeof text)));
	if (rs->status == 401)
		http_header(rs, "WWW-Authenticate", challenge(g->refused));
	if (rs->status == 401 && g->page)
		http_header(rs, "X-Postern-Login", login_of(rq));
}
