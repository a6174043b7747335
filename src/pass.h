/* SPDX-License-Identifier: ISC */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
	PASS_HASH_MAX = 256,   /* bytes of a stored hash, the NUL included */
	PASS_BCRYPT_BYTES = 72 /* bytes of a password that bcrypt sees */
};

/* What a check found. */
enum pass {
	PASS_WRONG, /* no match; also: malformed, disabled ("*0", empty) or too costly a hash */
	PASS_RIGHT,
	PASS_WEAK, /* right, but to be hashed anew: another format or a lower cost */
	PASS_BUSY  /* nothing was checked: no slot came free in time, or no memory */
};

/* How passwords are hashed; read at start. */
struct pass_rules {
	int cost;          /* bcrypt log2 rounds, 4 to 15 */
	const char *locks; /* folder for the slot files, its own user's; NULL or "" = no limit */
	int slots;         /* hashes at once; 0 = one for every two cores, at least one */
	long wait;         /* milliseconds to wait for a slot */
};

/*
 * Hash `password` as bcrypt $2b$ with the configured cost into `out`. False if there was no slot in
 * time or no randomness (*busy set), or the password is empty, over 72 bytes or holds a NUL within
 * `length`: then `out` is "".
 */
bool pass_hash(const struct pass_rules *rules, char out[PASS_HASH_MAX], const char *password,
	size_t length, bool *busy);

/*
 * Compare a password with a stored hash: bcrypt ($2b$ $2a$ $2y$), yescrypt ($y$), SHA-512 crypt
 * ($6$), Werkzeug scrypt:N:r:p$salt$hex and pbkdf2:sha256:N$salt$hex, each within a bounded cost.
 * `hash` NULL is an unknown user. PASS_WRONG always takes as long as one bcrypt of the configured
 * cost, so that time tells nothing; only a stored hash that costs more than that takes longer.
 */
enum pass
pass_check(const struct pass_rules *rules, const char *hash, const char *password, size_t length);

/* Whether a text is a stored hash that pass_check can find right. */
bool pass_known(const char *hash);
