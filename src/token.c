/* SPDX-License-Identifier: ISC */
/*
 * token: what a JSON Web Token says and how long it counts (RFC 7519, RFC 8725). Owns claims, times
 * and the files with keys; signatures are jws.c's, sessions are session.c's.
 */
#include "token.h"

#include "json.h"
#include "jws.h"
#include "text.h"
#include "token_memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	KEY_FILE_BYTES = 256 * 1024
};

static const char TYP[] = "at+jwt";

struct tokens {
	const struct conf *conf;
	struct jwks *keys;
	struct token_memory *memory;
};

static struct jwks *
read_keys(const char *path, const char **why)
{
	FILE *f = fopen(path, "re");
	char *text = malloc(KEY_FILE_BYTES);
	struct jwks *keys = NULL;
	size_t n;

	if (text == NULL)
		mem_abort("out of memory");
	if (f == NULL) {
		*why = strerror(errno);
	} else {
		n = fread(text, 1, KEY_FILE_BYTES, f);
		(void)fclose(f);
		keys = jwks_read(text, n, JWS_PRODUCTION, why);
		explicit_bzero(text, KEY_FILE_BYTES);
	}
	free(text);
	return keys;
}

struct tokens *
tokens_open(const struct conf *conf, bool signing, const char **why)
{
	struct tokens *t;
	struct jwks *keys = read_keys(signing ? conf->token_keys : conf->token_public_keys, why);

	if (keys == NULL)
		return NULL;
	if (signing && jwks_signer(keys) == NULL) {
		*why = "holds no private key";
		jwks_free(keys);
		return NULL;
	}
	if ((t = calloc(1, sizeof *t)) == NULL)
		mem_abort("out of memory");
	t->conf = conf;
	t->keys = keys;
	t->memory = token_memory_new((size_t)conf->token_memory);
	return t;
}

void
tokens_free(struct tokens *t)
{
	jwks_free(t->keys);
	token_memory_free(t->memory);
	free(t);
}

/* A random UUID (RFC 9562 section 5.4), 36 characters. */
static bool
new_uuid(char out[37])
{
	uint8_t b[16];
	char hex[33];

	if (!text_random(b, sizeof b))
		return false;
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	text_hex(hex, b, sizeof b);
	snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
	return true;
}

const char *
token_issue(struct tokens *t, struct mem *m, const struct me *who, long life)
{
	long long now = time(NULL);
	const char *payload;
	char jti[37];
	json_t *claims;
	size_t length;

	if (!new_uuid(jti))
		return NULL;
	claims = mem_pack(m, "{s:s, s:o, s:I, s:I, s:I, s:s, s:s, s:b, s:o, s:s, s:s}", "iss",
		conf_issuer(t->conf), "sub", json_sprintf("%lld", (long long)who->id), "iat",
		(json_int_t)now, "nbf", (json_int_t)now, "exp", (json_int_t)(now + life), "jti",
		jti, "type", "access", "fresh", who->fresh, "sid",
		json_sprintf("%lld", (long long)who->session), "username", who->username, "role",
		who->role);
	payload = json_text(m, claims, &length);
	return jws_sign(m, jwks_signer(t->keys), TYP, payload, length);
}

static bool
claim_is(json_t *claims, const char *name, const char *value)
{
	const char *have = json_string_value(json_object_get(claims, name));

	return have != NULL && strcmp(have, value) == 0;
}

/* An id that is kept as text: `sub`, `sid`. */
static bool
claim_id(json_t *claims, const char *name, int64_t *id)
{
	const char *text = json_string_value(json_object_get(claims, name));

	return text != NULL && text_int(text, id) && *id > 0;
}

/* NumericDate: whole seconds here, since that is what token_issue writes. */
static bool
claim_time(json_t *claims, const char *name, long long *at)
{
	json_t *v = json_object_get(claims, name);

	*at = json_integer_value(v);
	return json_is_integer(v) && *at > 0 && *at < (1LL << 40);
}

/* Who a verified payload speaks of. False if a claim is missing or is not what we would write. */
static bool
read_claims(
	const struct tokens *t, struct mem *m, const char *payload, size_t length, struct me *me)
{
	json_t *claims = json_loadb(payload, length, JSON_REJECT_DUPLICATES, NULL);

	if (claims == NULL)
		return false;
	mem_json(m, claims);
	if (!claim_is(claims, "iss", conf_issuer(t->conf)) || !claim_is(claims, "type", "access") ||
		!claim_id(claims, "sub", &me->id) || !claim_id(claims, "sid", &me->session) ||
		!claim_time(claims, "iat", &me->issued) ||
		!claim_time(claims, "nbf", &me->begins) ||
		!claim_time(claims, "exp", &me->expires) || me->expires <= me->issued)
		return false;
	me->username = json_string_value(json_object_get(claims, "username"));
	me->role = json_string_value(json_object_get(claims, "role"));
	me->fresh = json_is_true(json_object_get(claims, "fresh"));
	me->lasting = me->expires - me->issued > t->conf->token_access;
	return me->username != NULL && me->role != NULL;
}

/* What is remembered of a token: its claims as they were read, so that JSON is parsed once as well.
 */
struct memo {
	struct me me;
	char texts[512]; /* username, NUL, role, NUL */
};

static void
remember(struct tokens *t, const char *token, size_t length, const struct me *me)
{
	struct memo memo = { .me = *me };
	int n = snprintf(memo.texts, sizeof memo.texts, "%s%c%s", me->username, 0, me->role);

	if (n > 0 && (size_t)n < sizeof memo.texts)
		token_remember(t->memory, token, length, (const char *)&memo,
			offsetof(struct memo, texts) + (size_t)n + 1, me->expires);
}

static bool
recall(struct tokens *t, struct mem *m, const char *token, size_t length, long long now,
	struct me *me)
{
	size_t n = 0;
	const char *memo = token_recall(t->memory, token, length, now, &n), *texts;

	if (memo == NULL)
		return false;
	memcpy(me, memo, sizeof *me);
	texts = mem_copy(m, memo + offsetof(struct memo, texts), n - offsetof(struct memo, texts));
	me->username = texts;
	me->role = texts + strlen(texts) + 1;
	return true;
}

enum err
token_read(struct tokens *t, struct mem *m, const char *token, struct me *me)
{
	size_t length = strlen(token), n;
	long long now = time(NULL);
	long leeway = t->conf->token_leeway;
	bool known = recall(t, m, token, length, now, me);
	const char *payload;

	if (!known &&
		(!jws_verify_set(m, t->keys, TYP, token, length, &payload, &n) ||
			!read_claims(t, m, payload, n, me)))
		return ERR_TOKEN_INVALID;
	if (me->issued > now + leeway || me->begins > now + leeway)
		return ERR_TOKEN_INVALID;
	if (me->expires + leeway <= now)
		return ERR_TOKEN_EXPIRED;
	me->token = token;
	if (!known)
		remember(t, token, length, me);
	return ERR_NONE;
}
