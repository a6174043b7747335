/* SPDX-License-Identifier: ISC */
#pragma once

#include "conf.h"
#include "err.h"
#include "mem.h"

#include <stdbool.h>
#include <stdint.h>

/* The keys of this process, the rules for tokens, and the memory of those that verified. */
struct tokens;

/* Who asks, as the token says. Strings live as long as the request. */
struct me {
	int64_t id; /* user */
	int64_t session;
	const char *username; /* when the token was made: a rename does not end it */
	const char *role;     /* "member" or "admin" */
	const char *groups;   /* their names, a blank between; "" = none */
	bool fresh;           /* made at a login, not renewed */
	bool lasting; /* lives longer than an access token, so its session is always looked up */
	long long issued, begins, expires; /* Unix seconds */
	const char *token;                 /* as it came */
	const char *personal;              /* scopes of a personal token; NULL: it is of a login */
};

/*
 * Read the keys: the private ones to sign and verify, else the public ones to verify alone. Files
 * that are replaced later are read anew. NULL on failure, with a line for the log at *why.
 */
struct tokens *tokens_open(const struct conf *conf, bool signing, const char **why);
void tokens_free(struct tokens *t);

/*
 * A signed access token (RFC 9068's typ at+jwt) for a session, living `life` seconds. Of `who` are
 * taken id, session, username, role, groups (NULL = none) and fresh. Claims: iss sub iat nbf exp
 * jti type fresh sid username role groups, and aud if the settings name one. NULL if there is no
 * randomness or no private key.
 */
const char *token_issue(struct tokens *t, struct mem *m, const struct me *who, long life);

/*
 * Verify signature, times and claims. ERR_NONE with all of *me filled, ERR_TOKEN_INVALID, or
 * ERR_TOKEN_EXPIRED for one that was good. The session row is the caller's to look up.
 */
enum err token_read(struct tokens *t, struct mem *m, const char *token, struct me *me);

/* The claims of a token that token_read has taken, in `m`. */
json_t *token_claims(struct mem *m, const char *token);

/* The public keys as a JWK set (RFC 7517), without symmetric ones; borrowed for this request. */
json_t *token_public_keys(struct tokens *t);

/* What a refresh token stands for. */
struct refresh {
	int64_t session, user;
	int64_t n; /* the how manieth of the session, from 1 */
};

/*
 * A refresh token, in `m`: SESSION.USER.N.MAC, the MAC an HMAC-SHA-256 of the others, so that
 * nothing of it need be kept but N. Only where the keys were read to sign.
 */
const char *token_refresh(struct tokens *t, struct mem *m, const struct refresh *r);

/* Take a refresh token apart. False if it is none of ours; whether it still counts is session.c's
 * to say. */
bool token_refresh_read(struct tokens *t, struct mem *m, const char *token, struct refresh *r);
