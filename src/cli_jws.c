/* SPDX-License-Identifier: ISC */
/*
 * cli_jws: signs and verifies any payload with any algorithm of RFC 7518 and RFC 8037. Knows no
 * claims and no settings: the key is a file that is named, and says itself what it is for.
 */
#include "cli.h"
#include "jws.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The word behind the options, or all of standard input; NULL with a line on standard error. */
static const char *
given(struct cli *c, size_t *length)
{
	const char *text = c->argc == 2 ? c->argv[1] : cli_read(c->mem, "/dev/stdin", length);

	if (c->argc == 2)
		*length = strlen(text);
	else if (text == NULL)
		cli_fail("standard input: %s", strerror(errno));
	return text;
}

static int
sign(struct cli *c, const char *path, const struct jwks *keys)
{
	const struct jwk *key = jwks_signer(keys);
	const char *payload, *token;
	size_t n;

	if (key == NULL)
		return cli_fail("%s: holds no private key that may sign", path);
	if ((payload = given(c, &n)) == NULL)
		return 1;
	if ((token = jws_sign(c->mem, key, NULL, payload, n)) == NULL)
		return cli_fail("no token: it would be longer than %d bytes", JWS_TOKEN_MAX);
	return puts(token) < 0;
}

static int
verify(struct cli *c, const char *path, const struct jwks *keys)
{
	const char *token, *payload;
	size_t n, length;
	bool alone = jwks_at(keys, 1) == NULL;

	if ((token = given(c, &n)) == NULL)
		return 1;
	if (c->argc < 2 && n > 0 && token[n - 1] == '\n') /* the end of a line, if it is one */
		n -= n > 1 && token[n - 2] == '\r' ? 2 : 1;
	if (alone ? !jws_verify(c->mem, jwks_at(keys, 0), NULL, token, n, &payload, &length)
		  : !jws_verify_set(c->mem, keys, NULL, token, n, &payload, &length))
		return cli_fail(
			"this is no token under %s %s", alone ? "the key in" : "a key in", path);
	return fwrite(payload, 1, length, stdout) < length;
}

int
cli_jws(struct cli *c)
{
	const char *path = cli_option(c, "--key"), *why, *name = c->argc > 0 ? c->argv[0] : "";
	bool signing = strcmp(name, "sign") == 0;
	struct jwks *keys;
	size_t length;
	char *text;
	int status;

	if (path == NULL || c->argc < 1 || c->argc > 2 || (!signing && strcmp(name, "verify") != 0))
		return cli_fail("usage: postern jws sign --key FILE [PAYLOAD] | "
				"verify --key FILE [TOKEN]");
	if ((text = cli_read(c->mem, path, &length)) == NULL)
		return cli_fail("%s: %s", path, strerror(errno));
	keys = jwks_read(text, length, JWS_ALL, &why);
	explicit_bzero(text, length);
	if (keys == NULL)
		return cli_fail("%s: %s", path, why);
	status = signing ? sign(c, path, keys) : verify(c, path, keys);
	jwks_free(keys);
	return status;
}
