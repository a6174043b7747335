/* SPDX-License-Identifier: ISC */
/* jwk: what `alg` may be left out, what a site may use, what each key may do and goes by, and which
 * keys make a set. */
#include "jws_help.h"

static void
an_alg_left_out(void **state)
{
	static const char *const names[] = { "ES256", "ES384", "ES512", "EdDSA", "RS256", "PS512",
		"HS256" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		json_t *jwk = jwk_new(names[i]);
		struct jwks *set;
		char *text;

		json_object_del(jwk, "alg");
		text = json_dumps(jwk, 0);
		assert_string_equal(why_not(text, JWS_PRODUCTION), "alg is missing or unknown");
		if (i >= 4) {
			assert_string_equal(why_not(text, JWS_ALL), "alg is missing or unknown");
		} else {
			set = keys_any(text);
			assert_string_equal(jwk_alg(jwks_at(set, 0)), names[i]);
			jwks_free(set);
		}
		assert_string_equal(
			why_not_with(jwk, "crv", "X25519"), "alg is missing or unknown");
		assert_string_equal(why_not_with(jwk, "alg", "none"), "alg is missing or unknown");
		assert_string_equal(
			why_not_with(jwk, "alg", "RSA-OAEP"), "alg is missing or unknown");
		free(text);
		json_decref(jwk);
	}
}

static void
what_a_site_may_use(void **state)
{
	static const struct {
		const char *name;
		bool may;
	} all[] = { { "HS256", true }, { "HS384", false }, { "HS512", false }, { "RS256", true },
		{ "RS384", false }, { "RS512", false }, { "PS256", true }, { "PS384", false },
		{ "PS512", false }, { "ES256", true }, { "ES384", false }, { "ES512", false },
		{ "EdDSA", true } };

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		json_t *jwk = jwk_new(all[i].name);
		char *text = json_dumps(jwk, 0);

		assert_string_equal(why_not(text, JWS_PRODUCTION),
			all[i].may ? "nothing" : "alg is not for use by a site");
		assert_string_equal(why_not(text, JWS_ALL), "nothing");
		free(text);
		json_decref(jwk);
	}
}

static void
a_key_only_to_sign(void **state)
{
	static const char key[] = "{" A3_XY ",\"d\":\"" A3_D "\",\"key_ops\":[\"sign\"]}";
	struct jwks *set = keys_any(key);

	(void)state;
	assert_non_null(jws_sign(m, jwks_signer(set), NULL, "{}", 2));
	assert_false(takes(set, A3_TOKEN));
	assert_string_equal(
		why_not("{" A3_XY ",\"d\":\"" A3_D "\",\"alg\":\"ES256\",\"key_ops\":[\"sign\"]}",
			JWS_PRODUCTION),
		"key_ops is no list of sign and verify");
	jwks_free(set);
}

/* RFC 7515 section 4.1.4: kid is a hint; a key that has one goes by it, one that has none cannot
 * contradict. A site's keys all have one. */
static void
J4_kid_of_a_key_without_one(void **state)
{
	struct jwks *blank = keys_any("{" A3_XY ",\"d\":\"" A3_D "\"}");
	struct jwks *named = keys_any(A3_KEY);
	const char *payload;
	size_t n;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct jwks *set = i == 0 ? blank : named;

		assert_int_equal(
			i == 0, takes(set, craft(set, "{\"alg\":\"ES256\",\"kid\":\"x\"}")));
		assert_false(takes(set, craft(set, "{\"alg\":\"ES256\",\"kid\":1}")));
		assert_false(takes(set, craft(set, "{\"alg\":\"ES256\",\"kid\":null}")));
		assert_true(takes(set, craft(set, "{\"alg\":\"ES256\"}")));
		assert_false(
			jws_verify_set(m, set, NULL, A3_TOKEN, strlen(A3_TOKEN), &payload, &n));
	}
	assert_null(strstr(jws_sign(m, jwks_at(blank, 0), NULL, "{}", 2), "kid"));
	assert_true(takes(blank, jws_sign(m, jwks_at(blank, 0), NULL, "{}", 2)));
	jwks_free(blank);
	jwks_free(named);
}

static void
a_set_of_all_kinds_of_public_keys(void **state)
{
	json_t *rsa = jwk_new("PS256"), *ed = jwk_new("EdDSA"), *hs256 = jwk_new("HS256");
	json_t *set = json_pack("{s[OO]}", "keys", rsa, ed);
	char *text = json_dumps(set, 0);
	struct jwks *keys = keys_of(text);
	const char *payload;
	size_t n;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const char *token = jws_sign(m, jwks_at(keys, i), NULL, "{}", 2);

		assert_true(jws_verify_set(m, keys, NULL, token, strlen(token), &payload, &n));
		assert_false(jws_verify(
			m, jwks_at(keys, 1 - i), NULL, token, strlen(token), &payload, &n));
	}
	free(text);
	json_array_append(json_object_get(set, "keys"), hs256);
	text = json_dumps(set, 0);
	assert_string_equal(why_not(text, JWS_ALL), "HMAC and public keys in one set");
	free(text);
	jwks_free(keys);
	json_decref(set);
	json_decref(rsa);
	json_decref(ed);
	json_decref(hs256);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alg_left_out),
		cmocka_unit_test(what_a_site_may_use),
		cmocka_unit_test(a_key_only_to_sign),
		cmocka_unit_test(J4_kid_of_a_key_without_one),
		cmocka_unit_test(a_set_of_all_kinds_of_public_keys),
	};

	return cmocka_run_group_tests(tests, keys_up, keys_down);
}
