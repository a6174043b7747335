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

void
jwk_thumbprint(char out[44], const json_t *jwk)
{
	char *text = json_dumps(jwk, JSON_COMPACT | JSON_SORT_KEYS);
	uint8_t digest[32];

	if (text == NULL)
		mem_abort("out of memory");
	text_sha256(digest, text, strlen(text));
	text_base64url(out, digest, sizeof digest);
	OPENSSL_cleanse(text, strlen(text));
	free(text);
}

/* True if the member `key_ops`, if there is one, lists this operation. */
static bool
may(const json_t *jwk, const char *operation)
{
	const json_t *ops = json_object_get(jwk, "key_ops");

	for (size_t i = 0; i < json_array_size(ops); i++) {
		const char *op = json_string_value(json_array_get(ops, i));

		if (op != NULL && strcmp(op, operation) == 0)
			return true;
	}
	return ops == NULL;
}

/* What is wrong with the members that are no numbers; NULL if nothing is. */
static const char *
fault_of(const json_t *jwk, const struct jws_alg *alg, enum jws_algs allowed)
{
	const json_t *kid = json_object_get(jwk, "kid");

	if (alg == NULL)
		return "alg is missing or unknown";
	if (!jwk_says(jwk, "kty", alg->type->kty))
		return "kty is not that of alg";
	if (alg->curve != NULL && !jwk_says(jwk, "crv", alg->curve))
		return "crv is not that of alg";
	if (allowed == JWS_PRODUCTION && !alg->production)
		return "alg is not for use by a site";
	if (json_object_get(jwk, "use") != NULL && !jwk_says(jwk, "use", "sig"))
		return "use is not sig";
	if (!may(jwk, "verify"))
		return "key_ops lacks verify";
	if (kid != NULL && (!json_is_string(kid) || json_string_length(kid) - 1 >= KID_MAX))
		return "kid is not a text of 1 to 128 bytes";
	return NULL;
}

/* A context made ready by one of the two functions of OpenSSL that have this shape. */
static EVP_MD_CTX *
ready(int (*init)(EVP_MD_CTX *, EVP_PKEY_CTX **, const char *, OSSL_LIB_CTX *, const char *,
	      EVP_PKEY *, const OSSL_PARAM *),
	const char *digest, EVP_PKEY *pkey)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx == NULL || init(ctx, NULL, digest, NULL, NULL, pkey, NULL) != 1)
		mem_abort("OpenSSL refuses a key that it has checked");
	return ctx;
}

/* Give a key its kid, by thumbprint if it brings none, and its public half. */
static void
give_name(struct jwk *key, const json_t *jwk)
{
	const struct jwk_type *type = key->alg->type;
	const char *kid = json_string_value(json_object_get(jwk, "kid"));
	json_t *public = json_object();

	for (size_t i = 0; type->members[i] != NULL; i++)
		jwk_set(public, type->members[i],
			json_string_value(json_object_get(jwk, type->members[i])));
	jwk_thumbprint(key->kid, public);
	if (kid != NULL)
		memcpy(key->kid, kid, strlen(kid) + 1);
	if (type->symmetric) {
		json_decref(public);
		return;
	}
	jwk_set(public, "kid", key->kid);
	jwk_set(public, "alg", key->alg->name);
	jwk_set(public, "use", "sig");
	key->public = public;
}

/* Make the zeroed `key` from a JWK. Returns what is wrong with it, or NULL. */
static const char *
key_read(struct jwk *key, const json_t *jwk, enum jws_algs allowed)
{
	const char *alg = json_string_value(json_object_get(jwk, "alg")), *why;
	EVP_PKEY *pkey;
	bool private;

	key->alg = alg == NULL ? NULL : jws_alg_named(alg);
	if ((why = fault_of(jwk, key->alg, allowed)) != NULL)
		return why;
	if ((pkey = key->alg->type->read(key->alg, jwk, &why)) == NULL)
		return why;
	private = key->alg->type->symmetric || json_object_get(jwk, "d") != NULL;
	key->signs = private && may(jwk, "sign");
	if (private)
		key->signer = ready(EVP_DigestSignInit_ex, key->alg->digest, pkey);
	if (!key->alg->type->symmetric)
		key->verifier = ready(EVP_DigestVerifyInit_ex, key->alg->digest, pkey);
	EVP_PKEY_free(pkey);
	give_name(key, jwk);
	return NULL;
}

static void
key_drop(struct jwk *key)
{
	json_decref(key->public);
	EVP_MD_CTX_free(key->signer);
	EVP_MD_CTX_free(key->verifier);
}

json_t *
jwk_new(const char *name)
{
	const struct jws_alg *alg = jws_alg_named(name);
	json_t *jwk = json_object();
	struct jwk key = { 0 };

	if (alg == NULL || !alg->type->make(alg, jwk)) {
		ERR_clear_error();
		json_decref(jwk);
		return NULL;
	}
	jwk_set(jwk, "kty", alg->type->kty);
	jwk_set(jwk, "alg", alg->name);
	jwk_set(jwk, "use", "sig");
	if (key_read(&key, jwk, JWS_ALL) != NULL)
		mem_abort("a new key that cannot be read");
	jwk_set(jwk, "kid", key.kid);
	key_drop(&key);
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
		if (*why == NULL && key->alg->type->symmetric != set->keys->alg->type->symmetric)
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
	for (size_t i = 0; set != NULL && i < set->count; i++)
		key_drop(&set->keys[i]);
	free(set);
}

size_t
jwks_count(const struct jwks *set)
{
	return set->count;
}

const struct jwk *
jwks_at(const struct jwks *set, size_t i)
{
	return &set->keys[i];
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
		if (set->keys[i].public != NULL &&
			json_array_append(keys, set->keys[i].public) != 0)
			mem_abort("out of memory");
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
