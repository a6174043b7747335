/* SPDX-License-Identifier: ISC */
#pragma once

/* What the tests of jws share: keys of the RFCs, and tokens that an attacker would forge. */

#include "jwk.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PAYLOAD "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"

/* RFC 7515 appendix A.1 */
#define A1_K                                                                                       \
	"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
#define A1_KEY       "{\"kty\":\"oct\",\"kid\":\"a1\",\"alg\":\"HS256\",\"k\":\"" A1_K "\"}"
#define A1_HEADER    "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}"
#define A1_SIGNATURE "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define A_PAYLOAD                                                                                  \
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0" \
	"cnVlfQ"
#define A1_TOKEN "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." A_PAYLOAD "." A1_SIGNATURE

/* RFC 7515 appendix A.3 */
#define A3_X      "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define A3_Y      "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define A3_D      "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
#define A3_XY     "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" A3_X "\",\"y\":\"" A3_Y "\""
#define A3_PUBLIC "{" A3_XY ",\"kid\":\"a3\",\"alg\":\"ES256\"}"
#define A3_KEY    "{" A3_XY ",\"d\":\"" A3_D "\",\"kid\":\"a3\",\"alg\":\"ES256\"}"
#define A3_SIGNATURE                                                                               \
	"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
#define A3_TOKEN "eyJhbGciOiJFUzI1NiJ9." A_PAYLOAD "." A3_SIGNATURE

static struct mem *m;
static struct jwks *hs, *es;

static struct jwks *
keys_of(const char *json)
{
	const char *why = NULL;
	struct jwks *set = jwks_read(json, strlen(json), JWS_PRODUCTION, &why);

	assert_null(why);
	assert_non_null(set);
	return set;
}

/* As keys_of, with any algorithm. */
static inline struct jwks *
keys_any(const char *json)
{
	const char *why = NULL;
	struct jwks *set = jwks_read(json, strlen(json), JWS_ALL, &why);

	assert_null(why);
	assert_non_null(set);
	return set;
}

/* What is wrong with the text of a key or set; "nothing". */
static inline const char *
why_not(const char *text, enum jws_algs allowed)
{
	const char *why = "nothing";
	struct jwks *set = jwks_read(text, strlen(text), allowed, &why);

	assert_true((set == NULL) == (why != NULL));
	jwks_free(set);
	return why == NULL ? "nothing" : why;
}

/* What is said of `jwk` when `name` holds `value` (NULL: is not there). */
static inline const char *
why_not_with(const json_t *jwk, const char *name, const char *value)
{
	json_t *other = json_deep_copy(jwk);
	const char *why;
	char *text;

	if (value == NULL)
		json_object_del(other, name);
	else
		jwk_set(other, name, value);
	text = json_dumps(other, 0);
	why = why_not(text, JWS_ALL);
	free(text);
	json_decref(other);
	return why;
}

static int
keys_up(void **state)
{
	(void)state;
	m = mem_new();
	hs = keys_of(A1_KEY);
	es = keys_of(A3_KEY);
	return 0;
}

static int
keys_down(void **state)
{
	(void)state;
	jwks_free(hs);
	jwks_free(es);
	mem_free(m);
	return 0;
}

/* True if the first key of the set takes the token, also when the token must name it. */
static inline bool
takes(const struct jwks *set, const char *token)
{
	const char *payload;
	size_t n;
	bool by_key = jws_verify(m, jwks_at(set, 0), NULL, token, strlen(token), &payload, &n);
	bool by_kid = jws_verify_set(m, set, NULL, token, strlen(token), &payload, &n);

	assert_true(by_key || !by_kid);
	return by_key;
}

/* A token with a header of one's own, signed well by the first key of the set. */
static char *
craft_bytes(const struct jwks *set, const char *header, size_t length, const char *payload)
{
	const struct jwk *key = jwks_at(set, 0);
	char *token = mem_get(m, (length + strlen(payload)) * 2 + 2 * SIGNATURE_MAX);
	unsigned char sig[SIGNATURE_MAX];
	size_t n = text_base64url(token, header, length), size = sizeof sig;

	token[n++] = '.';
	n += text_base64url(token + n, payload, strlen(payload));
	assert_true(key->alg->sign(key, token, n, sig, &size));
	token[n++] = '.';
	text_base64url(token + n, sig, size);
	return token;
}

static inline char *
craft(const struct jwks *set, const char *header)
{
	return craft_bytes(set, header, strlen(header), PAYLOAD);
}
