/* SPDX-License-Identifier: ISC */
/* jws: each algorithm against each key, the vectors of RFC 7515 and RFC 8037, and signatures that
 * come near: another padding, salt, mask or length, and numbers at the edge. */
#include "jws_help.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

static const char *const names[] = { "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256",
	"PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA" };

enum {
	ALGS = sizeof names / sizeof *names,
	FIRST_ES = 9,
};

static struct jwks *sets[ALGS];

static int
up(void **state)
{
	keys_up(state);
	for (size_t i = 0; i < ALGS; i++) {
		json_t *jwk = jwk_new(names[i]);
		char *text = json_dumps(jwk, 0);

		sets[i] = keys_any(text);
		free(text);
		json_decref(jwk);
	}
	return 0;
}

static int
down(void **state)
{
	for (size_t i = 0; i < ALGS; i++)
		jwks_free(sets[i]);
	return keys_down(state);
}

static void
J3_only_the_algorithm_of_the_key(void **state)
{
	(void)state;
	for (size_t signer = 0; signer < ALGS; signer++)
		for (size_t owner = 0; owner < ALGS; owner++) {
			const char *kid = jwk_kid(jwks_at(sets[owner], 0));

			for (size_t alg = 0; alg < ALGS; alg++)
				assert_int_equal(signer == owner && alg == owner,
					takes(sets[owner],
						craft(sets[signer],
							mem_print(m,
								"{\"alg\":\"%s\",\"kid\":\"%s\"}",
								names[alg], kid))));
		}
}

/* The same RSA key under each of its six algorithms: the numbers fit, the binding does not. */
static void
J3_one_modulus_under_other_algorithms(void **state)
{
	json_t *jwk = jwk_new("RS256");
	struct jwks *same[6];
	char *text;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		jwk_set(jwk, "alg", names[3 + i]);
		jwk_set(jwk, "kid", "one");
		text = json_dumps(jwk, 0);
		same[i] = keys_any(text);
		free(text);
	}
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < 6; j++)
			for (size_t alg = 3; alg < 9; alg++)
				assert_int_equal(i == j && alg == 3 + i,
					takes(same[i],
						craft(same[j],
							mem_print(m, "{\"alg\":\"%s\"}",
								names[alg]))));
	for (size_t i = 0; i < 6; i++)
		jwks_free(same[i]);
	json_decref(jwk);
}

/* The token with other bytes for a signature. */
static char *
resigned(const char *token, const unsigned char *sig, size_t size)
{
	size_t n = (size_t)(strrchr(token, '.') + 1 - token);
	char *other = mem_get(m, n + text_base64url_size(size));

	memcpy(other, token, n);
	text_base64url(other + n, sig, size);
	return other;
}

static void
J6_signatures_of_each_algorithm_mangled(void **state)
{
	(void)state;
	for (size_t i = 0; i < ALGS; i++) {
		const struct jwk *key = jwks_at(sets[i], 0);
		char *token = jws_sign(m, key, NULL, PAYLOAD, strlen(PAYLOAD));
		unsigned char sig[SIGNATURE_MAX + 2] = { 0 };
		const char *last = strrchr(token, '.') + 1;
		ssize_t n = text_unbase64url(sig, last, strlen(last));

		assert_int_equal(n, key->size);
		assert_true(takes(sets[i], resigned(token, sig, (size_t)n)));
		for (ssize_t cut = 0; cut < n; cut++)
			assert_false(takes(sets[i], resigned(token, sig, (size_t)cut)));
		assert_false(takes(sets[i], resigned(token, sig, (size_t)n + 1)));
		assert_false(takes(sets[i], resigned(token, sig, (size_t)n + 2)));
		for (ssize_t bit = 0; bit < 8 * n; bit += i < 3 ? 1 : 37) {
			sig[bit / 8] ^= (unsigned char)(1 << bit % 8);
			assert_false(takes(sets[i], resigned(token, sig, (size_t)n)));
			sig[bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
		memmove(sig + 1, sig, (size_t)n); /* a zero before it is no other spelling */
		sig[0] = 0;
		assert_false(takes(sets[i], resigned(token, sig, (size_t)n + 1)));
		assert_false(takes(
			sets[i], resigned(token, (unsigned char[SIGNATURE_MAX]){ 0 }, (size_t)n)));
		assert_false(takes(sets[i], mem_print(m, "%s=", token)));
		assert_false(takes(sets[i], mem_print(m, "%s==", token)));
		assert_false(takes(sets[i], mem_print(m, "%.*s.", (int)(last - token), token)));
	}
}

/* Orders of the three curves (SEC 2), and what is beside them: each is tried as r and as s. */
static void
J7_numbers_of_ecdsa_at_the_edge(void **state)
{
	static const char *const orders[] = {
		"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
		"ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf"
		"581a0db248b0a77aecec196accc52973",
		"01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa"
		"51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
	};

	(void)state;
	for (size_t c = 0; c < 3; c++) {
		const struct jwks *set = sets[FIRST_ES + c];
		const char *token = jws_sign(m, jwks_at(set, 0), NULL, "{}", 2);
		unsigned char good[132], sig[132], edge[5][66] = { { 0 } };
		const char *last = strrchr(token, '.') + 1;
		size_t half = jwks_at(set, 0)->size / 2;

		text_unbase64url(good, last, strlen(last));
		edge[1][half - 1] = 1;
		for (size_t i = 2; i < 5; i++)
			assert_true(text_unhex(edge[i], half, orders[c], 2 * half));
		edge[3][half - 1]--;
		edge[4][half - 1]++;
		for (size_t r = 0; r < 6; r++)
			for (size_t s = 0; s < 6; s++) {
				memcpy(sig, r < 5 ? edge[r] : good, half);
				memcpy(sig + half, s < 5 ? edge[s] : good + half, half);
				assert_int_equal(r == 5 && s == 5,
					takes(set, resigned(token, sig, 2 * half)));
			}
	}
}

/* RFC 8032 section 5.1.7: S is below the order of the group, so no signature has a second one. */
static void
J7_eddsa_number_beyond_the_order(void **state)
{
	static const char order[] =
		"edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
	const struct jwks *set = sets[ALGS - 1];
	const char *token = jws_sign(m, jwks_at(set, 0), NULL, "{}", 2);
	const char *last = strrchr(token, '.') + 1;
	unsigned char sig[64], add[32];

	(void)state;
	assert_int_equal(text_unbase64url(sig, last, strlen(last)), 64);
	assert_true(text_unhex(add, 32, order, 64));
	for (unsigned times = 0; times < 8; times++) {
		assert_int_equal(times == 0, takes(set, resigned(token, sig, 64)));
		for (unsigned i = 0, carry = 0; i < 32; i++) {
			carry += (unsigned)sig[32 + i] + add[i];
			sig[32 + i] = (unsigned char)carry;
			carry >>= 8;
		}
	}
}

/* As craft(), signed by the same key in another way of OpenSSL. */
static char *
craft_by(const struct jwks *set, const char *digest, const OSSL_PARAM *params)
{
	struct jwk key = *jwks_at(set, 0);
	EVP_PKEY *pkey = EVP_PKEY_CTX_get0_pkey(EVP_MD_CTX_get_pkey_ctx(key.signer));
	char *token = craft(set, mem_print(m, "{\"alg\":\"%s\"}", jwk_alg(&key)));
	unsigned char sig[SIGNATURE_MAX];
	size_t size = sizeof sig;

	key.signer = EVP_MD_CTX_new();
	assert_int_equal(
		EVP_DigestSignInit_ex(key.signer, NULL, digest, NULL, NULL, pkey, params), 1);
	assert_true(key.alg->sign(&key, token, (size_t)(strrchr(token, '.') - token), sig, &size));
	EVP_MD_CTX_free(key.signer);
	return resigned(token, sig, size);
}

static void
pss_with_another_salt_or_mask(void **state)
{
	static const struct {
		char salt[8], mask[8];
		int good; /* for which of PS256, PS384, PS512 */
	} cases[] = { { "32", "SHA256", 0 }, { "48", "SHA384", 1 }, { "64", "SHA512", 2 },
		{ "0", "SHA256", -1 }, { "20", "SHA256", -1 }, { "31", "SHA256", -1 },
		{ "33", "SHA256", -1 }, { "max", "SHA256", -1 }, { "32", "SHA1", -1 },
		{ "32", "SHA384", -1 }, { "32", "SHA512", -1 }, { "48", "SHA256", -1 },
		{ "64", "SHA256", -1 } };
	static const char *const digests[] = { "SHA256", "SHA384", "SHA512" };

	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
		for (int i = 0; i < 3; i++) {
			const OSSL_PARAM params[] = {
				OSSL_PARAM_construct_utf8_string(
					OSSL_SIGNATURE_PARAM_PAD_MODE, (char[]){ "pss" }, 0),
				OSSL_PARAM_construct_utf8_string(
					OSSL_SIGNATURE_PARAM_PSS_SALTLEN, (char *)cases[c].salt, 0),
				OSSL_PARAM_construct_utf8_string(
					OSSL_SIGNATURE_PARAM_MGF1_DIGEST, (char *)cases[c].mask, 0),
				OSSL_PARAM_construct_end(),
			};

			assert_int_equal(cases[c].good == i,
				takes(sets[6 + i], craft_by(sets[6 + i], digests[i], params)));
		}
}

static void
the_digest_is_that_of_the_algorithm(void **state)
{
	static const char *const digests[] = { "SHA1", "SHA224", "SHA256", "SHA384", "SHA512",
		"SHA512-256", "SHA3-256" };

	(void)state;
	for (size_t d = 0; d < sizeof digests / sizeof *digests; d++)
		for (size_t i = 0; i < ALGS - 1; i++) {
			const struct jws_alg *alg = jwks_at(sets[i], 0)->alg;

			assert_int_equal(strcmp(alg->digest, digests[d]) == 0,
				takes(sets[i], craft_by(sets[i], digests[d], alg->params)));
		}
}

/* A signature over this block, which begins with 00 and fills the modulus. */
static char *
raw_rsa(const struct jwks *set, const char *token, const unsigned char *block)
{
	const struct jwk *key = jwks_at(set, 0);
	EVP_PKEY *pkey = EVP_PKEY_CTX_get0_pkey(EVP_MD_CTX_get_pkey_ctx(key->signer));
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	unsigned char sig[SIGNATURE_MAX];
	size_t size = sizeof sig;

	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, sig, &size, block, key->size), 1);
	EVP_PKEY_CTX_free(ctx);
	return resigned(token, sig, size);
}

/* RFC 8017 section 9.2: 00 01 FF...FF 00 and the digest with its name; all else is refused. */
static void
rsa_with_another_padding(void **state)
{
	static const unsigned char full[] = "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04"
					    "\x02\x01\x05\x00\x04\x20",
				   bare[] = "\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04"
					    "\x02\x01\x04\x20",
				   sha512[] = "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04"
					      "\x02\x03\x05\x00\x04\x20",
				   longer[] = "\x30\x81\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03"
					      "\x04\x02\x01\x05\x00\x04\x20";
	static const struct {
		const unsigned char *name;
		size_t size, behind; /* bytes of rubbish behind the digest */
		unsigned char type, fill;
		bool good;
	} cases[] = { { full, sizeof full - 1, 0, 1, 0xff, true },
		{ bare, sizeof bare - 1, 0, 1, 0xff, false },
		{ sha512, sizeof sha512 - 1, 0, 1, 0xff, false },
		{ longer, sizeof longer - 1, 0, 1, 0xff, false }, { full, 0, 0, 1, 0xff, false },
		{ full, sizeof full - 1, 1, 1, 0xff, false },
		{ full, sizeof full - 1, 190, 1, 0xff, false },
		{ full, sizeof full - 1, 0, 2, 0xff, false },
		{ full, sizeof full - 1, 0, 0, 0, false },
		{ full, sizeof full - 1, 0, 1, 0xfe, false },
		{ full, sizeof full - 1, 0, 1, 0, false } };
	const struct jwks *set = sets[3];
	char *token = craft(set, "{\"alg\":\"RS256\"}");
	size_t size = jwks_at(set, 0)->size;

	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		unsigned char block[SIGNATURE_MAX] = { 0, cases[c].type };
		size_t digest = size - 32 - cases[c].behind, name = digest - cases[c].size;

		memset(block + 2, cases[c].fill, name - 3);
		memcpy(block + name, cases[c].name, cases[c].size);
		text_sha256(block + digest, token, (size_t)(strrchr(token, '.') - token));
		memset(block + digest + 32, 0xaa, cases[c].behind);
		assert_int_equal(cases[c].good, takes(set, raw_rsa(set, token, block)));
	}
}

static void
payloads_may_be_empty_or_no_json(void **state)
{
	static const char *const payloads[] = { "", "{", "\xff", "text" };

	(void)state;
	for (size_t i = 0; i < ALGS; i++)
		for (size_t p = 0; p < 4; p++) {
			const char *back = NULL, *in = payloads[p],
				   *token = jws_sign(m, jwks_at(sets[i], 0), NULL, in, strlen(in));
			size_t n = 9;

			assert_true(jws_verify(
				m, jwks_at(sets[i], 0), NULL, token, strlen(token), &back, &n));
			assert_int_equal(n, strlen(in));
			assert_string_equal(back, in);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(J3_only_the_algorithm_of_the_key),
		cmocka_unit_test(J3_one_modulus_under_other_algorithms),
		cmocka_unit_test(J6_signatures_of_each_algorithm_mangled),
		cmocka_unit_test(J7_numbers_of_ecdsa_at_the_edge),
		cmocka_unit_test(J7_eddsa_number_beyond_the_order),
		cmocka_unit_test(pss_with_another_salt_or_mask),
		cmocka_unit_test(the_digest_is_that_of_the_algorithm),
		cmocka_unit_test(rsa_with_another_padding),
		cmocka_unit_test(payloads_may_be_empty_or_no_json),
	};

	return cmocka_run_group_tests(tests, up, down);
}
