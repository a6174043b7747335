/* SPDX-License-Identifier: ISC */
/* jwk: numbers of RSA, EC and OKP keys that are refused; the keys of RFC 7515 A.2, RFC 8037 A. */
#include "jws_help.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

/* RFC 8037 appendix A */
#define ED_X  "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define ED_D  "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define ED_XY "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\""
#define ED_TOKEN                                                                                   \
	"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-"    \
	"09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

/* RFC 7515 appendix A.2 */
#define A2_KEY                                                                                     \
	"{\"kty\":\"RSA\",\"alg\":\"RS256\",\"e\":\"AQAB\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4f" \
	"Akd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs"   \
	"D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQ"   \
	"OS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoud"   \
	"F8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\"}"
#define A2_TOKEN                                                                                   \
	"eyJhbGciOiJSUzI1NiJ9." A_PAYLOAD ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu"  \
	"3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB-"  \
	"-f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jz"   \
	"DwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy"  \
	"wlVmtVrBp0igcN_IoypGlUPQGe77Rw"

static const char missing[] = "n or e, or beside d one of p q dp dq qi, is missing or no number";
static const char small[] = "n has less than 2048 bits", weak[] = "n can be factored (ROCA)";
static const char no_rsa[] = "the numbers are no RSA key";
static const char size[] = "x, y or d is missing, not base64url, or not of the curve's size";
static const char point[] = "x and y are no point of the curve";
static const char pair[] = "x and y are no point of the curve, or d does not belong to it";

static const char *
number(const BIGNUM *n)
{
	unsigned char bytes[1100];
	char *text = mem_get(m, text_base64url_size(sizeof bytes));

	text_base64url(text, bytes, (size_t)BN_bn2bin(n, bytes));
	return text;
}

static void
private_rsa_keys_are_whole(void **state)
{
	static const char *const members[] = { "n", "e", "d", "p", "q", "dp", "dq", "qi" };
	json_t *jwk = jwk_new("PS256"), *other = jwk_new("PS256");

	(void)state;
	assert_string_equal(why_not_with(jwk, "kid", "other"), "nothing");
	for (size_t i = 0; i < 8; i++) {
		const char *value = json_string_value(json_object_get(jwk, members[i]));
		const char *strange = json_string_value(json_object_get(other, members[i]));

		/* without d it is a public key, and what else is there is not looked at */
		assert_string_equal(
			why_not_with(jwk, members[i], NULL), i == 2 ? "nothing" : missing);
		assert_string_equal(why_not_with(jwk, members[i], ""), missing);
		assert_string_equal(why_not_with(jwk, members[i], "A"), missing);
		assert_string_equal(why_not_with(jwk, members[i], "AAEAAQ"), missing);
		assert_string_equal(
			why_not_with(jwk, members[i], mem_print(m, "%s=", value)), missing);
		if (i != 1)
			assert_string_equal(why_not_with(jwk, members[i], strange), no_rsa);
	}
	json_decref(jwk);
	json_decref(other);
}

static void
exponents_that_are_none(void **state)
{
	json_t *jwk = jwk_new("RS512");

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(why_not_with(jwk, "e", "AQ"), no_rsa);   /* 1 */
		assert_string_equal(why_not_with(jwk, "e", "Ag"), no_rsa);   /* 2 */
		assert_string_equal(why_not_with(jwk, "e", "AQAA"), no_rsa); /* 65536 */
		assert_string_equal(why_not_with(jwk, "e", "AA"), missing);  /* 0 */
		assert_string_equal(why_not_with(jwk, "e", "Aw"), i == 0 ? no_rsa : "nothing");
		json_object_del(jwk, "d"); /* and then the public key */
	}
	json_decref(jwk);
}

static void
moduli_that_are_short_or_weak(void **state)
{
	static const int bits[] = { 512, 1024, 2040, 2047, 2048, 2056, 3072 };
	json_t *jwk = json_pack("{ss ss ss}", "kty", "RSA", "alg", "RS256", "e", "AQAB");
	BIGNUM *n = BN_new(), *p = BN_new(), *q = BN_new();
	BN_CTX *ctx = BN_CTX_new();

	(void)state;
	for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
		do {
			BN_generate_prime_ex(p, bits[i] / 2, 0, NULL, NULL, NULL);
			BN_generate_prime_ex(q, bits[i] - bits[i] / 2, 0, NULL, NULL, NULL);
			BN_mul(n, p, q, ctx);
		} while (BN_num_bits(n) != bits[i]);
		assert_string_equal(
			why_not_with(jwk, "n", number(n)), bits[i] < 2048 ? small : "nothing");
	}
	BN_add_word(n, 1);
	assert_string_equal(why_not_with(jwk, "n", number(n)), no_rsa); /* even */
	BN_mul(n, p, p, ctx);
	assert_string_equal(why_not_with(jwk, "n", number(n)), no_rsa); /* a square */
	BN_generate_prime_ex(n, 2048, 0, NULL, NULL, NULL);
	assert_string_equal(why_not_with(jwk, "n", number(n)), no_rsa); /* a prime */
	BN_one(n);
	BN_lshift(n, n, 8200);
	assert_string_equal(why_not_with(jwk, "n", number(n)), missing); /* too long */
	BN_CTX_free(ctx);
	BN_free(n);
	BN_free(p);
	BN_free(q);
	json_decref(jwk);
}

/* Nemec and others, "The Return of Coppersmith's Attack" (2017), section 2: the primes are powers
 * of 65537 modulo the product of the first primes. */
static void
moduli_of_the_roca_kind(void **state)
{
	json_t *jwk = json_pack("{ss ss ss}", "kty", "RSA", "alg", "RS256", "e", "AQAB");
	BIGNUM *product = BN_new(), *base = BN_new(), *exponent = BN_new(), *rest = BN_new();
	BIGNUM *n = BN_new(), *p = BN_new(), *q = BN_new();
	BN_CTX *ctx = BN_CTX_new();

	(void)state;
	BN_one(product);
	BN_set_word(base, 65537);
	for (BN_ULONG prime = 2; prime <= 167; prime++) {
		bool is = true;

		for (BN_ULONG d = 2; d * d <= prime; d++)
			is = is && prime % d != 0;
		if (is)
			BN_mul_word(product, prime);
	}
	for (BN_ULONG a = 1000; a < 1003; a++) {
		BN_set_word(exponent, a * a);
		BN_mod_exp(rest, base, exponent, product, ctx);
		assert_true(BN_generate_prime_ex(p, 1040, 0, product, rest, NULL));
		BN_set_word(exponent, 7 * a);
		BN_mod_exp(rest, base, exponent, product, ctx);
		assert_true(BN_generate_prime_ex(q, 1040, 0, product, rest, NULL));
		BN_mul(n, p, q, ctx);
		assert_string_equal(why_not_with(jwk, "n", number(n)), weak);
		assert_true(BN_generate_prime_ex(q, 1040, 0, NULL, NULL, NULL));
		BN_mul(n, p, q, ctx); /* one such prime alone does not show, nor is it this hole */
		assert_string_equal(why_not_with(jwk, "n", number(n)), "nothing");
	}
	BN_CTX_free(ctx);
	BN_free(product);
	BN_free(base);
	BN_free(exponent);
	BN_free(rest);
	BN_free(n);
	BN_free(p);
	BN_free(q);
	json_decref(jwk);
}

static void
points_of_the_larger_curves(void **state)
{
	static const char *const names[] = { "ES384", "ES512" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		json_t *jwk = jwk_new(names[i]), *other = jwk_new(names[i]);
		const char *x = json_string_value(json_object_get(jwk, "x"));
		const char *d = json_string_value(json_object_get(other, "d"));

		assert_string_equal(why_not_with(jwk, "d", d), pair);
		assert_string_equal(why_not_with(jwk, "y", x), pair);
		assert_string_equal(why_not_with(jwk, "d", A3_D), size);
		json_object_del(jwk, "d");
		assert_string_equal(why_not_with(jwk, "y", x), point);
		assert_string_equal(why_not_with(jwk, "y", A3_Y), size);
		assert_string_equal(why_not_with(jwk, "crv", "P-256"), "crv is not that of alg");
		assert_string_equal(why_not_with(jwk, "alg", "ES256"), "crv is not that of alg");
		json_decref(jwk);
		json_decref(other);
	}
}

static void
points_of_ed25519(void **state)
{
	/* RFC 7748 and RFC 8032 call these of order 1, 2, 4 and 8; then 0, 1 and more, plus p */
	static const char *const bad[] = {
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	};
	const uint64_t on_curve =
		0xf7d91dab7fadc678; /* of y = 0, 1, ... 63, by RFC 8032 in Python */
	json_t *jwk = json_pack("{ss ss}", "kty", "OKP", "crv", "Ed25519");
	unsigned char x[32] = { 0 };
	char text[44];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		unsigned char bytes[32];

		assert_true(text_unhex(bytes, 32, bad[i], 64));
		text_base64url(text, bytes, 32);
		assert_string_equal(why_not_with(jwk, "x", text), point);
	}
	for (unsigned char y = 0; y < 64; y++)
		for (unsigned char sign = 0; sign < 2; sign++) {
			x[0] = y;
			x[31] = (unsigned char)(sign << 7);
			text_base64url(text, x, 32);
			assert_string_equal(why_not_with(jwk, "x", text),
				on_curve >> y & 1 ? "nothing" : point);
		}
	json_decref(jwk);
}

static void
rfc_8037_and_rfc_7515_a2(void **state)
{
	struct jwks *ed = keys_any("{" ED_XY ",\"d\":\"" ED_D "\"}");
	struct jwks *public = keys_any("{" ED_XY "}"), *rs = keys_of(A2_KEY);
	static const char *const bad[] = { ED_D, ED_X "AA", "", "nWGxne_9WmC6hEr0kuwsxA" };

	(void)state;
	assert_string_equal(
		craft_bytes(ed, "{\"alg\":\"EdDSA\"}", 15, "Example of Ed25519 signing"), ED_TOKEN);
	assert_true(takes(public, ED_TOKEN));
	assert_null(jwks_signer(public));
	assert_string_equal(
		jwk_kid(jwks_at(public, 0)), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
	assert_true(takes(rs, A2_TOKEN));
	for (size_t i = 1; i < 4; i++)
		assert_string_equal(
			why_not(mem_print(m, "{" ED_XY ",\"d\":\"%s\"}", bad[i]), JWS_ALL), size);
	assert_string_equal(why_not("{" ED_XY ",\"d\":\"" ED_X "\"}", JWS_ALL), pair);
	assert_string_equal(why_not("{" ED_XY ",\"d\":null}", JWS_ALL), size);
	jwks_free(ed);
	jwks_free(public);
	jwks_free(rs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_rsa_keys_are_whole),
		cmocka_unit_test(exponents_that_are_none),
		cmocka_unit_test(moduli_that_are_short_or_weak),
		cmocka_unit_test(moduli_of_the_roca_kind),
		cmocka_unit_test(points_of_the_larger_curves),
		cmocka_unit_test(points_of_ed25519),
		cmocka_unit_test(rfc_8037_and_rfc_7515_a2),
	};

	return cmocka_run_group_tests(tests, keys_up, keys_down);
}
