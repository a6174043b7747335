/* SPDX-License-Identifier: ISC */
/* jws: what is signed verifies, the vectors of RFC 7515, and signatures that are not quite right.
 */
#include "jws_help.h"

static void
a_token_goes_round(void **state)
{
	struct jwks *sets[] = { hs, es };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const char *payload = NULL,
			   *token = jws_sign(m, jwks_signer(sets[i]), "at+jwt", "{}", 2);
		size_t n = 0;

		assert_true(takes(sets[i], token));
		assert_true(
			jws_verify_set(m, sets[i], "AT+jwt", token, strlen(token), &payload, &n));
		assert_int_equal(n, 2);
		assert_string_equal(payload, "{}");
		assert_false(
			jws_verify_set(m, sets[i], "rt+jwt", token, strlen(token), &payload, &n));
		assert_false(
			jws_verify_set(m, sets[1 - i], NULL, token, strlen(token), &payload, &n));
	}
}

static void
payloads_of_each_length_go_round(void **state)
{
	char bytes[100];

	(void)state;
	assert_true(text_random(bytes, sizeof bytes));
	for (size_t length = 0; length <= sizeof bytes; length++) {
		const char *payload, *token = jws_sign(m, jwks_at(hs, 0), NULL, bytes, length);
		size_t n;

		assert_true(jws_verify_set(m, hs, NULL, token, strlen(token), &payload, &n));
		assert_int_equal(n, length);
		assert_memory_equal(payload, bytes, n);
		assert_int_equal(payload[n], 0);
		assert_false(jws_verify_set(m, hs, "JWT", token, strlen(token), &payload, &n));
	}
}

static void
rfc_7515_a1_hs256(void **state)
{
	const char *payload;
	size_t n;

	(void)state;
	assert_string_equal(craft(hs, A1_HEADER), A1_TOKEN);
	assert_true(jws_verify(m, jwks_at(hs, 0), "jwt", A1_TOKEN, strlen(A1_TOKEN), &payload, &n));
	assert_string_equal(payload, PAYLOAD);
	assert_int_equal(n, strlen(PAYLOAD));
}

static void
rfc_7515_a3_es256(void **state)
{
	struct jwks *public = keys_of(A3_PUBLIC);
	const char *payload;
	size_t n;

	(void)state;
	assert_true(jws_verify(m, jwks_at(es, 0), NULL, A3_TOKEN, strlen(A3_TOKEN), &payload, &n));
	assert_true(
		jws_verify(m, jwks_at(public, 0), NULL, A3_TOKEN, strlen(A3_TOKEN), &payload, &n));
	assert_string_equal(payload, PAYLOAD);
	assert_null(jws_sign(m, jwks_at(public, 0), NULL, "", 0));
	assert_null(jwks_signer(public));
	assert_true(takes(public, jws_sign(m, jwks_at(es, 0), NULL, "", 0)));
	jwks_free(public);
}

static void
a_token_that_would_not_verify_is_not_made(void **state)
{
	static char long_typ[800], large[JWS_TOKEN_MAX + 1];
	size_t n = JWS_TOKEN_MAX;

	(void)state;
	memset(long_typ, 't', sizeof long_typ - 1);
	assert_null(jws_sign(m, jwks_at(hs, 0), long_typ, "{}", 2));
	assert_null(jws_sign(m, jwks_at(hs, 0), NULL, large, sizeof large));
	while (jws_sign(m, jwks_at(hs, 0), NULL, large, n) == NULL)
		n--;
	assert_in_range(strlen(jws_sign(m, jwks_at(hs, 0), NULL, large, n)), 8188, JWS_TOKEN_MAX);
	assert_true(takes(hs, jws_sign(m, jwks_at(hs, 0), NULL, large, n)));
}

static void
J6_signature_cut_by_each_length(void **state)
{
	const struct {
		struct jwks *set;
		const char *token;
	} all[] = { { hs, A1_TOKEN }, { es, A3_TOKEN } };

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t n = 0; n < strlen(all[i].token); n++)
			assert_false(takes(all[i].set, mem_copy(m, all[i].token, n)));
}

static void
J6_hs256_token_with_each_bit_flipped(void **state)
{
	char *token = mem_copy(m, A1_TOKEN, strlen(A1_TOKEN));

	(void)state;
	for (size_t bit = 0; bit < 8 * strlen(A1_TOKEN); bit++) {
		token[bit / 8] = (char)(token[bit / 8] ^ 1 << bit % 8);
		assert_false(takes(hs, token));
		token[bit / 8] = (char)(token[bit / 8] ^ 1 << bit % 8);
	}
	assert_true(takes(hs, token));
}

static char *
with_signature(const unsigned char *sig, size_t length)
{
	char *token = mem_get(m, sizeof A3_TOKEN + 2 * length);
	size_t n = strlen(A3_TOKEN) - strlen(A3_SIGNATURE);

	memcpy(token, A3_TOKEN, n);
	text_base64url(token + n, sig, length);
	return token;
}

static void
J6_es256_signature_with_each_bit_flipped(void **state)
{
	unsigned char sig[65] = { 0 };

	(void)state;
	assert_int_equal(text_unbase64url(sig, A3_SIGNATURE, strlen(A3_SIGNATURE)), 64);
	for (size_t bit = 0; bit < 512; bit++) {
		sig[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_false(takes(es, with_signature(sig, 64)));
		sig[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	assert_true(takes(es, with_signature(sig, 64)));
	assert_false(takes(es, with_signature(sig, 65)));
	assert_false(takes(es, with_signature(sig, 0)));
	memset(sig, 0, sizeof sig);
	assert_false(takes(es, with_signature(sig, 64)));
}

static void
J6_other_spellings_of_a_good_token(void **state)
{
	static const char *const bad[] = {
		"",
		".",
		"..",
		"...",
		"a.b.c",
		A_PAYLOAD,
		A_PAYLOAD "." A_PAYLOAD,
		A1_TOKEN "=",
		A1_TOKEN "A",
		A1_TOKEN "AA",
		A1_TOKEN " ",
		A1_TOKEN "\n",
		" " A1_TOKEN,
		"\t" A1_TOKEN,
		A1_TOKEN ".",
		A1_TOKEN "." A1_SIGNATURE,
		A1_TOKEN "..",
		"." A1_TOKEN,
		".eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." A_PAYLOAD "." A1_SIGNATURE,
		"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." A_PAYLOAD "=." A1_SIGNATURE,
		"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9=." A_PAYLOAD "." A1_SIGNATURE,
		"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9 ." A_PAYLOAD "." A1_SIGNATURE,
		"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." A_PAYLOAD ".",
		"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.." A1_SIGNATURE,
		"." A_PAYLOAD "." A1_SIGNATURE,
		"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." A_PAYLOAD
		".dBjftJeZ4CVP+mB92K27uhbUJU1p1r/wW1gFWFOEjXk",
		"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." A_PAYLOAD
		".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl",
		"{\"payload\":\"" A_PAYLOAD
		"\",\"protected\":\"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9\","
		"\"signature\":\"" A1_SIGNATURE "\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(takes(hs, bad[i]));
	/* the last of 86 characters has four spare bits */
	assert_false(takes(es,
		"eyJhbGciOiJFUzI1NiJ9." A_PAYLOAD
		".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1R"));
}

static void
J6_a_payload_that_is_not_canonical_is_refused_though_signed(void **state)
{
	static const char *const parts[] = { "e30=", "e31", "e30 ", "e", "e3+", "e30\n" };
	const struct jwk *key = jwks_at(hs, 0);

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		char *token = mem_print(m, "eyJhbGciOiJIUzI1NiJ9.%s.%50s", parts[i], "");
		unsigned char sig[SIGNATURE_MAX];
		size_t n = strlen(token) - 51, size = sizeof sig;

		assert_true(key->alg->sign(key, token, n, sig, &size));
		text_base64url(token + n + 1, sig, size);
		assert_false(takes(hs, token));
	}
}

static void
J7_es256_numbers_at_the_edge_der_and_66_bytes(void **state)
{
	static const char *const edges[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", /* n */
		"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550",
		"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552",
		"0000000000000000000000000000000000000000000000000000000000000001",
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	};
	unsigned char good[64], sig[72];

	(void)state;
	text_unbase64url(good, A3_SIGNATURE, strlen(A3_SIGNATURE));
	for (size_t r = 0; r < 7; r++)
		for (size_t s = 0; s < 7; s++) {
			memcpy(sig, good, 64);
			if (r < 6)
				assert_true(text_unhex(sig, 32, edges[r], 64));
			if (s < 6)
				assert_true(text_unhex(sig + 32, 32, edges[s], 64));
			assert_int_equal(takes(es, with_signature(sig, 64)), r == 6 && s == 6);
		}
	memcpy(sig, "\x30\x45\x02\x20", 4);
	memcpy(sig + 4, good, 32);
	memcpy(sig + 36, "\x02\x21\x00", 3);
	memcpy(sig + 39, good + 32, 32);
	assert_false(takes(es, with_signature(sig, 71)));
	memset(sig, 0, sizeof sig);
	memcpy(sig + 1, good, 32);
	memcpy(sig + 34, good + 32, 32);
	assert_false(takes(es, with_signature(sig, 66)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_goes_round),
		cmocka_unit_test(payloads_of_each_length_go_round),
		cmocka_unit_test(rfc_7515_a1_hs256),
		cmocka_unit_test(rfc_7515_a3_es256),
		cmocka_unit_test(a_token_that_would_not_verify_is_not_made),
		cmocka_unit_test(J6_signature_cut_by_each_length),
		cmocka_unit_test(J6_hs256_token_with_each_bit_flipped),
		cmocka_unit_test(J6_es256_signature_with_each_bit_flipped),
		cmocka_unit_test(J6_other_spellings_of_a_good_token),
		cmocka_unit_test(J6_a_payload_that_is_not_canonical_is_refused_though_signed),
		cmocka_unit_test(J7_es256_numbers_at_the_edge_der_and_66_bytes),
	};

	return cmocka_run_group_tests(tests, keys_up, keys_down);
}
