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
};

/*
 * Read the keys: the private ones to sign and verify, else the public ones to verify alone. NULL on
 * failure, with a text for the log at *why.
 */
struct tokens *tokens_open(const struct conf *conf, bool signing, const char **why);
void tokens_free(struct tokens *t);

/*
 * A signed access token (RFC 9068's typ at+jwt) for a session, living `life` seconds. Of `who` are
 * taken id, session, username, role, groups (NULL = none) and fresh. Claims: iss sub iat nbf exp
 * jti type fresh sid username role groups. NULL if there is no randomness or no private key.
 */
const char *token_issue(struct tokens *t, struct mem *m, const struct me *who, long life);

/*
 * Verify signature, times and claims. ERR_NONE with *me filled, ERR_TOKEN_INVALID, or
 * ERR_TOKEN_EXPIRED for one that was good. The session row is the caller's to look up.
 */
enum err token_read(struct tokens *t, struct mem *m, const char *token, struct me *me);
