/* SPDX-License-Identifier: ISC */
/*
 * guard: who may come in. Owns the order of the questions: is there a token, is it good, does its
 * session live, is the role enough, may it publish. Denies what it does not know.
 */
#include "guard.h"

#include "browser.h"
#include "json.h"
#include "personal.h"
#include "session.h"
#include "text.h"
#include "user.h"

#include <string.h>
#include <strings.h>
#include <time.h>

/* The token of the query, or of a form, where the settings allow it; ERR_TOKEN_MISSING if there is
 * none, ERR_TOKEN_INVALID if one is given twice. */
static enum err
token_of_pairs(struct req *rq, const char *text, size_t length, const char **token)
{
	const struct http_pair *pairs;
	enum err e = ERR_TOKEN_MISSING;
	size_t count;

	if (http_pairs(rq->mem, text, length, &pairs, &count) != ERR_NONE)
		return e;
	for (size_t i = 0; i < count; i++) {
		if (pairs[i].name_length != 5 || memcmp(pairs[i].name, "token", 5) != 0)
			continue;
		if (e == ERR_NONE)
			return ERR_TOKEN_INVALID;
		*token = pairs[i].value;
		e = strlen(*token) == pairs[i].value_length ? ERR_NONE : ERR_TOKEN_INVALID;
	}
	return e;
}

static enum err
token_of_header(struct req *rq, const char **token)
{
	switch (http_authorization(rq->http.authorization, token)) {
	case HTTP_NO_CREDENTIAL: return ERR_TOKEN_MISSING;
	case HTTP_BEARER: return ERR_NONE;
	default: return ERR_TOKEN_INVALID;
	}
}

/*
 * The one token of a request. ERR_TOKEN_MISSING if no place has one; ERR_TOKEN_INVALID if one is
 * malformed, or if two places have one: who knows which counted elsewhere.
 */
static enum err
find_token(struct req *rq, const char **token)
{
	const struct http_request *http = &rq->http;
	long where = rq->conf->token_locations;
	bool form = strcmp(http->type, "application/x-www-form-urlencoded") == 0;
	enum err found[3] = { token_of_header(rq, token), ERR_TOKEN_MISSING, ERR_TOKEN_MISSING };
	enum err e = ERR_TOKEN_MISSING;

	if (where & LOCATION_QUERY)
		found[1] = token_of_pairs(rq, http->query, strlen(http->query), token);
	if ((where & LOCATION_FORM) && form && !http_safe(http->method))
		found[2] = token_of_pairs(rq, http->body, http->length, token);
	for (size_t i = 0; i < 3; i++) {
		if (found[i] == ERR_TOKEN_MISSING)
			continue;
		if (e != ERR_TOKEN_MISSING)
			return ERR_TOKEN_INVALID;
		e = found[i];
	}
	return e;
}

bool
guard_token(struct req *rq)
{
	enum guard guard = rq->match.route->guard;
	const char *token = NULL;
	enum err e;

	if (guard == OPEN)
		return true;
	if ((e = find_token(rq, &token)) == ERR_TOKEN_MISSING)
		return guard == PUBLIC || err_add(&rq->fault, e, NULL, 0);
	if (e != ERR_NONE)
		return err_add(&rq->fault, e, NULL, 0);
	rq->me = mem_get(rq->mem, sizeof *rq->me);
	if (personal_is(token)) { /* whose it is, the database knows (guard_session) */
		rq->me->token = rq->me->personal = token;
		return true;
	}
	if ((e = token_read(rq->tokens, rq->mem, token, rq->me)) != ERR_NONE) {
		rq->me = NULL;
		return err_add(&rq->fault, e, NULL, 0);
	}
	/* A lasting token's word may be days old: its session says better (guard_session). */
	if (guard == ADMIN && !rq->me->lasting && strcmp(rq->me->role, "admin") != 0)
		return err_add(&rq->fault, ERR_FORBIDDEN, NULL, 0);
	return true;
}

bool
guard_viewer(struct req *rq)
{
	enum guard guard = rq->match.route->guard;

	if (guard == OPEN || guard == PUBLIC)
		return true;
	if (rq->me == NULL)
		return err_add(&rq->fault, ERR_TOKEN_MISSING, NULL, 0);
	if (guard == ADMIN && strcmp(rq->me->role, "admin") != 0)
		return err_add(&rq->fault, ERR_FORBIDDEN, NULL, 0);
	return true;
}

bool
guard_alive(struct req *rq)
{
	bool safe = http_safe(rq->http.method);
	json_t *session = session_get(rq->db, rq->me->session, rq->me->id, !safe);
	const char *role = row_text(session, "role");

	if (role == NULL)
		return db_refuse(rq->db, ERR_TOKEN_REVOKED, NULL) != NULL;
	/* The token's word is older than the table's. */
	rq->me->role = role;
	rq->me->groups = row_text(session, "groups");
	session_touch(rq->db, session);
	return db_ok(rq->db);
}

bool
guard_login(struct req *rq)
{
	return rq->me->personal == NULL || db_refuse(rq->db, ERR_SCOPE, NULL) != NULL;
}

/* Whose personal token it is, and whether it may do this. */
static bool
guard_personal(struct req *rq)
{
	enum guard guard = rq->match.route->guard;
	json_t *row = personal_find(rq->db, rq->me->token);
	const char *scopes = row_text(row, "scopes");

	if (scopes == NULL)
		return db_refuse(rq->db, ERR_TOKEN_REVOKED, NULL) != NULL;
	rq->me->id = row_number(row, "userId");
	rq->me->username = row_text(row, "username");
	rq->me->role = row_text(row, "role");
	rq->me->groups = row_text(row, "groups");
	rq->me->personal = scopes;
	if (guard >= OWNER || !personal_may(scopes, http_safe(rq->http.method) ? "read" : "write"))
		return guard_login(rq);
	personal_touch(rq->db, row);
	return db_ok(rq->db);
}

bool
guard_session(struct req *rq)
{
	bool strict = rq->conf->token_revocation == REVOCATION_STRICT, admin;
	const struct me *me = rq->me;

	if (me == NULL) /* there may be no row either */
		return true;
	if (me->personal != NULL)
		return guard_personal(rq);
	admin = rq->match.route->guard == ADMIN;
	/* A browser's session was read just now; a short token is trusted to read for its minutes.
	 */
	if (http_safe(rq->http.method) && !admin &&
		(me->token == NULL || (!me->lasting && !strict)))
		return true;
	if (!guard_alive(rq))
		return false;
	if (admin && strcmp(rq->me->role, "admin") != 0)
		db_refuse(rq->db, ERR_FORBIDDEN, NULL);
	return db_ok(rq->db);
}

bool
guard_token_in_address(const struct req *rq)
{
	const char *token;
	struct req copy = *rq;

	return (rq->conf->token_locations & LOCATION_QUERY) && rq->match.route != NULL &&
		rq->match.route->guard != OPEN && rq->http.method == GET &&
		token_of_pairs(&copy, rq->http.query, strlen(rq->http.query), &token) !=
		ERR_TOKEN_MISSING;
}

/* The address of this request without the token. */
static const char *
without_token(struct req *rq)
{
	const char *to = text_url(rq->mem, rq->http.path), *mark = "?";
	const struct http_pair *pairs;
	size_t count;

	if (http_pairs(rq->mem, rq->http.query, strlen(rq->http.query), &pairs, &count) != ERR_NONE)
		return to;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(pairs[i].name, "token") == 0)
			continue;
		to = mem_print(rq->mem, "%s%s%s=%s", to, mark, text_escape(rq->mem, pairs[i].name),
			text_escape(rq->mem, pairs[i].value));
		mark = "&";
	}
	return to;
}

/* Whether a browser may be given a session by an address: it came to it by itself or from here, and
 * nobody is signed in there already. */
static bool
may_exchange(struct req *rq)
{
	const char *site = rq->http.fetch_site;

	browser_read(rq);
	return rq->browser.cookie[BROWSER_SESSION] == NULL &&
		(site == NULL || strcmp(site, "none") == 0 || strcmp(site, "same-origin") == 0);
}

json_t *
guard_exchange(struct req *rq)
{
	const char *token = NULL, *cookie, *hence = without_token(rq);
	struct me me;
	enum err e = token_of_pairs(rq, rq->http.query, strlen(rq->http.query), &token);

	rq->out.location = hence;
	if (e != ERR_NONE || !may_exchange(rq) ||
		token_read(rq->tokens, rq->mem, token, &me) != ERR_NONE)
		return nothing(rq);
	if (strcmp(rq->program->class, "credentials") != 0) {
		/* This class makes no sessions; a page of the other does, and sends on. */
		rq->out.location = mem_print(
			rq->mem, "/enter?token=%s&next=%s", token, text_escape(rq->mem, hence));
		return nothing(rq);
	}
	if ((cookie = browser_begin(rq, 0)) == NULL)
		return NULL;
	if (session_copy(rq->db, me.session, me.id, cookie, (long)(me.expires - time(NULL)),
		    &rq->origin))
		event_add(rq->db, EVENT_LOGIN, me.id, &rq->origin);
	else
		rq->out.set[BROWSER_SESSION] = NULL;
	return db_ok(rq->db) ? nothing(rq) : NULL;
}

/* Whether somebody belongs to a group. */
static bool
in_group(const struct me *me, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = me->groups; at != NULL && *at != '\0'; at += *at == ' ') {
		size_t length = strcspn(at, " ");

		if (length == n && strncasecmp(at, name, n) == 0)
			return true;
		at += length;
	}
	return false;
}

bool
guard_publish(const struct req *rq)
{
	const char *who = rq->conf->site_publish;

	if (rq->me == NULL || !rq->conf->features[FEATURE_ARTICLES])
		return false;
	if (strcmp(rq->me->role, "admin") == 0 || strcmp(who, "member") == 0)
		return true;
	return strncmp(who, "group:", 6) == 0 && in_group(rq->me, who + 6);
}
