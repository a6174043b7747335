/* SPDX-License-Identifier: ISC */
/*
 * jwk: the numbers of a key, by type (RFC 7518 section 6). Owns what differs between the types, and
 * refuses numbers that are too few, too short, or no key at all. Knows nothing of names and rules
 * of use; writes a private part only when it makes one.
 */
#include "jwk.h"

#include "text.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <string.h>

enum {
	BYTES_MAX = 1024,    /* of a decoded member */
	COORDINATE_MAX = 66, /* P-521 */
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
	if (json_object_set_new(jwk, name, json_string(text)) != 0)
		mem_abort("out of memory");
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

static void
set_bytes(json_t *jwk, const char *name, const unsigned char *bytes, size_t length)
{
	char text[text_base64url_size(BYTES_MAX)];

	text_base64url(text, bytes, length);
	jwk_set(jwk, name, text);
	OPENSSL_cleanse(text, sizeof text);
}

static EVP_PKEY *
oct_read(const struct jws_alg *alg, const json_t *jwk, const char **why)
{
	unsigned char k[BYTES_MAX];
	size_t n = bytes_of(jwk, "k", k, sizeof k);
	EVP_PKEY *pkey = NULL;

	*why = n == 0 ? "k is missing, not base64url, or longer than 1024 bytes"
		      : "k is shorter than the digest of alg";
	if (n >= alg->size)
		pkey = EVP_PKEY_new_raw_private_key_ex(NULL, "HMAC", NULL, k, n);
	OPENSSL_cleanse(k, sizeof k);
	return pkey;
}

static bool
oct_make(const struct jws_alg *alg, json_t *jwk)
{
	unsigned char kid[16], k[EVP_MAX_MD_SIZE];

	if (!text_random(kid, sizeof kid) || !text_random(k, alg->size))
		return false;
	set_bytes(jwk, "kid", kid, sizeof kid); /* tells nothing of the secret */
	set_bytes(jwk, "k", k, alg->size);
	OPENSSL_cleanse(k, sizeof k);
	return true;
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

/* Turn a big-endian number into the machine's byte order, which OSSL_PARAM wants. */
static void
to_native(unsigned char *bytes, size_t length)
{
	BIGNUM *number = BN_bin2bn(bytes, (int)length, NULL);

	if (number == NULL || BN_bn2nativepad(number, bytes, (int)length) < 0)
		mem_abort("out of memory");
	BN_clear_free(number);
}

static EVP_PKEY *
ec_read(const struct jws_alg *alg, const json_t *jwk, const char **why)
{
	unsigned char point[1 + 2 * COORDINATE_MAX] = { POINT_CONVERSION_UNCOMPRESSED };
	unsigned char d[COORDINATE_MAX];
	size_t half = alg->size / 2;
	bool private = json_object_get(jwk, "d") != NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)alg->curve, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * half),
		OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, d, half),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY *pkey;

	*why = "x, y or d is missing, not base64url, or not of the curve's size";
	if (bytes_of(jwk, "x", point + 1, half) != half ||
		bytes_of(jwk, "y", point + 1 + half, half) != half ||
		(private && bytes_of(jwk, "d", d, half) != half))
		return NULL;
	*why = "x and y are no point of the curve";
	if (!private) {
		params[2] = OSSL_PARAM_construct_end();
		return pkey_from("EC", params, EVP_PKEY_public_check);
	}
	*why = "x and y are no point of the curve, or d does not belong to it";
	to_native(d, half);
	pkey = pkey_from("EC", params, EVP_PKEY_check);
	OPENSSL_cleanse(d, sizeof d);
	return pkey;
}

static bool
ec_make(const struct jws_alg *alg, json_t *jwk)
{
	unsigned char point[1 + 2 * COORDINATE_MAX], d[COORDINATE_MAX];
	size_t half = alg->size / 2;
	EVP_PKEY *pkey = EVP_EC_gen(alg->curve);
	BIGNUM *number = NULL;
	bool good = pkey != NULL &&
		EVP_PKEY_get_octet_string_param(
			pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, NULL) == 1 &&
		EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1 &&
		BN_bn2binpad(number, d, (int)half) == (int)half;

	if (good) {
		jwk_set(jwk, "crv", alg->curve);
		set_bytes(jwk, "x", point + 1, half);
		set_bytes(jwk, "y", point + 1 + half, half);
		set_bytes(jwk, "d", d, half);
		OPENSSL_cleanse(d, sizeof d);
	}
	BN_clear_free(number);
	EVP_PKEY_free(pkey);
	return good;
}

const struct jwk_type jwk_oct = { "oct", true, { "kty", "k" }, oct_read, oct_make };
const struct jwk_type jwk_ec = { "EC", false, { "kty", "crv", "x", "y" }, ec_read, ec_make };
