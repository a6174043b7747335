/* SPDX-License-Identifier: ISC */
/*
 * token: what a token says and how long it counts: JSON Web Tokens (RFC 7519, RFC 8725), and the
 * refresh tokens that stand for a session. Owns claims and times; signatures are jws.c's, keys are
 * token_keys.c's, sessions are session.c's.
 */
#include "token.h"

#include "group.h"
#include "json.h"
#include "jws.h"
#include "text.h"
#include "token_keys.h"
#include "token_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char TYP[] = "at+jwt";

struct tokens {
	const struct conf *conf;
	struct token_keys *keys;
	struct token_memory *memory;
	long long looked; /* when the files with keys were looked at last, in Unix seconds */
};

/* A process for the one request of plain CGI has nothing to remember. */
static struct token_memory *
memory_of(const struct conf *conf)
{
	return token_memory_new(getenv("REQUEST_METHOD") == NULL ? (size_t)conf->token_memory : 0);
}

struct tokens *
tokens_open(const struct conf *conf, bool signing, const char **why)
{
	struct token_keys *keys = token_keys_open(conf, signing, why);
	struct tokens *t;

	if (keys == NULL)
		return NULL;
	if ((t = calloc(1, sizeof *t)) == NULL)
		mem_abort("out of memory");
	t->conf = conf;
	t->keys = keys;
	t->memory = memory_of(conf);
	return t;
}

void
tokens_free(struct tokens *t)
{
	token_keys_free(t->keys);
	token_memory_free(t->memory);
	free(t);
}

/* Other keys make other tokens good: nothing that was remembered under the old ones counts. True if
 * there are other keys. */
static bool
renew(struct tokens *t, long long now)
{
	t->looked = now;
	if (!token_keys_renew(t->keys))
		return false;
	token_memory_free(t->memory);
	t->memory = memory_of(t->conf);
	return true;
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

	renew(t, now); /* a new key signs from the moment it is there */
	if (!new_uuid(jti))
		return NULL;
	claims = mem_pack(m, "{s:s, s:o, s:I, s:I, s:I, s:s, s:s, s:b, s:o, s:s, s:s}", "iss",
		conf_issuer(t->conf), "sub", json_sprintf("%lld", (long long)who->id), "iat",
		(json_int_t)now, "nbf", (json_int_t)now, "exp", (json_int_t)(now + life), "jti",
		jti, "type", "access", "fresh", who->fresh, "sid",
		json_sprintf("%lld", (long long)who->session), "username", who->username, "role",
		who->role);
	if (*t->conf->token_audience != '\0')
		json_object_set_new(claims, "aud", json_string(t->conf->token_audience));
	json_object_set(claims, "groups", group_array(m, who->groups));
	payload = json_text(m, claims, &length);
	return jws_sign(m, jwks_signer(token_keys_set(t->keys)), TYP, payload, length);
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

/* Whether the token is meant for us (RFC 7519 section 4.1.3): what we would write, nothing more. */
static bool
claim_audience(const struct tokens *t, json_t *claims)
{
	return *t->conf->token_audience != '\0' ? claim_is(claims, "aud", t->conf->token_audience)
						: json_object_get(claims, "aud") == NULL;
}

/* Who a verified payload speaks of. False if a claim is missing or is not what we would write. */
static bool
read_claims(
	const struct tokens *t, struct mem *m, const char *payload, size_t length, struct me *me)
{
	json_t *claims = json_loadb(payload, length, JSON_REJECT_DUPLICATES, NULL), *groups;

	if (claims == NULL)
		return false;
	mem_json(m, claims);
	groups = json_object_get(claims, "groups");
	if (!claim_is(claims, "iss", conf_issuer(t->conf)) || !claim_audience(t, claims) ||
		!claim_is(claims, "type", "access") || !claim_id(claims, "sub", &me->id) ||
		!claim_id(claims, "sid", &me->session) || !claim_time(claims, "iat", &me->issued) ||
		!claim_time(claims, "nbf", &me->begins) ||
		!claim_time(claims, "exp", &me->expires) || me->expires <= me->issued)
		return false;
	me->username = json_string_value(json_object_get(claims, "username"));
	me->role = json_string_value(json_object_get(claims, "role"));
	me->groups = groups != NULL ? group_text(m, groups) : "";
	me->fresh = json_is_true(json_object_get(claims, "fresh"));
	me->lasting = me->expires - me->issued > t->conf->token_access;
	return me->username != NULL && me->role != NULL && me->groups != NULL;
}

/* What is remembered of a token: its claims as they were read, so that JSON is parsed once as well.
 */
struct memo {
	struct me me;
	char texts[512]; /* username, NUL, role, NUL, groups, NUL; what is longer is not kept */
};

static void
remember(struct tokens *t, const char *token, size_t length, const struct me *me)
{
	struct memo memo = { .me = *me };
	int n = snprintf(memo.texts, sizeof memo.texts, "%s%c%s%c%s", me->username, 0, me->role, 0,
		me->groups);

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
	me->groups = me->role + strlen(me->role) + 1;
	return true;
}

/* Check the signature; a key that is not known may just have been made. */
static bool
verify(struct tokens *t, struct mem *m, const char *token, long long now, const char **payload,
	size_t *n)
{
	size_t length = strlen(token);

	if (jws_verify_set(m, token_keys_set(t->keys), TYP, token, length, payload, n))
		return true;
	return renew(t, now) &&
		jws_verify_set(m, token_keys_set(t->keys), TYP, token, length, payload, n);
}

enum err
token_read(struct tokens *t, struct mem *m, const char *token, struct me *me)
{
	size_t length = strlen(token), n;
	long long now = time(NULL);
	long leeway = t->conf->token_leeway;
	const char *payload;
	bool known;

	*me = (struct me){ 0 }; /* all of it may be remembered */
	if (now != t->looked)
		renew(t, now);
	known = recall(t, m, token, length, now, me);
	if (!known &&
		(!verify(t, m, token, now, &payload, &n) || !read_claims(t, m, payload, n, me)))
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

json_t *
token_claims(struct mem *m, const char *token)
{
	const char *payload = strchr(token, '.') + 1;
	size_t length = strcspn(payload, ".");
	char *json = mem_get(m, length + 1);
	ssize_t n = text_unbase64url(json, payload, length);

	return mem_json(m, json_loadb(json, (size_t)n, JSON_REJECT_DUPLICATES, NULL));
}

json_t *
token_public_keys(struct tokens *t)
{
	renew(t, time(NULL));
	return token_keys_public(t->keys);
}

/* What makes the n-th refresh token of a session, and nobody else can make. */
static void
refresh_mac(struct tokens *t, struct mem *m, const struct refresh *r, char *mac)
{
	uint8_t bytes[32];

	text_hmac(bytes, token_keys_refresh(t->keys),
		mem_print(m, "refresh.%lld.%lld.%lld", (long long)r->session, (long long)r->user,
			(long long)r->n));
	text_base64url(mac, bytes, sizeof bytes);
}

const char *
token_refresh(struct tokens *t, struct mem *m, const struct refresh *r)
{
	char mac[text_base64url_size(32)];

	refresh_mac(t, m, r, mac);
	return mem_print(m, "%lld.%lld.%lld.%s", (long long)r->session, (long long)r->user,
		(long long)r->n, mac);
}

bool
token_refresh_read(struct tokens *t, struct mem *m, const char *token, struct refresh *r)
{
	char *copy = mem_copy(m, token, strlen(token)), mac[text_base64url_size(32)];
	const char *session = strsep(&copy, "."), *user = strsep(&copy, "."),
		   *n = strsep(&copy, ".");

	if (copy == NULL || !text_int(session, &r->session) || !text_int(user, &r->user) ||
		!text_int(n, &r->n) || r->session <= 0 || r->user <= 0 || r->n <= 0)
		return false;
	renew(t, time(NULL));
	refresh_mac(t, m, r, mac);
	return text_same(mac, strlen(mac), copy, strlen(copy));
}
