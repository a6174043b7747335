/* SPDX-License-Identifier: ISC */
/*
 * fuzz_jws: tokens of strangers, and tokens with a header of theirs that are signed well. What
 * verifies has one spelling alone, and a header that hides nothing.
 */
#include "fuzz_keys.h"
#include "text.h"

#include <openssl/hmac.h>
#include <strings.h>

/* A token of this header and payload, signed by OpenSSL without our code. */
static const char *
signed_well(struct mem *m, const char *header, size_t n, const char *payload, size_t size)
{
	unsigned char key[64], mac[32];
	char *token = mem_get(m, 2 * (n + size) + 100);
	unsigned length = sizeof mac;
	size_t at = text_base64url(token, header, n);

	token[at++] = '.';
	at += text_base64url(token + at, payload, size);
	HOLDS(text_unbase64url(key, FUZZ_HMAC, strlen(FUZZ_HMAC)) == sizeof key);
	HMAC(EVP_sha256(), key, sizeof key, (unsigned char *)token, at, mac, &length);
	token[at++] = '.';
	text_base64url(token + at, mac, sizeof mac);
	return token;
}

/* A part of a token, decoded and encoded again, is the same. */
static void
one_spelling(struct mem *m, const char *part, size_t n)
{
	unsigned char *bytes = mem_get(m, n + 1);
	char *again = mem_get(m, 2 * n + 8);
	ssize_t size = text_unbase64url(bytes, part, n);

	HOLDS(size >= 0 && text_base64url(again, bytes, (size_t)size) == n);
	HOLDS(memcmp(again, part, n) == 0);
}

static void
header_holds(struct mem *m, const char *part, size_t n)
{
	static const char *const refused[] = { "crit", "jwk", "jku", "x5u", "x5c", "b64", "zip" };
	char *bytes = mem_get(m, n + 1);
	ssize_t size = text_unbase64url(bytes, part, n);
	json_t *header = json_loadb(bytes, (size_t)size, 0, NULL);
	const char *alg = json_string_value(json_object_get(header, "alg"));

	HOLDS(size <= 768 && alg != NULL &&
		(strcmp(alg, "HS256") == 0 || strcmp(alg, "ES256") == 0));
	for (size_t i = 0; i < COUNT(refused); i++)
		HOLDS(json_object_get(header, refused[i]) == NULL);
	json_decref(header);
}

static bool
holds(struct mem *m, const struct jwks *set, const char *token, size_t n)
{
	const char *payload, *same, *dot = memchr(token, '.', n), *last;
	size_t size = 0, again = 0;
	bool good = jws_verify(m, jwks_at(set, 0), NULL, token, n, &payload, &size);

	if (jws_verify_set(m, set, NULL, token, n, &same, &again)) /* wants a kid */
		HOLDS(good && size == again && memcmp(payload, same, size) == 0);
	if (jws_verify(m, jwks_at(set, 0), "at+jwt", token, n, &same, &again))
		HOLDS(good);
	if (!good)
		return false;
	HOLDS((last = memchr(dot + 1, '.', (size_t)(token + n - dot - 1))) != NULL);
	one_spelling(m, token, (size_t)(dot - token));
	one_spelling(m, dot + 1, (size_t)(last - dot - 1));
	one_spelling(m, last + 1, (size_t)(token + n - last - 1));
	header_holds(m, token, (size_t)(dot - token));
	HOLDS(payload[size] == '\0' && size <= n && n <= JWS_TOKEN_MAX);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct jwks *hs, *es;
	struct mem *m = fuzz_mem();
	const char *at = (const char *)data, *header, *token;
	size_t left = size, n;

	if (hs == NULL) {
		hs = keys_of(FUZZ_HS256);
		es = keys_of(FUZZ_ES256);
	}
	holds(m, hs, at, size);
	holds(m, es, at, size);
	header = fuzz_take(m, &at, &left, '\n');
	token = signed_well(m, header, strlen(header), at, left);
	n = strlen(token);
	if (holds(m, hs, token, n)) {
		char *other = mem_copy(m, token, n);

		other[size % n] ^= 1; /* any bit */
		HOLDS(!holds(m, hs, other, n) && !holds(m, es, token, n));
	}
	return 0;
}
