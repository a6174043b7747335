/* SPDX-License-Identifier: ISC */
#pragma once

#include "mem.h"

#include <stdbool.h>
#include <stddef.h>

/* One key with the one algorithm it is good for (RFC 7517, RFC 8725 section 3.1). */
struct jwk;

/* Keys with distinct kids, newest first. */
struct jwks;

enum {
	JWS_TOKEN_MAX = 8192, /* bytes; a longer token is refused unread */
};

enum jws_algs {
	JWS_ALL,       /* every row of the table: tests */
	JWS_PRODUCTION /* what a site may use: HS256 RS256 PS256 ES256 EdDSA */
};

/*
 * Read a JWK, or a JWK set, from JSON. On refusal returns NULL and points *why at a fixed text: not
 * JSON, no key, unknown kty or curve, `alg` missing or not of that kty, not in `allowed`, an HMAC
 * secret shorter than its digest, a point off its curve, a `d` that does not belong to it, `use` or
 * `key_ops` that forbid to verify, a kid that is no name or stands twice, HMAC and public keys in
 * one set. A key without a kid is named by its thumbprint (RFC 7638). Free with jwks_free.
 */
struct jwks *jwks_read(const char *json, size_t length, enum jws_algs allowed, const char **why);

void jwks_free(struct jwks *set);

/* The i-th key; NULL behind the last. */
const struct jwk *jwks_at(const struct jwks *set, size_t i);

/* The key with exactly this kid, or NULL; NULL too for the kid NULL. */
const struct jwk *jwks_find(const struct jwks *set, const char *kid);

/* The newest key with a private part, or NULL: the one to sign with. */
const struct jwk *jwks_signer(const struct jwks *set);

/* The public halves as a JWK set: a new reference. Symmetric keys are left out. */
json_t *jwks_public(const struct jwks *set);

/*
 * A new private key for `alg` ("ES256", "HS256") as a JWK, kid by thumbprint (RFC 7638; random for
 * a symmetric key). A new reference, or NULL if the algorithm is unknown or no randomness is to be
 * had.
 */
json_t *jwk_new(const char *alg);

/* The kid and the algorithm's name; live as long as the key. */
const char *jwk_kid(const struct jwk *key);
const char *jwk_alg(const struct jwk *key);

/*
 * A compact JWS (RFC 7515 section 7.1) over `payload`, with the header members alg, kid and typ.
 * Lives in `m`. NULL if the key has no private part or may not sign, if the token would be too long
 * to verify, or if OpenSSL fails (no randomness): then there is no token.
 */
char *
jws_sign(struct mem *m, const struct jwk *key, const char *typ, const char *payload, size_t length);

/*
 * Verify a compact JWS with exactly this key. Strict: two dots; canonical base64url; a header that
 * is one JSON object without duplicate names, whose alg is the key's, whose kid, if there, is the
 * key's, and which has none of crit jwk jku x5u x5c x5t x5t#S256 b64 zip; a signature of exactly
 * the right size. `typ` NULL takes any; else the header must hold it, compared without case. On
 * success points *payload at the decoded bytes in `m` (a NUL stands behind them) and returns true.
 */
bool jws_verify(struct mem *m, const struct jwk *key, const char *typ, const char *token,
	size_t length, const char **payload, size_t *payload_length);

/* As jws_verify, with the key of `set` that the header's kid names (required here). */
bool jws_verify_set(struct mem *m, const struct jwks *set, const char *typ, const char *token,
	size_t length, const char **payload, size_t *payload_length);
