/* SPDX-License-Identifier: ISC */
#pragma once

#include "jws.h"

#include <openssl/evp.h>

/* The inside of keys and algorithms: for jws.c, jwk.c, jwks.c and their tests alone. */

enum {
	SIGNATURE_MAX = 1024, /* bytes: RSA of 8192 bits */
	KID_MAX = 128,        /* bytes */
};

struct jws_alg;

enum {
	NUMBERS_MAX = 8,   /* of a private RSA key */
	NUMBER_MAX = 1024, /* bytes */
};

/* A type of key, JOSE's kty. */
struct jwk_type {
	const char *kty;
	size_t identity; /* how many of the numbers are the key to others (RFC 7638) */
	struct number {
		const char *member, *param; /* in a JWK, and in OpenSSL */
	} numbers[NUMBERS_MAX + 1];
	EVP_PKEY *(*read)(const struct jws_alg *alg, const json_t *jwk, const char **why);
};

extern const struct jwk_type jwk_oct, jwk_rsa, jwk_ec, jwk_okp;

/* One signature algorithm of RFC 7518 or RFC 8037: a row of the table in jws.c. */
struct jws_alg {
	const char *name;
	const struct jwk_type *type;
	const char *curve;        /* the JWK's crv, or NULL */
	const char *digest;       /* OpenSSL's name for it, or NULL */
	const OSSL_PARAM *params; /* what else OpenSSL must know, or NULL */
	size_t size; /* bytes of a signature, 0: of the modulus; of an HMAC, also the least key */
	bool (*sign)(
		const struct jwk *key, const char *in, size_t n, unsigned char *out, size_t *size);
	bool (*verify)(const struct jwk *key, const char *in, size_t n, const unsigned char *sig,
		size_t size);
	bool production; /* a site may use it */
};

/* A key. Its contexts are made once, and copied for each signature. */
struct jwk {
	const struct jws_alg *alg;
	char kid[KID_MAX + 1];
	bool named;           /* goes by this kid alone; else a token may call it what it likes */
	bool signs, verifies; /* may do so, and to sign has a private part */
	size_t size;          /* bytes of a signature */
	json_t *public;       /* the public half as a JWK; NULL for a symmetric key */
	EVP_MD_CTX *signer;   /* blank without a private part */
	EVP_MD_CTX *verifier; /* blank for a symmetric key, which signs again and compares */
};

/* The row that a JWK's alg names, or that its kty and crv imply where it has none; or NULL. */
const struct jws_alg *jws_alg_of(const json_t *jwk);

/* True if the member `name` of an object is exactly this text. */
bool jwk_says(const json_t *object, const char *name, const char *text);

/* Give the JWK of a new key its numbers. False if OpenSSL fails, or there is no randomness. */
bool jwk_make(const struct jws_alg *alg, json_t *jwk);

/* Set a member to a text. */
void jwk_set(json_t *jwk, const char *name, const char *text);
