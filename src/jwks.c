/* SPDX-License-Identifier: ISC */
/*
 * jwks: keys and sets of keys (RFC 7517): what they are called and what they may do. Refuses keys
 * that are vague about their algorithm, and sets in which one could be taken for another. Knows
 * nothing of files.
 */
#include "jwk.h"

#include "text.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

struct jwks {
	size_t count;
	struct jwk keys[];
};

/* True if `key_ops`, if there is one, lists this operation, and none but to sign and to verify. */
static bool
may(const json_t *jwk, const char *operation)
{
	const json_t *ops = json_object_get(jwk, "key_ops");
	size_t n = json_array_size(ops), same = 0, known = 0;

	for (size_t i = 0; i < n; i++) {
		const char *op = json_string_value(json_array_get(ops, i));

		same += op != NULL && strcmp(op, operation) == 0;
		known += op != NULL && (strcmp(op, "sign") == 0 || strcmp(op, "verify") == 0);
	}
	return ops == NULL || (same == 1 && known == n && n <= 2);
}

/* What is wrong with the members that are no numbers; NULL if nothing is. */
static const char *
fault_of(const json_t *jwk, const struct jws_alg *alg, enum jws_algs allowed)
{
	const json_t *kid = json_object_get(jwk, "kid");

	if (alg == NULL || (allowed == JWS_PRODUCTION && json_object_get(jwk, "alg") == NULL))
		return "alg is missing or unknown";
	if (!jwk_says(jwk, "kty", alg->type->kty))
		return "kty is not that of alg";
	if (alg->curve != NULL && !jwk_says(jwk, "crv", alg->curve))
		return "crv is not that of alg";
	if (allowed == JWS_PRODUCTION && !alg->production)
		return "alg is not for use by a site";
	if (json_object_get(jwk, "use") != NULL && !jwk_says(jwk, "use", "sig"))
		return "use is not sig";
	if (!may(jwk, "verify") && (allowed == JWS_PRODUCTION || !may(jwk, "sign")))
		return "key_ops is no list of sign and verify";
	if (kid != NULL && (!json_is_string(kid) || json_string_length(kid) - 1 >= KID_MAX))
		return "kid is not a text of 1 to 128 bytes";
	return NULL;
}

/* A context made ready by one of the two functions of OpenSSL that have this shape. */
static EVP_MD_CTX *
ready(int (*init)(EVP_MD_CTX *, EVP_PKEY_CTX **, const char *, OSSL_LIB_CTX *, const char *,
	      EVP_PKEY *, const OSSL_PARAM *),
	const struct jws_alg *alg, EVP_PKEY *pkey)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx == NULL || init(ctx, NULL, alg->digest, NULL, NULL, pkey, alg->params) != 1)
		mem_abort("OpenSSL refuses a key that it has checked");
	return ctx;
}

/* What makes the key this key to others, and the thumbprint of that (RFC 7638): a new reference. */
static json_t *
identity(const struct jws_alg *alg, const json_t *jwk, char thumbprint[44])
{
	json_t *half = json_pack("{ss ss*}", "kty", alg->type->kty, "crv", alg->curve);
	uint8_t digest[32];
	char *text;

	for (size_t i = 0; i < alg->type->identity; i++)
		jwk_set(half, alg->type->numbers[i].member,
			json_string_value(json_object_get(jwk, alg->type->numbers[i].member)));
	text = json_dumps(half, JSON_COMPACT | JSON_SORT_KEYS);
	text_sha256(digest, text, strlen(text));
	text_base64url(thumbprint, digest, sizeof digest);
	OPENSSL_cleanse(text, strlen(text));
	free(text);
	return half;
}

/* Give a key its kid, by thumbprint if it brings none, and its public half. */
static void
give_name(struct jwk *key, const json_t *jwk)
{
	const char *kid = json_string_value(json_object_get(jwk, "kid"));
	json_t *half = identity(key->alg, jwk, key->kid);

	if (kid != NULL)
		memcpy(key->kid, kid, strlen(kid) + 1);
	jwk_set(half, "kid", key->kid);
	jwk_set(half, "alg", key->alg->name);
	jwk_set(half, "use", "sig");
	if (key->alg->type != &jwk_oct)
		key->public = json_incref(half);
	json_decref(half);
}

/* Make the zeroed `key` from a JWK. Returns what is wrong with it, or NULL. */
static const char *
key_read(struct jwk *key, const json_t *jwk, enum jws_algs allowed)
{
	const struct jws_alg *alg = key->alg = jws_alg_of(jwk);
	const char *why = fault_of(jwk, alg, allowed);
	bool private;
	EVP_PKEY *pkey;

	if (why != NULL || (pkey = alg->type->read(alg, jwk, &why)) == NULL)
		return why;
	private = alg->type == &jwk_oct || json_object_get(jwk, "d") != NULL;
	key->signs = private && may(jwk, "sign");
	key->verifies = may(jwk, "verify");
	key->named = allowed == JWS_PRODUCTION || json_object_get(jwk, "kid") != NULL;
	key->size = alg->size != 0 ? alg->size : (size_t)EVP_PKEY_get_size(pkey);
	if (private)
		key->signer = ready(EVP_DigestSignInit_ex, alg, pkey);
	if (alg->type != &jwk_oct)
		key->verifier = ready(EVP_DigestVerifyInit_ex, alg, pkey);
	EVP_PKEY_free(pkey);
	give_name(key, jwk);
	return NULL;
}

json_t *
jwk_new(const char *name)
{
	json_t *jwk = json_pack("{ss ss}", "alg", name, "use", "sig"), *half;
	const struct jws_alg *alg = jws_alg_of(jwk);
	uint8_t random[16];
	char kid[44];

	if (alg == NULL || !text_random(random, sizeof random) || !jwk_make(alg, jwk)) {
		ERR_clear_error();
		json_decref(jwk);
		return NULL;
	}
	half = identity(alg, jwk, kid);
	if (alg->type == &jwk_oct) /* a thumbprint would tell of the secret */
		text_base64url(kid, random, sizeof random);
	jwk_set(jwk, "kid", kid);
	json_object_update_missing(jwk, half); /* kty, crv */
	json_decref(half);
	return jwk;
}

struct jwks *
jwks_read(const char *json, size_t length, enum jws_algs allowed, const char **why)
{
	json_t *all = json_loadb(json, length, JSON_REJECT_DUPLICATES, NULL);
	const json_t *list = json_object_get(all, "keys");
	size_t n = list == NULL ? 1 : json_array_size(list);
	struct jwks *set = calloc(1, sizeof *set + n * sizeof *set->keys);

	if (set == NULL)
		mem_abort("out of memory");
	*why = all == NULL ? "not JSON" : n == 0 ? "a set without keys" : NULL;
	while (*why == NULL && set->count < n) {
		struct jwk *key = &set->keys[set->count];

		*why = key_read(
			key, list == NULL ? all : json_array_get(list, set->count), allowed);
		if (*why == NULL && jwks_find(set, key->kid) != NULL)
			*why = "two keys have the same kid";
		if (*why == NULL &&
			(key->alg->type == &jwk_oct) != (set->keys->alg->type == &jwk_oct))
			*why = "HMAC and public keys in one set";
		set->count++;
	}
	json_decref(all);
	if (*why == NULL)
		return set;
	ERR_clear_error();
	jwks_free(set);
	return NULL;
}

void
jwks_free(struct jwks *set)
{
	for (size_t i = 0; set != NULL && i < set->count; i++) {
		json_decref(set->keys[i].public);
		EVP_MD_CTX_free(set->keys[i].signer);
		EVP_MD_CTX_free(set->keys[i].verifier);
	}
	free(set);
}

const struct jwk *
jwks_at(const struct jwks *set, size_t i)
{
	return i < set->count ? &set->keys[i] : NULL;
}

const struct jwk *
jwks_find(const struct jwks *set, const char *kid)
{
	for (size_t i = 0; kid != NULL && i < set->count; i++)
		if (strcmp(set->keys[i].kid, kid) == 0)
			return &set->keys[i];
	return NULL;
}

const struct jwk *
jwks_signer(const struct jwks *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->keys[i].signs)
			return &set->keys[i];
	return NULL;
}

json_t *
jwks_public(const struct jwks *set)
{
	json_t *keys = json_array();

	for (size_t i = 0; i < set->count; i++)
		if (set->keys[i].public != NULL)
			json_array_append(keys, set->keys[i].public);
	return json_pack("{so}", "keys", keys);
}

const char *
jwk_kid(const struct jwk *key)
{
	return key->kid;
}

const char *
jwk_alg(const struct jwk *key)
{
	return key->alg->name;
}
