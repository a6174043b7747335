/* SPDX-License-Identifier: ISC */
/*
 * jws: signs and verifies compact JSON Web Signatures (RFC 7515, RFC 7518, RFC 8725). Owns the
 * table of algorithms and the rules for a header. The key decides the algorithm, the token never
 * does, and `none` is no row. Knows nothing of claims, of the clock, or of where keys come from.
 */
#include "jws.h"

#include "jwk.h"
#include "text.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <string.h>
#include <strings.h>

enum {
	HEADER_MAX = 768, /* bytes; a longer one is refused unread */
	DER_MAX = 160,    /* bytes of a DER signature of the largest curve */
};

/* A signature as OpenSSL writes it; `*size` is the room in `out`, then what it took. */
static bool
sign(const struct jwk *key, const char *in, size_t n, unsigned char *out, size_t *size)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool done = ctx != NULL && EVP_MD_CTX_copy_ex(ctx, key->signer) == 1 &&
		EVP_DigestSign(ctx, out, size, (const unsigned char *)in, n) == 1;

	EVP_MD_CTX_free(ctx);
	return done;
}

static bool
verify(const struct jwk *key, const char *in, size_t n, const unsigned char *sig, size_t size)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx != NULL && EVP_MD_CTX_copy_ex(ctx, key->verifier) == 1 &&
		EVP_DigestVerify(ctx, sig, size, (const unsigned char *)in, n) == 1;

	EVP_MD_CTX_free(ctx);
	return good;
}

static bool
hmac_verify(const struct jwk *key, const char *in, size_t n, const unsigned char *sig, size_t size)
{
	unsigned char right[EVP_MAX_MD_SIZE];
	size_t right_size = sizeof right;

	return sign(key, in, n, right, &right_size) && text_same(right, right_size, sig, size);
}

/* JWS wants r and s side by side, each as long as a coordinate; OpenSSL speaks DER. */
static bool
ecdsa_sign(const struct jwk *key, const char *in, size_t n, unsigned char *out, size_t *size)
{
	unsigned char der[DER_MAX];
	const unsigned char *at = der;
	size_t der_size = sizeof der;
	int half = (int)(key->alg->size / 2);
	ECDSA_SIG *rs = NULL;
	bool done = sign(key, in, n, der, &der_size) &&
		(rs = d2i_ECDSA_SIG(NULL, &at, (long)der_size)) != NULL;

	if (done) {
		BN_bn2binpad(ECDSA_SIG_get0_r(rs), out, half);
		BN_bn2binpad(ECDSA_SIG_get0_s(rs), out + half, half);
	}
	ECDSA_SIG_free(rs);
	*size = key->alg->size;
	return done;
}

/* OpenSSL refuses an r or s outside 1..n-1; a test holds it to that. */
static bool
ecdsa_verify(const struct jwk *key, const char *in, size_t n, const unsigned char *sig, size_t size)
{
	unsigned char der[DER_MAX], *at = der;
	int half = (int)(size / 2), der_size;
	ECDSA_SIG *rs = ECDSA_SIG_new();

	if (rs == NULL ||
		ECDSA_SIG_set0(rs, BN_bin2bn(sig, half, NULL), BN_bin2bn(sig + half, half, NULL)) !=
			1)
		mem_abort("out of memory");
	der_size = i2d_ECDSA_SIG(rs, &at);
	ECDSA_SIG_free(rs);
	return der_size > 0 && verify(key, in, n, der, (size_t)der_size);
}

/* Salt as long as the digest, and the mask by the same digest (RFC 7518 section 3.5). */
static const OSSL_PARAM pss[] = {
	{ OSSL_SIGNATURE_PARAM_PAD_MODE, OSSL_PARAM_UTF8_STRING, (char[]){ "pss" }, 3, 0 },
	{ OSSL_SIGNATURE_PARAM_PSS_SALTLEN, OSSL_PARAM_UTF8_STRING, (char[]){ "digest" }, 6, 0 },
	OSSL_PARAM_END,
};

/* clang-format off */
static const struct jws_alg algs[] = {
	/* name    type      curve      digest    params size sign        verify        production */
	{ "HS256", &jwk_oct, NULL,      "SHA256", NULL,  32,  sign,       hmac_verify,  true },
	{ "HS384", &jwk_oct, NULL,      "SHA384", NULL,  48,  sign,       hmac_verify,  false },
	{ "HS512", &jwk_oct, NULL,      "SHA512", NULL,  64,  sign,       hmac_verify,  false },
	{ "RS256", &jwk_rsa, NULL,      "SHA256", NULL,  0,   sign,       verify,       true },
	{ "RS384", &jwk_rsa, NULL,      "SHA384", NULL,  0,   sign,       verify,       false },
	{ "RS512", &jwk_rsa, NULL,      "SHA512", NULL,  0,   sign,       verify,       false },
	{ "PS256", &jwk_rsa, NULL,      "SHA256", pss,   0,   sign,       verify,       true },
	{ "PS384", &jwk_rsa, NULL,      "SHA384", pss,   0,   sign,       verify,       false },
	{ "PS512", &jwk_rsa, NULL,      "SHA512", pss,   0,   sign,       verify,       false },
	{ "ES256", &jwk_ec,  "P-256",   "SHA256", NULL,  64,  ecdsa_sign, ecdsa_verify, true },
	{ "ES384", &jwk_ec,  "P-384",   "SHA384", NULL,  96,  ecdsa_sign, ecdsa_verify, false },
	{ "ES512", &jwk_ec,  "P-521",   "SHA512", NULL,  132, ecdsa_sign, ecdsa_verify, false },
	{ "EdDSA", &jwk_okp, "Ed25519", NULL,     NULL,  64,  sign,       verify,       true },
};
/* clang-format on */

const struct jws_alg *
jws_alg_of(const json_t *jwk)
{
	bool silent = json_object_get(jwk, "alg") == NULL;

	for (const struct jws_alg *a = algs; a < algs + sizeof algs / sizeof *algs; a++)
		if (silent ? a->curve != NULL && jwk_says(jwk, "kty", a->type->kty) &&
					jwk_says(jwk, "crv", a->curve)
			   : jwk_says(jwk, "alg", a->name))
			return a;
	return NULL;
}

char *
jws_sign(struct mem *m, const struct jwk *key, const char *typ, const char *payload, size_t length)
{
	unsigned char sig[SIGNATURE_MAX];
	char header[HEADER_MAX], *token;
	size_t n, size = sizeof sig, header_size;

	if (!key->signs || length > JWS_TOKEN_MAX)
		return NULL;
	header_size = json_dumpb(mem_pack(m, "{ss ss* ss*}", "alg", key->alg->name, "kid",
					 key->named ? key->kid : NULL, "typ", typ),
		header, sizeof header, JSON_COMPACT);
	if (header_size > sizeof header)
		return NULL;
	token = mem_get(m,
		text_base64url_size(header_size) + text_base64url_size(length) +
			text_base64url_size(sizeof sig));
	n = text_base64url(token, header, header_size);
	token[n++] = '.';
	n += text_base64url(token + n, payload, length);
	if (!key->alg->sign(key, token, n, sig, &size)) {
		ERR_clear_error();
		return NULL;
	}
	token[n++] = '.';
	n += text_base64url(token + n, sig, size);
	return n > JWS_TOKEN_MAX ? NULL : token;
}

/*
 * The key for a token with this encoded header: `key`, or that of `set` which it names; NULL if
 * they do not fit. Members that name other keys, addresses or extensions are refused rather than
 * ignored: no honest issuer of ours writes them.
 */
static const struct jwk *
key_for(const char *text, size_t n, const struct jwk *key, const struct jwks *set, const char *typ)
{
	static const char *const refused[] = { "crit", "jwk", "jku", "x5u", "x5c", "x5t",
		"x5t#S256", "b64", "zip" };
	char bytes[HEADER_MAX];
	ssize_t size = n * 3 / 4 > sizeof bytes ? -1 : text_unbase64url(bytes, text, n);
	json_t *header =
		size < 0 ? NULL : json_loadb(bytes, (size_t)size, JSON_REJECT_DUPLICATES, NULL);
	const json_t *kid = json_object_get(header, "kid"), *type = json_object_get(header, "typ");

	if (set != NULL)
		key = jwks_find(set, json_string_value(kid));
	if (key == NULL || !key->verifies || !jwk_says(header, "alg", key->alg->name) ||
		(kid != NULL &&
			(key->named ? !jwk_says(header, "kid", key->kid) : !json_is_string(kid))) ||
		(type != NULL && !json_is_string(type)) ||
		(typ != NULL && (type == NULL || strcasecmp(json_string_value(type), typ) != 0)))
		key = NULL;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (json_object_get(header, refused[i]) != NULL)
			key = NULL;
	json_decref(header);
	return key;
}

static bool
check(struct mem *m, const struct jwk *key, const struct jwks *set, const char *typ,
	const char *token, size_t length, const char **payload, size_t *payload_length)
{
	unsigned char sig[SIGNATURE_MAX];
	const char *end = token + length, *middle, *last;
	char *bytes;
	ssize_t n;

	if (length > JWS_TOKEN_MAX || (middle = memchr(token, '.', length)) == NULL ||
		(last = memchr(middle + 1, '.', (size_t)(end - middle - 1))) == NULL ||
		(key = key_for(token, (size_t)(middle - token), key, set, typ)) == NULL)
		return false;
	if ((size_t)(end - last - 1) * 3 / 4 > sizeof sig ||
		(n = text_unbase64url(sig, last + 1, (size_t)(end - last - 1))) < 0 ||
		(size_t)n != key->size)
		return false; /* a third dot ends here too: it is no base64url */
	if (!key->alg->verify(key, token, (size_t)(last - token), sig, (size_t)n)) {
		ERR_clear_error(); /* or the database's TLS would take it for its own */
		return false;
	}
	bytes = mem_get(m, (size_t)(last - middle) * 3 / 4 + 1);
	if ((n = text_unbase64url(bytes, middle + 1, (size_t)(last - middle - 1))) < 0)
		return false;
	*payload = bytes;
	*payload_length = (size_t)n;
	return true;
}

bool
jws_verify(struct mem *m, const struct jwk *key, const char *typ, const char *token, size_t length,
	const char **payload, size_t *payload_length)
{
	return check(m, key, NULL, typ, token, length, payload, payload_length);
}

bool
jws_verify_set(struct mem *m, const struct jwks *set, const char *typ, const char *token,
	size_t length, const char **payload, size_t *payload_length)
{
	return check(m, NULL, set, typ, token, length, payload, payload_length);
}
