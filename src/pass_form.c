/* SPDX-License-Identifier: ISC */
/*
 * pass, the forms of crypt(5): what a stored hash must look like, and cost at most, to be computed
 * at all. Computes nothing.
 */
#include "pass_parts.h"

#include <ctype.h>
#include <string.h>

#define DIGITS "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

enum {
	BCRYPT_BYTES = 60,
	BCRYPT_DIGITS = 53, /* salt and key */
	SHA512_SALT = 16,
	SHA512_DIGITS = 86,
	SHA512_ROUNDS_LEAST = 1000,
	SHA512_ROUNDS_MOST = 1000000,
	YESCRYPT_SALT = 86,
	YESCRYPT_DIGITS = 43
};

long
pass_bcrypt_rounds(const char *hash)
{
	int cost;

	if (strlen(hash) != BCRYPT_BYTES || strspn(hash + 7, DIGITS) != BCRYPT_DIGITS)
		return 0;
	if (strchr("01", hash[4]) == NULL || hash[5] < '0' || hash[5] > '9' || hash[6] != '$')
		return 0;
	cost = (hash[4] - '0') * 10 + hash[5] - '0';
	return cost >= PASS_COST_LEAST && cost <= PASS_COST_MOST ? 1L << cost : 0;
}

bool
pass_is_bcrypt(const char *hash)
{
	return pass_bcrypt_rounds(hash) > 0;
}

/*
 * True if a salt of `salt` characters at most, a $ and a key of just so many digits are left. What
 * might break a line of passwd(5) is in no salt.
 */
static bool
ends_well(const char *at, size_t salt, size_t digits)
{
	size_t n = 0;

	while (isgraph((unsigned char)at[n]) && strchr("$!*:;\\", at[n]) == NULL)
		n++;
	return n <= salt && at[n] == '$' && strlen(at + n + 1) == digits &&
		strspn(at + n + 1, DIGITS) == digits;
}

bool
pass_is_sha512(const char *hash)
{
	const char *at = hash + strlen("$6$");
	long rounds = SHA512_ROUNDS_LEAST;

	if (strncmp(at, "rounds=", 7) == 0) {
		at += 7;
		if (!pass_number(&at, '$', SHA512_ROUNDS_MOST, &rounds))
			return false;
	}
	return rounds >= SHA512_ROUNDS_LEAST && ends_well(at, SHA512_SALT, SHA512_DIGITS);
}

/* Only the parameters that crypt_gensalt gives for the costs 1 to 8 (128 MiB). */
bool
pass_is_yescrypt(const char *hash)
{
	static const char *const known[] = { PASS_YESCRYPT_LEAST, "$y$j85$", "$y$j7T$", "$y$j8T$",
		"$y$j9T$", "$y$jAT$", "$y$jBT$", "$y$jCT$" };
	size_t n = strlen(known[0]);

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strncmp(hash, known[i], n) == 0)
			return ends_well(hash + n, YESCRYPT_SALT, YESCRYPT_DIGITS);
	return false;
}
