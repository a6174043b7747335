/* SPDX-License-Identifier: ISC */
/*
 * pass, the two formats of Werkzeug: scrypt (RFC 7914) and PBKDF2 with HMAC-SHA-256 (RFC 8018), the
 * salt taken as text, the key as lower-case hexadecimal. They are only checked, never made. Knows
 * nothing of bcrypt, slots or time.
 */
#include "pass_parts.h"

#include "text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>

enum {
	SCRYPT_BYTES = 64,
	SCRYPT_N_MAX = 1 << 17,
	SCRYPT_R_MAX = 16,
	SCRYPT_P_MAX = 4,
	/* 128 * N * r is 256 MiB at most; OpenSSL counts some small buffers too. */
	SCRYPT_MEMORY = 257 << 20,
	PBKDF2_BYTES = 32,
	PBKDF2_N_MAX = 2000000
};

/* The part `salt$hex` of a hash. */
struct rest {
	const char *salt, *hex;
	size_t salt_length;
};

bool
pass_number(const char **at, char end, long most, long *n)
{
	const char *s = *at;

	if (*s < '1' || *s > '9')
		return false;
	for (*n = 0; *s >= '0' && *s <= '9'; s++)
		if ((*n = *n * 10 + (*s - '0')) > most)
			return false;
	if (*s != end)
		return false;
	*at = s + 1;
	return true;
}

/* Find salt and key of `bytes` bytes. False if either is not there. */
static bool
split(const char *at, size_t bytes, struct rest *rest)
{
	const char *dollar = strchr(at, '$');

	if (dollar == NULL || dollar == at)
		return false;
	*rest = (struct rest){ at, dollar + 1, (size_t)(dollar - at) };
	return strlen(rest->hex) == 2 * bytes;
}

static enum pass
compare(const uint8_t *key, size_t bytes, const struct rest *rest)
{
	char hex[2 * SCRYPT_BYTES + 1];
	bool same;

	text_hex(hex, key, bytes);
	same = text_same(hex, 2 * bytes, rest->hex, strlen(rest->hex));
	explicit_bzero(hex, sizeof hex);
	return same ? PASS_RIGHT : PASS_WRONG;
}

enum pass
pass_scrypt(const char *hash, const char *phrase)
{
	const char *at = hash + strlen("scrypt:");
	uint8_t key[SCRYPT_BYTES];
	enum pass found = PASS_BUSY;
	struct rest rest;
	long n, r, p;

	if (!pass_number(&at, ':', SCRYPT_N_MAX, &n) || !pass_number(&at, ':', SCRYPT_R_MAX, &r) ||
		!pass_number(&at, '$', SCRYPT_P_MAX, &p) || !split(at, sizeof key, &rest))
		return PASS_WRONG;
	/* RFC 7914 section 6: N is a power of two, over 1 and below 2^(16 r). */
	if (n < 2 || (n & (n - 1)) != 0 || (r == 1 && n >= 1 << 16))
		return PASS_WRONG;
	/* The numbers are all right now, so what fails here is memory. */
	if (EVP_PBE_scrypt(phrase, strlen(phrase), (const unsigned char *)rest.salt,
		    rest.salt_length, (uint64_t)n, (uint64_t)r, (uint64_t)p, SCRYPT_MEMORY, key,
		    sizeof key) == 1)
		found = compare(key, sizeof key, &rest);
	explicit_bzero(key, sizeof key);
	return found;
}

enum pass
pass_pbkdf2(const char *hash, const char *phrase)
{
	const char *at = hash + strlen("pbkdf2:sha256:");
	uint8_t key[PBKDF2_BYTES];
	enum pass found = PASS_BUSY;
	struct rest rest;
	long n;

	if (!pass_number(&at, '$', PBKDF2_N_MAX, &n) || !split(at, sizeof key, &rest))
		return PASS_WRONG;
	if (PKCS5_PBKDF2_HMAC(phrase, (int)strlen(phrase), (const unsigned char *)rest.salt,
		    (int)rest.salt_length, (int)n, EVP_sha256(), sizeof key, key) == 1)
		found = compare(key, sizeof key, &rest);
	explicit_bzero(key, sizeof key);
	return found;
}
