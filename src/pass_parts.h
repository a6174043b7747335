/* SPDX-License-Identifier: ISC */
#pragma once

#include "pass.h"

/*
 * The inside of pass, for pass*.c alone. The checks compare `phrase`, a string, with a stored hash
 * and answer PASS_RIGHT, PASS_WRONG or PASS_BUSY (no memory).
 */

enum {
	PASS_COST_LEAST = 4, /* of bcrypt */
	PASS_COST_MOST = 15
};

#define PASS_YESCRYPT_LEAST "$y$j75$" /* the parameters that cost least */

/* Whether a hash that begins so is complete, and cheap enough to be computed. */
bool pass_is_bcrypt(const char *hash);
bool pass_is_sha512(const char *hash);
bool pass_is_yescrypt(const char *hash);
bool pass_is_scrypt(const char *hash);
bool pass_is_pbkdf2(const char *hash);

/* The rounds of a hash that pass_is_bcrypt; 0 for anything else. */
long pass_bcrypt_rounds(const char *hash);

/* Werkzeug's scrypt:N:r:p$salt$hex, that pass_is_scrypt. */
enum pass pass_scrypt(const char *hash, const char *phrase);

/* Werkzeug's pbkdf2:sha256:N$salt$hex, that pass_is_pbkdf2. */
enum pass pass_pbkdf2(const char *hash, const char *phrase);

/*
 * Read a positive decimal number up to `most`, without leading zeros, that `end` follows. Moves *at
 * behind `end`. False, with nothing to rely on in *n, if the text is anything else.
 */
bool pass_number(const char **at, char end, long most, long *n);

/*
 * Wait for one of the machine's hashing slots. False if none came free in time, or the folder
 * cannot be used (which is logged). Give *slot back with pass_slot_drop; it is -1 where there is no
 * limit.
 */
bool pass_slot_take(const struct pass_rules *rules, int *slot);

/* The hashes that may be computed at once where nothing is said: one for every two cores. */
int pass_slots(long cores);

/* Give a slot back. The kernel does the same when the process dies. */
void pass_slot_drop(int slot);
