/* SPDX-License-Identifier: ISC */
/* jwk: which keys are refused and why, what is published, and names by thumbprint. */
#include "jws_help.h"

#include <stdio.h>

#define SECRET "\"k\":\"" A1_K "\""
#define HS     "\"kty\":\"oct\",\"alg\":\"HS256\""
#define ES     "\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"ES256\""
#define ES_XY  ES ",\"x\":\"" A3_X "\",\"y\":\"" A3_Y "\""

/* 0, n and n - 1 of P-256, and 31 bytes */
#define ZERO     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define ORDER    "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE"
#define LAST     "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVA"
#define BYTES_31 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const char json[] = "not JSON", none[] = "a set without keys";
static const char alg[] = "alg is missing or unknown", kty[] = "kty is not that of alg";
static const char crv[] = "crv is not that of alg", use[] = "use is not sig";
static const char ops[] = "key_ops is no list of sign and verify",
		  kid[] = "kid is not a text of 1 to 128 bytes";
static const char k_bad[] = "k is missing, not base64url, or longer than 1024 bytes";
static const char k_short[] = "k is shorter than the digest of alg";
static const char xyd[] = "x, y or d is missing, not base64url, or not of the curve's size";
static const char point[] = "x and y are no point of the curve";
static const char pair[] = "x and y are no point of the curve, or d does not belong to it";
static const char twice[] = "two keys have the same kid",
		  mixed[] = "HMAC and public keys in one set";

static const struct {
	const char *text, *why;
} bad[] = {
	{ "", json },
	{ "x", json },
	{ "{", json },
	{ "{" HS "," SECRET "} x", json },
	{ "{" HS "," HS "," SECRET "}", json },
	{ "{" HS "," SECRET ",\"kid\":\"\xff\"}", json },
	{ "{" HS "," SECRET ",\"kid\":\"a\\u0000\"}", json },
	{ "[]", alg },
	{ "{}", alg },
	{ "{\"keys\":[]}", none },
	{ "{\"keys\":{}}", none },
	{ "{\"keys\":null}", none },
	{ "{\"keys\":[1]}", alg },
	{ "{\"kty\":\"oct\"," SECRET "}", alg },
	{ "{\"kty\":\"oct\"," SECRET ",\"alg\":null}", alg },
	{ "{\"kty\":\"oct\"," SECRET ",\"alg\":[\"HS256\"]}", alg },
	{ "{\"kty\":\"oct\"," SECRET ",\"alg\":\"none\"}", alg },
	{ "{\"kty\":\"oct\"," SECRET ",\"alg\":\"hs256\"}", alg },
	{ "{\"kty\":\"oct\"," SECRET ",\"alg\":\"A128KW\"}", alg },
	{ "{\"alg\":\"HS256\"," SECRET "}", kty },
	{ "{\"alg\":\"HS256\",\"kty\":\"OCT\"," SECRET "}", kty },
	{ "{\"alg\":\"HS256\",\"kty\":\"EC\"," SECRET "}", kty },
	{ "{\"alg\":\"ES256\",\"kty\":\"oct\"," SECRET "}", kty },
	{ "{\"alg\":\"ES256\",\"kty\":1," SECRET "}", kty },
	{ "{\"alg\":\"ES256\",\"kty\":\"EC\",\"x\":\"" A3_X "\",\"y\":\"" A3_Y "\"}", crv },
	{ "{\"alg\":\"ES256\",\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" A3_X "\",\"y\":\"" A3_Y
	  "\"}",
		crv },
	{ "{\"alg\":\"ES256\",\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"" A3_X "\",\"y\":\"" A3_Y
	  "\"}",
		crv },
	{ "{" HS "," SECRET ",\"use\":\"enc\"}", use },
	{ "{" HS "," SECRET ",\"use\":null}", use },
	{ "{" HS "," SECRET ",\"use\":[\"sig\"]}", use },
	{ "{" HS "," SECRET ",\"key_ops\":[]}", ops },
	{ "{" HS "," SECRET ",\"key_ops\":\"verify\"}", ops },
	{ "{" HS "," SECRET ",\"key_ops\":[\"verify\",\"encrypt\"]}", ops },
	{ "{" HS "," SECRET ",\"key_ops\":[\"verify\",\"verify\"]}", ops },
	{ "{" HS "," SECRET ",\"key_ops\":[\"sign\",\"verify\",\"sign\"]}", ops },
	{ "{" HS "," SECRET ",\"key_ops\":[1,\"encrypt\"]}", ops },
	{ "{" HS "," SECRET ",\"key_ops\":null}", ops },
	{ "{" HS "," SECRET ",\"kid\":1}", kid },
	{ "{" HS "," SECRET ",\"kid\":\"\"}", kid },
	{ "{" HS "," SECRET ",\"kid\":null}", kid },
	{ "{" HS "}", k_bad },
	{ "{" HS ",\"k\":1}", k_bad },
	{ "{" HS ",\"k\":\"\"}", k_bad },
	{ "{" HS ",\"k\":\"" ZERO "=\"}", k_bad },
	{ "{" HS ",\"k\":\"+" ZERO "\"}", k_bad },
	{ "{" HS ",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\"}", k_bad },
	{ "{" HS ",\"k\":\"c2VjcmV0\"}", k_short },
	{ "{" HS ",\"k\":\"" BYTES_31 "\"}", k_short },
	{ "{" ES "}", xyd },
	{ "{" ES ",\"x\":\"" A3_X "\"}", xyd },
	{ "{" ES ",\"y\":\"" A3_Y "\"}", xyd },
	{ "{" ES ",\"x\":\"" A3_X "\",\"y\":1}", xyd },
	{ "{" ES ",\"x\":\"" A3_X "\",\"y\":\"" BYTES_31 "\"}", xyd },
	{ "{" ES ",\"x\":\"AA" A3_X "\",\"y\":\"" A3_Y "\"}", xyd },
	{ "{" ES_XY ",\"d\":null}", xyd },
	{ "{" ES_XY ",\"d\":\"\"}", xyd },
	{ "{" ES_XY ",\"d\":\"" BYTES_31 "\"}", xyd },
	{ "{" ES_XY ",\"d\":\"AA" A3_D "\"}", xyd },
	{ "{" ES ",\"x\":\"" A3_Y "\",\"y\":\"" A3_X "\"}", point },
	{ "{" ES ",\"x\":\"" ZERO "\",\"y\":\"" ZERO "\"}", point },
	{ "{" ES ",\"x\":\"" A3_X "\",\"y\":\"" A3_X "\"}", point },
	/* larger than the field's prime */
	{ "{" ES ",\"x\":\"__________________________________________8\",\"y\":\"" A3_Y "\"}",
		point },
	{ "{" ES ",\"x\":\"" A3_Y "\",\"y\":\"" A3_X "\",\"d\":\"" A3_D "\"}", pair },
	{ "{" ES_XY ",\"d\":\"" A3_X "\"}", pair },
	{ "{" ES_XY ",\"d\":\"" LAST "\"}", pair },
	{ "{" ES_XY ",\"d\":\"" ZERO "\"}", pair },
	{ "{" ES_XY ",\"d\":\"" ORDER "\"}", pair },
	{ "{\"keys\":[" A1_KEY "," A1_KEY "]}", twice },
	{ "{\"keys\":[" A3_KEY "," A3_PUBLIC "]}", twice },
	{ "{\"keys\":[{" HS "," SECRET "},{" HS "," SECRET "}]}", twice },
	{ "{\"keys\":[" A1_KEY "," A3_KEY "]}", mixed },
	{ "{\"keys\":[" A3_PUBLIC "," A1_KEY "]}", mixed },
	{ "{\"keys\":[" A3_PUBLIC ",{" HS "}]}", k_bad },
};

static const char *
refusal(const char *text)
{
	const char *why = NULL;

	assert_null(jwks_read(text, strlen(text), JWS_ALL, &why));
	return why;
}

static void
keys_are_refused_with_a_reason(void **state)
{
	char wide[1500];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (strcmp(refusal(bad[i].text), bad[i].why) != 0)
			print_message("%s\n", bad[i].text);
		assert_string_equal(refusal(bad[i].text), bad[i].why);
	}
	snprintf(wide, sizeof wide, "{" HS "," SECRET ",\"kid\":\"%0128d\"}", 0);
	jwks_free(keys_of(wide));
	snprintf(wide, sizeof wide, "{" HS "," SECRET ",\"kid\":\"%0129d\"}", 0);
	assert_string_equal(refusal(wide), kid);
	snprintf(wide, sizeof wide, "{" HS ",\"k\":\"%01364d\"}", 0);
	jwks_free(keys_of(wide));
	snprintf(wide, sizeof wide, "{" HS ",\"k\":\"%01367d\"}", 0);
	assert_string_equal(refusal(wide), k_bad);
}

static void
a_long_kid_of_escapes_still_makes_tokens(void **state)
{
	char text[1000], name[129] = "";
	struct jwks *set;

	(void)state;
	memset(name, '"', 128);
	snprintf(text, sizeof text, "{" HS "," SECRET ",\"kid\":\"%.*s\"}", 0, name);
	for (size_t i = 0, n = strlen(text) - 2; i < 128; i++)
		snprintf(text + n + 2 * i, 5, "\\\"\"}");
	set = keys_of(text);
	assert_string_equal(jwk_kid(jwks_at(set, 0)), name);
	assert_true(takes(set, jws_sign(m, jwks_at(set, 0), "JWT", "{}", 2)));
	jwks_free(set);
}

static void
key_ops_without_sign_only_verifies(void **state)
{
	struct jwks *v =
		keys_of("{" ES_XY ",\"d\":\"" A3_D "\",\"use\":\"sig\",\"key_ops\":[\"verify\"]}");
	struct jwks *s = keys_of("{" HS "," SECRET ",\"key_ops\":[\"sign\",\"verify\"]}");

	(void)state;
	assert_null(jwks_signer(v));
	assert_null(jws_sign(m, jwks_at(v, 0), NULL, "{}", 2));
	assert_true(takes(v, A3_TOKEN));
	assert_non_null(jwks_signer(s));
	jwks_free(v);
	jwks_free(s);
}

/* RFC 7638 section 3.1, and the EC key of RFC 9449 section 4. */
static void
rfc_7638_thumbprint(void **state)
{
	struct jwks *set =
		keys_of("{\"alg\":\"ES256\",\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"sig\","
			"\"x\":\"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs\","
			"\"y\":\"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA\"}");
	struct jwks *rsa = keys_of(
		"{\"alg\":\"RS256\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":"
		"\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR"
		"1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4Q"
		"yQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbI"
		"SD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-k"
		"EgU8awapJzKnqDKgw\"}");

	(void)state;
	assert_string_equal(
		jwk_kid(jwks_at(rsa, 0)), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
	assert_string_equal(
		jwk_kid(jwks_at(set, 0)), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
	jwks_free(rsa);
	jwks_free(set);
}

static void
only_public_halves_are_published(void **state)
{
	json_t *published = jwks_public(es), *secret = jwks_public(hs);
	json_t *right = json_pack("{s[{ss ss ss ss ss ss ss}]}", "keys", "kty", "EC", "crv",
		"P-256", "x", A3_X, "y", A3_Y, "alg", "ES256", "use", "sig", "kid", "a3");
	char *text = json_dumps(published, 0);
	struct jwks *again = keys_of(text);

	(void)state;
	assert_true(json_equal(published, right));
	assert_int_equal(json_array_size(json_object_get(secret, "keys")), 0);
	assert_true(takes(again, A3_TOKEN));
	assert_null(jwks_signer(again));
	jwks_free(again);
	free(text);
	json_decref(right);
	json_decref(published);
	json_decref(secret);
}

static void
new_keys_are_good_and_each_another(void **state)
{
	static const char *const names[] = { "ES256", "HS256", "RS256", "PS256", "EdDSA" };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		json_t *one = jwk_new(names[i]), *two = jwk_new(names[i]);
		char *text = json_dumps(one, 0);
		struct jwks *set = keys_of(text);
		const char *name = json_string_value(json_object_get(one, "kid"));

		assert_string_equal(jwk_alg(jwks_at(set, 0)), names[i]);
		assert_string_equal(jwk_kid(jwks_at(set, 0)), name);
		assert_int_equal(strlen(name), i != 1 ? 43 : 22);
		assert_string_not_equal(name, json_string_value(json_object_get(two, "kid")));
		assert_true(takes(set, jws_sign(m, jwks_signer(set), NULL, "{}", 2)));
		jwks_free(set);
		free(text);
		json_decref(one);
		json_decref(two);
	}
	assert_null(jwk_new("none"));
	assert_null(jwk_new(""));
}

static void
a_set_is_searched_by_exact_kid(void **state)
{
	(void)state;
	assert_ptr_equal(jwks_find(es, "a3"), jwks_at(es, 0));
	assert_null(jwks_find(es, "a"));
	assert_null(jwks_find(es, "A3"));
	assert_null(jwks_find(es, ""));
	assert_null(jwks_find(es, NULL));
	assert_null(jwks_at(es, 1));
	jwks_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_refused_with_a_reason),
		cmocka_unit_test(a_long_kid_of_escapes_still_makes_tokens),
		cmocka_unit_test(key_ops_without_sign_only_verifies),
		cmocka_unit_test(rfc_7638_thumbprint),
		cmocka_unit_test(only_public_halves_are_published),
		cmocka_unit_test(new_keys_are_good_and_each_another),
		cmocka_unit_test(a_set_is_searched_by_exact_kid),
	};

	return cmocka_run_group_tests(tests, keys_up, keys_down);
}
