/* SPDX-License-Identifier: ISC */
/*
 * share: what links to files say: JSON Web Tokens (RFC 7519) under a key that nothing else is
 * signed by, so that they are good for nothing else. Owns their claims; the key is read anew for
 * each, so that another one counts at once.
 */
#include "share.h"

#include "json.h"
#include "jws.h"
#include "log.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	FILE_BYTES = 4096
};

static const char TYP[] = "share+jwt", SUBJECT[] = "file:";

/* A set takes its memory from malloc, as where it outlives the request. */
static void
drop(void *set)
{
	struct mem *before = mem_serve_json(NULL);

	jwks_free(set);
	mem_serve_json(before);
}

/* The key; NULL with a line in the log. */
static const struct jwk *
key(const struct conf *conf, struct mem *m)
{
	FILE *f = fopen(conf->token_share_key, "re");
	char text[FILE_BYTES];
	const char *why = strerror(errno);
	struct jwks *set = NULL;
	struct mem *before;

	if (f != NULL) {
		before = mem_serve_json(NULL);
		set = jwks_read(text, fread(text, 1, sizeof text, f), JWS_PRODUCTION, &why);
		mem_serve_json(before);
		(void)fclose(f);
		explicit_bzero(text, sizeof text);
	}
	if (set != NULL)
		mem_later(m, drop, set);
	if (set != NULL && jwks_signer(set) != NULL)
		return jwks_signer(set);
	log_error("%s: %s (postern key share makes one)", conf->token_share_key,
		set != NULL ? "holds no private key" : why);
	return NULL;
}

const char *
share_make(const struct conf *conf, struct mem *m, const struct share *s)
{
	const struct jwk *k = key(conf, m);
	json_int_t now = time(NULL);
	const char *payload;
	size_t length;

	if (k == NULL)
		return NULL;
	payload = json_text(m,
		mem_pack(m, "{s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "iss", conf_issuer(conf), "type",
			"share", "sub", mem_print(m, "%s%lld", SUBJECT, (long long)s->file), "ver",
			(json_int_t)s->version, "iat", now, "nbf", now, "exp",
			(json_int_t)s->expires),
		&length);
	return jws_sign(m, k, TYP, payload, length);
}

static bool
is(json_t *claims, const char *name, const char *value)
{
	const char *text = row_text(claims, name);

	return text != NULL && strcmp(text, value) == 0;
}

enum err
share_read(const struct conf *conf, struct mem *m, const char *token, struct share *s)
{
	const struct jwk *k = key(conf, m);
	const char *payload, *sub;
	json_t *claims;
	size_t length;

	if (k == NULL)
		return ERR_INTERNAL;
	if (!jws_verify(m, k, TYP, token, strlen(token), &payload, &length) ||
		(claims = json_loadb(payload, length, JSON_REJECT_DUPLICATES, NULL)) == NULL)
		return ERR_TOKEN_INVALID;
	mem_json(m, claims);
	sub = row_text(claims, "sub");
	if (!is(claims, "iss", conf_issuer(conf)) || !is(claims, "type", "share") || sub == NULL ||
		strncmp(sub, SUBJECT, sizeof SUBJECT - 1) != 0 ||
		!text_int(sub + sizeof SUBJECT - 1, &s->file) ||
		!json_is_integer(json_object_get(claims, "ver")))
		return ERR_TOKEN_INVALID;
	s->version = row_number(claims, "ver");
	s->expires = row_number(claims, "exp");
	return s->expires > time(NULL) ? ERR_NONE : ERR_TOKEN_EXPIRED;
}
