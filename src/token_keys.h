/* SPDX-License-Identifier: ISC */
#pragma once

#include "conf.h"
#include "jws.h"

#include <stdbool.h>

/* The keys of a process, read from files that may be replaced while it runs. */
struct token_keys;

/*
 * Read them: for `signing` the private keys and the secret behind refresh tokens, else the public
 * keys alone. `conf` must live on. NULL on failure, with a line for the log at *why.
 */
struct token_keys *token_keys_open(const struct conf *conf, bool signing, const char **why);
void token_keys_free(struct token_keys *k);

/*
 * Look whether a file was replaced, and read it anew. True if there are other keys now: what was
 * borrowed of the old ones is gone. Files that cannot be used are told to the log, and the old keys
 * stay.
 */
bool token_keys_renew(struct token_keys *k);

/* The keys, borrowed. */
const struct jwks *token_keys_set(const struct token_keys *k);

/* Their public halves as a JWK set (RFC 7517 section 5), borrowed. */
json_t *token_keys_public(const struct token_keys *k);

/* The secret behind refresh tokens, as text; NULL without signing. */
const char *token_keys_refresh(const struct token_keys *k);
