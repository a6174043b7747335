/* SPDX-License-Identifier: ISC */
/* fuzz_jwk: keys. A set that is taken signs and verifies, and tells no secret in its public half.
 */
#include "fuzz_keys.h"

/* OpenSSL tries an RSA modulus by random numbers: one with a small factor passes now and then. */
static bool
chance(const void *text, size_t size)
{
	return size > 0 && memmem(text, size, "RSA", 3) != NULL;
}

static void
public_holds(const struct jwks *set)
{
	json_t *public = jwks_public(set), *key;
	char *text = json_dumps(public, JSON_COMPACT);
	const char *why = NULL;
	struct jwks *again = jwks_read(text, strlen(text), JWS_ALL, &why);
	size_t i;

	if (again == NULL && chance(text, strlen(text)))
		json_array_clear(json_object_get(public, "keys"));
	json_array_foreach(json_object_get(public, "keys"), i, key)
	{
		HOLDS(json_object_get(key, "d") == NULL && json_object_get(key, "k") == NULL);
		HOLDS(strcmp(jwk_kid(jwks_at(again, i)), jwk_kid(jwks_at(set, i))) == 0);
	}
	HOLDS(i == 0 ? again == NULL : again != NULL && jwks_at(again, i) == NULL);
	HOLDS(again == NULL || jwks_signer(again) == NULL);
	jwks_free(again);
	free(text);
	json_decref(public);
}

static void
signer_holds(struct mem *m, const struct jwks *set)
{
	const struct jwk *signer = jwks_signer(set);
	const char *payload = "",
		   *token = signer == NULL ? NULL : jws_sign(m, signer, "JWT", "{}", 2);
	size_t n = 0;

	if (token == NULL)
		return;
	HOLDS(jws_verify(m, signer, "jwt", token, strlen(token), &payload, &n));
	HOLDS(jws_verify_set(m, set, NULL, token, strlen(token), &payload, &n));
	HOLDS(n == 2 && strcmp(payload, "{}") == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = NULL, *same = NULL;
	struct jwks *set = jwks_read((const char *)data, size, JWS_ALL, &why);
	struct jwks *site = jwks_read((const char *)data, size, JWS_PRODUCTION, &same);

	HOLDS((set == NULL) == (why != NULL) && (site == NULL) == (same != NULL));
	HOLDS(set != NULL || site == NULL || chance(data, size));
	if (set != NULL) {
		HOLDS(jwks_at(set, 0) != NULL);
		for (size_t i = 0; jwks_at(set, i) != NULL; i++) {
			const struct jwk *key = jwks_at(set, i);

			HOLDS(jwks_find(set, jwk_kid(key)) == key); /* each name once */
			HOLDS(strlen(jwk_kid(key)) - 1 < 128);
		}
		public_holds(set);
	}
	/* With key_ops a key may sign and not verify; at a site each key goes by its kid alone. */
	if (site != NULL && memmem(data, size, "key_ops", 7) == NULL)
		signer_holds(fuzz_mem(), site);
	jwks_free(set);
	jwks_free(site);
	return 0;
}
