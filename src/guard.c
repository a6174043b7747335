/* SPDX-License-Identifier: ISC */
/*
 * guard: who may come in. Owns the order of the questions: is there a token, is it good, does its
 * session live, is the role enough. Denies what it does not know.
 */
#include "guard.h"

#include "json.h"
#include "session.h"

#include <string.h>

bool
guard_token(struct req *rq)
{
	enum guard guard = rq->match.route->guard;
	const char *token = NULL;
	enum err e;

	if (guard == OPEN)
		return true;
	switch (http_authorization(rq->http.authorization, &token)) {
	case HTTP_NO_CREDENTIAL:
		return guard == PUBLIC || err_add(&rq->fault, ERR_TOKEN_MISSING, NULL, 0);
	case HTTP_BEARER: break;
	default: return err_add(&rq->fault, ERR_TOKEN_INVALID, NULL, 0);
	}
	rq->me = mem_get(rq->mem, sizeof *rq->me);
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
guard_session(struct req *rq)
{
	bool safe = http_safe(rq->http.method);
	const char *role;
	json_t *session;

	if (rq->me == NULL || (safe && !rq->me->lasting && rq->match.route->guard != ADMIN))
		return true;
	session = session_get(rq->db, rq->me->session, rq->me->id, !safe);
	if ((role = row_text(session, "role")) == NULL) {
		db_refuse(rq->db, ERR_TOKEN_REVOKED, NULL);
		return false;
	}
	/* The token's word is older than the table's. */
	rq->me->role = role;
	rq->me->groups = row_text(session, "groups");
	if (rq->match.route->guard == ADMIN && strcmp(role, "admin") != 0)
		db_refuse(rq->db, ERR_FORBIDDEN, NULL);
	session_touch(rq->db, session);
	return db_ok(rq->db);
}
