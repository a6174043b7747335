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

/* A hash taken apart; PBKDF2 has no r and p. */
struct parts {
	long n, r, p;
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
split(const char *at, size_t bytes, struct parts *parts)
{
	const char *dollar = strchr(at, '$');

	if (dollar == NULL || dollar == at)
		return false;
	parts->salt = at;
	parts->salt_length = (size_t)(dollar - at);
	parts->hex = dollar + 1;
	return strlen(parts->hex) == 2 * bytes &&
		strspn(parts->hex, "0123456789abcdef") == 2 * bytes;
}

static enum pass
compare(const uint8_t *key, size_t bytes, const struct parts *parts)
{
	char hex[2 * SCRYPT_BYTES + 1];
	bool same;

	text_hex(hex, key, bytes);
	same = text_same(hex, 2 * bytes, parts->hex, 2 * bytes);
	explicit_bzero(hex, sizeof hex);
	return same ? PASS_RIGHT : PASS_WRONG;
}

static bool
split_scrypt(const char *hash, struct parts *parts)
{
	const char *at = hash + strlen("scrypt:");

	if (!pass_number(&at, ':', SCRYPT_N_MAX, &parts->n) ||
		!pass_number(&at, ':', SCRYPT_R_MAX, &parts->r) ||
		!pass_number(&at, '$', SCRYPT_P_MAX, &parts->p) || !split(at, SCRYPT_BYTES, parts))
		return false;
	/* RFC 7914 section 6: N is a power of two, over 1 and below 2^(16 r). */
	return parts->n >= 2 && (parts->n & (parts->n - 1)) == 0 &&
		(parts->r > 1 || parts->n < 1 << 16);
}

bool
pass_is_scrypt(const char *hash)
{
	struct parts parts;

	return split_scrypt(hash, &parts);
}

enum pass
pass_scrypt(const char *hash, const char *phrase)
{
	uint8_t key[SCRYPT_BYTES];
	enum pass found = PASS_BUSY;
	struct parts parts = { 0 };

	(void)split_scrypt(hash, &parts); /* pass_is_scrypt has said that it can */
	/* The numbers are all right, so what fails here is memory. */
	if (EVP_PBE_scrypt(phrase, strlen(phrase), (const unsigned char *)parts.salt,
		    parts.salt_length, (uint64_t)parts.n, (uint64_t)parts.r, (uint64_t)parts.p,
		    SCRYPT_MEMORY, key, sizeof key) == 1)
		found = compare(key, sizeof key, &parts);
	explicit_bzero(key, sizeof key);
	return found;
}

static bool
split_pbkdf2(const char *hash, struct parts *parts)
{
	const char *at = hash + strlen("pbkdf2:sha256:");

	return pass_number(&at, '$', PBKDF2_N_MAX, &parts->n) && split(at, PBKDF2_BYTES, parts);
}

bool
pass_is_pbkdf2(const char *hash)
{
	struct parts parts;

	return split_pbkdf2(hash, &parts);
}

enum pass
pass_pbkdf2(const char *hash, const char *phrase)
{
	uint8_t key[PBKDF2_BYTES];
	enum pass found = PASS_BUSY;
	struct parts parts = { 0 };

	(void)split_pbkdf2(hash, &parts); /* pass_is_pbkdf2 has said that it can */
	if (PKCS5_PBKDF2_HMAC(phrase, (int)strlen(phrase), (const unsigned char *)parts.salt,
		    (int)parts.salt_length, (int)parts.n, EVP_sha256(), sizeof key, key) == 1)
		found = compare(key, sizeof key, &parts);
	explicit_bzero(key, sizeof key);
	return found;
}
