/* SPDX-License-Identifier: ISC */
/*
 * cli_key: the files with keys, private and public, each replaced in one step. Owns when a key was
 * made (`iat`, in the private file alone) and when one that no longer signs may go.
 */
#include "cli.h"
#include "jws.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool
replace_json(struct cli *c, const char *path, json_t *json, mode_t mode, const char *class)
{
	char *text = json_dumps(json, JSON_INDENT(2));
	bool good;

	if (text == NULL)
		mem_abort("out of memory");
	good = cli_replace(c, path, text, mode, class);
	explicit_bzero(text, strlen(text));
	free(text);
	return good;
}

/*
 * The keys of the private file as JSON, newest first; an empty list if there is no file. NULL with
 * a line on standard error.
 */
static json_t *
load(struct cli *c)
{
	const char *path = c->conf->token_keys;
	json_t *keys = mem_json(c->mem, json_array()), *old;
	size_t length = 0;
	char *text = cli_read(c->mem, path, &length);

	if (text == NULL && errno == ENOENT)
		return keys;
	if (text == NULL)
		return cli_fail("%s: %s", path, strerror(errno)), NULL;
	old = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	explicit_bzero(text, length);
	if (old == NULL)
		return cli_fail("%s: not JSON", path), NULL;
	mem_json(c->mem, old);
	if (json_object_get(old, "keys") == NULL)
		json_array_append(keys, old); /* one key alone is a set of one */
	else if (json_array_extend(keys, json_object_get(old, "keys")) != 0)
		return cli_fail("%s: keys is not a list", path), NULL;
	return keys;
}

static void
drop(void *set)
{
	jwks_free(set);
}

/* These keys, as a program would read them; NULL with a line on standard error. */
static struct jwks *
parse(struct cli *c, json_t *keys)
{
	const char *why = "";
	char *text = json_dumps(mem_pack(c->mem, "{s:O}", "keys", keys), JSON_COMPACT);
	struct jwks *set;

	if (text == NULL)
		mem_abort("out of memory");
	set = jwks_read(text, strlen(text), JWS_PRODUCTION, &why);
	explicit_bzero(text, strlen(text));
	free(text);
	if (set == NULL)
		cli_fail("%s: %s", c->conf->token_keys, why);
	else
		mem_later(c->mem, drop, set);
	return set;
}

/* Replace both files by these keys. The public half first: a token signed by a new key can be
 * checked from its first moment. */
static bool
store(struct cli *c, json_t *keys, const struct jwks *set)
{
	const struct conf *conf = c->conf;
	json_t *public = mem_json(c->mem, jwks_public(set));

	return replace_json(c, conf->token_public_keys, public, 0444, NULL) &&
		replace_json(c, conf->token_keys, mem_pack(c->mem, "{s:O}", "keys", keys), 0400,
			"credentials");
}

/* When the i-th key was made, in Unix seconds; 0 if it does not say. */
static time_t
made(json_t *keys, size_t i)
{
	return (time_t)json_integer_value(json_object_get(json_array_get(keys, i), "iat"));
}

/* A moment in UTC, as RFC 3339 writes it. */
static const char *
moment(struct mem *m, time_t at)
{
	char *text = mem_get(m, 64);
	struct tm tm;

	if (at <= 0 || gmtime_r(&at, &tm) == NULL || strftime(text, 64, "%FT%TZ", &tm) == 0)
		return "unknown";
	return text;
}

/* The secret behind refresh tokens, in place of the one that was there. */
static int
key_refresh(struct cli *c)
{
	char text[text_base64url_size(32) + 1] = "";
	uint8_t bytes[32];
	bool good;

	if (!text_random(bytes, sizeof bytes))
		return cli_fail("no randomness");
	text[text_base64url(text, bytes, sizeof bytes)] = '\n';
	good = cli_replace(c, c->conf->token_refresh_key, text, 0400, "credentials");
	explicit_bzero(bytes, sizeof bytes);
	explicit_bzero(text, sizeof text);
	return good ? 0 : 1;
}

/* The secret behind links to files, in place of the one that was there: they all end. */
static int
key_share(struct cli *c)
{
	json_t *key = jwk_new("HS256");

	if (key == NULL)
		return cli_fail("no randomness");
	key = mem_json(c->mem, key);
	return replace_json(c, c->conf->token_share_key, key, 0400, "content") ? 0 : 1;
}

static int
key_new(struct cli *c, const char *alg)
{
	json_t *keys = load(c), *key;
	struct jwks *set;

	if (keys == NULL)
		return 1;
	if ((key = jwk_new(alg)) == NULL)
		return cli_fail("%s is not an algorithm (ES256 HS256 RS256 PS256 EdDSA)", alg);
	json_object_set_new(key, "iat", json_integer(time(NULL)));
	json_array_insert_new(keys, 0, key);
	if ((set = parse(c, keys)) == NULL || !store(c, keys, set))
		return 1;
	if (access(c->conf->token_refresh_key, F_OK) != 0 && key_refresh(c) != 0)
		return 1;
	fputs("postern: a new key; the programs know it within a second\n", stderr);
	return 0;
}

static int
key_list(struct cli *c)
{
	json_t *keys = load(c);
	struct jwks *set = keys == NULL || json_array_size(keys) == 0 ? NULL : parse(c, keys);
	const struct jwk *key;

	if (set == NULL)
		return keys == NULL || json_array_size(keys) > 0;
	for (size_t i = 0; (key = jwks_at(set, i)) != NULL; i++)
		printf("%s\t%s\t%s\t%s\n", jwk_kid(key), jwk_alg(key),
			key == jwks_signer(set) ? "signs" : "verifies",
			moment(c->mem, made(keys, i)));
	return 0;
}

static int
key_retire(struct cli *c, const char *kid, bool force)
{
	json_t *keys = load(c);
	struct jwks *set = keys == NULL ? NULL : parse(c, keys);
	const struct jwk *key = set == NULL ? NULL : jwks_find(set, kid);
	time_t newer, end;
	size_t i = 0;
	bool ended;

	if (set == NULL)
		return 1;
	if (key == NULL)
		return cli_fail("no key is called that (postern key list)");
	if (key == jwks_signer(set))
		return cli_fail("this is the key that signs (postern key new makes another)");
	while (jwks_at(set, i) != key)
		i++;
	/* It signed until the next one was made, and what it signed lives as long as any token. */
	newer = i > 0 ? made(keys, i - 1) : 0;
	end = newer > 0 ? newer + c->conf->token_user : 0;
	ended = end > 0 && end <= time(NULL);
	if (!ended && !force)
		return cli_fail("the last token under this key ends at %s; --force ends it now",
			moment(c->mem, end));
	json_array_remove(keys, i);
	if ((set = parse(c, keys)) == NULL || !store(c, keys, set))
		return 1;
	fprintf(stderr, "postern: the key is gone; the last token under it %s %s\n",
		ended ? "has ended at" : "ends now instead of at", moment(c->mem, end));
	return 0;
}

/* Write down that the keys were changed; without the database it is only said. */
static void
note(struct cli *c)
{
	db_start(c->db, true);
	event_add(c->db, EVENT_KEY, 0, &cli_origin);
	if (!db_end(c->db))
		fputs("postern: the database is away: the change is not in the security history\n",
			stderr);
}

int
cli_key(struct cli *c)
{
	bool force = cli_flag(c, "--force");
	const char *name = c->argc > 0 ? c->argv[0] : "", *word = c->argc > 1 ? c->argv[1] : NULL;
	int status;

	if (strcmp(name, "list") == 0 && c->argc == 1 && !force)
		return key_list(c);
	if (strcmp(name, "new") == 0 && c->argc <= 2 && !force)
		status = key_new(c, word != NULL ? word : "ES256");
	else if (strcmp(name, "refresh") == 0 && c->argc == 1 && !force)
		status = key_refresh(c);
	else if (strcmp(name, "share") == 0 && c->argc == 1 && !force)
		status = key_share(c);
	else if (strcmp(name, "retire") == 0 && c->argc == 2)
		status = key_retire(c, word, force);
	else
		return cli_fail(
			"usage: postern key new [%s] | list | retire KID [--force] | refresh | share",
			"ES256 | HS256 | RS256 | PS256 | EdDSA");
	if (status == 0)
		note(c);
	return status;
}
