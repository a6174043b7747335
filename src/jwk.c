/* SPDX-License-Identifier: ISC */
/*
 * jwk: the numbers of a key, by type (RFC 7518 section 6, RFC 8037). Owns what differs between the
 * types, and refuses numbers that are too few, too short, or no key at all. Knows nothing of names
 * and rules of use; writes a private part only of a new key.
 */
#include "jwk.h"

#include "text.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <string.h>

enum {
	COORDINATE_MAX = 66, /* bytes: P-521 */
	RSA_LEAST = 256,     /* bytes of the modulus */
};

bool
jwk_says(const json_t *object, const char *name, const char *text)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value != NULL && strcmp(value, text) == 0;
}

void
jwk_set(json_t *jwk, const char *name, const char *text)
{
	json_object_set_new(jwk, name, json_string(text));
}

/* The number of bytes of a base64url member; 0 if it has none, more than `most`, or is broken. */
static size_t
bytes_of(const json_t *jwk, const char *name, unsigned char *out, size_t most)
{
	const json_t *text = json_object_get(jwk, name);
	size_t length = json_string_length(text);
	ssize_t n =
		length * 3 / 4 > most ? 0 : text_unbase64url(out, json_string_value(text), length);

	return n < 0 ? 0 : (size_t)n;
}

static EVP_PKEY *
oct_read(const struct jws_alg *alg, const json_t *jwk, const char **why)
{
	unsigned char k[NUMBER_MAX];
	size_t n = bytes_of(jwk, "k", k, sizeof k);
	EVP_PKEY *pkey = NULL;

	*why = n == 0 ? "k is missing, not base64url, or longer than 1024 bytes"
		      : "k is shorter than the digest of alg";
	if (n >= alg->size)
		pkey = EVP_PKEY_new_raw_private_key_ex(NULL, "HMAC", NULL, k, n);
	OPENSSL_cleanse(k, sizeof k);
	return pkey;
}

/* The key that these parameters make, if it passes the check; else NULL. */
static EVP_PKEY *
pkey_from(const char *type, OSSL_PARAM *params, int (*check)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, type, NULL), *checker = NULL;
	EVP_PKEY *pkey = NULL;

	if (EVP_PKEY_fromdata_init(maker) == 1 &&
		EVP_PKEY_fromdata(maker, &pkey, EVP_PKEY_KEYPAIR, params) == 1)
		checker = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	if (checker == NULL || check(checker) != 1) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	EVP_PKEY_CTX_free(checker);
	EVP_PKEY_CTX_free(maker);
	return pkey;
}

/* Of what can fail for want of memory alone, such as a calculation. */
static void
must(bool done)
{
	if (!done)
		mem_abort("out of memory");
}

/* A big-endian number as OpenSSL wants it, which is the machine's byte order, in place. */
static OSSL_PARAM
native(const char *param, unsigned char *bytes, size_t length)
{
	BIGNUM *number = BN_bin2bn(bytes, (int)length, NULL);

	must(number != NULL);
	BN_bn2nativepad(number, bytes, (int)length);
	BN_clear_free(number);
	return OSSL_PARAM_construct_BN(param, bytes, length);
}

/*
 * True if n is what the library of CVE-2017-15361 ("ROCA") made, so that its factors can be found:
 * modulo each of these primes it is a power of 65537. Of other numbers, one in 2^28 is.
 */
static bool
roca(const unsigned char *n, size_t size)
{
	static const unsigned char primes[] = { 11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103,
		107, 109, 127, 151, 157 };

	for (size_t i = 0; i < sizeof primes; i++) {
		unsigned left = 0, power = 1;

		for (size_t at = 0; at < size; at++)
			left = (left << 8 | n[at]) % primes[i];
		do
			power = power * 65537 % primes[i];
		while (power != left && power != 1);
		if (power != left)
			return false;
	}
	return true;
}

static EVP_PKEY *
rsa_read(const struct jws_alg *alg, const json_t *jwk, const char **why)
{
	unsigned char bytes[NUMBERS_MAX][NUMBER_MAX], *n = bytes[0];
	bool private = json_object_get(jwk, "d") != NULL;
	size_t count = private ? NUMBERS_MAX : alg->type->identity;
	OSSL_PARAM params[NUMBERS_MAX + 1];
	EVP_PKEY *pkey = NULL;

	*why = NULL;
	for (size_t i = 0; i < count && *why == NULL; i++) {
		const struct number *number = &alg->type->numbers[i];
		size_t size = bytes_of(jwk, number->member, bytes[i], NUMBER_MAX);

		if (size == 0 || bytes[i][0] == 0)
			*why = "n or e, or beside d one of p q dp dq qi, is missing or no number";
		else if (i == 0 && (size < RSA_LEAST || (size == RSA_LEAST && n[0] < 0x80)))
			*why = "n has less than 2048 bits";
		else if (i == 0 && roca(n, size))
			*why = "n can be factored (ROCA)";
		params[i] = native(number->param, bytes[i], size);
		params[i + 1] = OSSL_PARAM_construct_end();
	}
	if (*why == NULL) {
		*why = "the numbers are no RSA key";
		pkey = pkey_from("RSA", params, private ? EVP_PKEY_check : EVP_PKEY_public_check);
	}
	OPENSSL_cleanse(bytes, sizeof bytes);
	return pkey;
}

/*
 * True if these bytes are a point of Ed25519 in its one spelling, and not of small order; OpenSSL
 * takes any. With yy = y^2, x^2 is -u / v (RFC 8032 section 5.1.3, numbers times 121666, and -1 is
 * a square). Of small order, so that anybody can sign, is what has x = 0, y = 0 or x^2 + y^2 = 0.
 */
static bool
okp_point(const unsigned char *x, size_t length)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *p, *y, *yy, *u, *v, *uv;
	bool good;

	must(ctx != NULL);
	BN_CTX_start(ctx);
	p = BN_CTX_get(ctx), y = BN_CTX_get(ctx), yy = BN_CTX_get(ctx);
	u = BN_CTX_get(ctx), v = BN_CTX_get(ctx), uv = BN_CTX_get(ctx);
	must(uv != NULL);
	must(BN_set_bit(p, 255));
	must(BN_sub_word(p, 19));
	must(BN_lebin2bn(x, (int)length, y) != NULL);
	if (BN_is_bit_set(y, 255)) /* the sign of x */
		BN_clear_bit(y, 255);
	good = BN_cmp(y, p) < 0 && !BN_is_zero(y);
	must(BN_sqr(yy, y, ctx));
	must(BN_copy(u, yy) != NULL);
	must(BN_sub_word(u, 1));
	must(BN_mul_word(u, 121666));
	must(BN_copy(v, yy) != NULL);
	must(BN_mul_word(v, 121665));
	must(BN_sub_word(v, 121666));
	must(BN_mod_mul(uv, u, v, p, ctx));
	must(BN_mod_mul(v, v, yy, p, ctx));
	must(BN_mod_sub(v, v, u, p, ctx));
	good = good && BN_kronecker(uv, p, ctx) == 1 && !BN_is_zero(v);
	BN_CTX_free(ctx);
	return good;
}

static EVP_PKEY *
curve_read(const struct jws_alg *alg, const json_t *jwk, const char **why)
{
	unsigned char point[1 + 2 * COORDINATE_MAX] = { POINT_CONVERSION_UNCOMPRESSED };
	unsigned char *x = point + 1, d[COORDINATE_MAX];
	size_t half = alg->size / 2;
	bool flat = alg->type == &jwk_okp, private = json_object_get(jwk, "d") != NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)alg->curve, 0),
		OSSL_PARAM_construct_octet_string(
			OSSL_PKEY_PARAM_PUB_KEY, flat ? x : point, flat ? half : 1 + 2 * half),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, d, half),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY *pkey;

	*why = "x, y or d is missing, not base64url, or not of the curve's size";
	if (bytes_of(jwk, "x", x, half) != half ||
		(!flat && bytes_of(jwk, "y", x + half, half) != half) ||
		(private && bytes_of(jwk, "d", d, half) != half))
		return NULL;
	*why = private ? "x and y are no point of the curve, or d does not belong to it"
		       : "x and y are no point of the curve";
	if (flat && !okp_point(x, half))
		return NULL;
	if (!private)
		params[2] = OSSL_PARAM_construct_end();
	else if (!flat)
		params[2] = native(OSSL_PKEY_PARAM_PRIV_KEY, d, half);
	pkey = pkey_from(
		flat ? alg->curve : "EC", params, private ? EVP_PKEY_check : EVP_PKEY_public_check);
	OPENSSL_cleanse(d, sizeof d);
	return pkey;
}

const struct jwk_type jwk_oct = { "oct", 1, { { "k", NULL } }, oct_read };

const struct jwk_type jwk_rsa = { "RSA", 2,
	{ { "n", OSSL_PKEY_PARAM_RSA_N }, { "e", OSSL_PKEY_PARAM_RSA_E },
		{ "d", OSSL_PKEY_PARAM_RSA_D }, { "p", OSSL_PKEY_PARAM_RSA_FACTOR1 },
		{ "q", OSSL_PKEY_PARAM_RSA_FACTOR2 }, { "dp", OSSL_PKEY_PARAM_RSA_EXPONENT1 },
		{ "dq", OSSL_PKEY_PARAM_RSA_EXPONENT2 },
		{ "qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1 } },
	rsa_read };

const struct jwk_type jwk_ec = { "EC", 2,
	{ { "x", OSSL_PKEY_PARAM_EC_PUB_X }, { "y", OSSL_PKEY_PARAM_EC_PUB_Y },
		{ "d", OSSL_PKEY_PARAM_PRIV_KEY } },
	curve_read };

const struct jwk_type jwk_okp = { "OKP", 1,
	{ { "x", OSSL_PKEY_PARAM_PUB_KEY }, { "d", OSSL_PKEY_PARAM_PRIV_KEY } }, curve_read };

/* The bytes of one number of a new key; their number, or 0. */
static size_t
number_of(EVP_PKEY *pkey, const struct jws_alg *alg, const char *param, unsigned char *out)
{
	BIGNUM *number = NULL;
	size_t n = 0;

	if (alg->type == &jwk_okp)
		EVP_PKEY_get_octet_string_param(pkey, param, out, NUMBER_MAX, &n);
	else if (EVP_PKEY_get_bn_param(pkey, param, &number) == 1)
		n = alg->size > 0 ? alg->size / 2 : (size_t)BN_num_bytes(number);
	if (number != NULL)
		BN_bn2binpad(number, out, (int)n);
	BN_clear_free(number);
	return n;
}

bool
jwk_make(const struct jws_alg *alg, json_t *jwk)
{
	const struct jwk_type *type = alg->type;
	char text[text_base64url_size(NUMBER_MAX)];
	unsigned char bytes[NUMBER_MAX];
	size_t n = type == &jwk_oct && text_random(bytes, alg->size) ? alg->size : 0;
	EVP_PKEY *pkey = NULL;

	if (type == &jwk_rsa)
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)RSA_LEAST * 8);
	else if (type != &jwk_oct)
		pkey = EVP_PKEY_Q_keygen(
			NULL, NULL, type == &jwk_ec ? "EC" : alg->curve, alg->curve);
	for (const struct number *at = type->numbers; at->member != NULL; at++) {
		if (pkey != NULL)
			n = number_of(pkey, alg, at->param, bytes);
		if (n == 0)
			break;
		text_base64url(text, bytes, n);
		jwk_set(jwk, at->member, text);
	}
	OPENSSL_cleanse(bytes, sizeof bytes);
	OPENSSL_cleanse(text, sizeof text);
	EVP_PKEY_free(pkey);
	return n > 0;
}
