/* SPDX-License-Identifier: ISC */
#pragma once

#include "route.h"

/*
 * The gate: a web server asks whether a request to some place of its own may pass (nginx
 * auth_request, a FastCGI Authorizer). The answer is 204 (200 to an Authorizer) with who it is in
 * headers, 401 or 403, and nothing else: what nobody can tell is denied.
 *
 * What the place wants comes as variables of the web server, which no client can set:
 *
 *     GATE_REQUIRE    words that must all hold: member, admin, group:a,b (one of them), user:a,b,
 *                     fresh (the password was given within 15 minutes); none = member
 *     GATE_ACCEPT     cookie, bearer, or both: what counts, the other is not looked at; none = both
 *     GATE_PREFLIGHT  not empty: the question of a browser before a request of another site (CORS)
 *                     may pass, as nobody
 *     GATE_URI        the address as it was asked for, where a login shall lead back to
 *     GATE_ORIGIN     scheme and host it was asked at
 */

/* What is asked, and what is found. */
struct gate {
	const char *require, *accept, *uri, *origin;
	bool preflight, authorizer;
	bool asked;         /* the database was */
	bool page;          /* a browser asks for a page: it may be sent to the login */
	const char *token;  /* the bearer's, or NULL */
	const char *cookie; /* what the session keeps of the cookie, or NULL */
	struct me *me;      /* who a token says it is; NULL = not known yet */
	json_t *row;        /* of the session or personal token, where it was looked up */
	enum err refused;   /* why not; ERR_NONE = it may pass */
	const char *login;  /* "again" or why no cookie counts: a word for the page of the login */
};

struct gate_steps {
	/* Read the variables of the web server, whoever they come from. */
	void (*read)(struct req *rq, http_param *param, void *source);
	/* Look at what came, without the database. True if it must be asked: then gate_find is to
	 * run, a unit of work. */
	bool (*asks)(struct req *rq);
	/* Judge by the rules of the place, and answer. */
	void (*answer)(struct req *rq, struct http_response *rs);
};

/* For the one row of the program, and for its steps. */
json_t *gate_find(struct req *rq);
extern const struct gate_steps gate_steps;
