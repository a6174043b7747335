/* SPDX-License-Identifier: ISC */
/* cli_key: the files with keys, private and public, each replaced in one step. */
#include "cli.h"
#include "jws.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Write `json` to a new file and move it over `path`, so that nobody ever reads half of it. */
static bool
replace(struct mem *m, const char *path, json_t *json, mode_t mode)
{
	const char *new = mem_print(m, "%s.new", path);
	char *text = json_dumps(json, JSON_INDENT(2));
	int fd;
	bool good;

	if (text == NULL)
		mem_abort("out of memory");
	unlink(new);
	fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	/* The umask may have taken more: the public keys are for all classes. */
	good = fd >= 0 && fchmod(fd, mode) == 0 && dprintf(fd, "%s\n", text) > 0 &&
		fsync(fd) == 0 && close(fd) == 0 && rename(new, path) == 0;
	explicit_bzero(text, strlen(text));
	free(text);
	return good || cli_fail("%s: %s", path, strerror(errno)) == 0;
}

static void
make_folder(struct mem *m, const char *path)
{
	char *copy = mem_copy(m, path, strlen(path));

	mkdir(dirname(copy), 0755);
}

int
cli_key(struct cli *c)
{
	const char *alg = c->argc == 2 ? c->argv[1] : "ES256", *path = c->conf->token_keys,
		   *why = "";
	json_t *keys = mem_json(c->mem, json_array()), *old, *set, *key, *public;
	size_t length = 0;
	char *text = cli_read(c->mem, path, &length), *all;
	struct jwks *read;
	bool good;

	if (c->argc < 1 || c->argc > 2 || strcmp(c->argv[0], "new") != 0)
		return cli_fail("usage: postern key new [ES256 | HS256]");
	if (text == NULL && errno != ENOENT)
		return cli_fail("%s: %s", path, strerror(errno));
	if ((key = jwk_new(alg)) == NULL)
		return cli_fail("%s is not an algorithm that can be used (ES256, HS256)", alg);
	json_array_append_new(keys, key);
	if (text != NULL) {
		old = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
		if (old == NULL)
			return cli_fail("%s: not JSON", path);
		mem_json(c->mem, old);
		if (json_object_get(old, "keys") == NULL)
			json_array_append(keys, old); /* one key alone is a set of one */
		else if (json_array_extend(keys, json_object_get(old, "keys")) != 0)
			return cli_fail("%s: keys is not a list", path);
	}
	set = mem_pack(c->mem, "{s:O}", "keys", keys);
	all = json_dumps(set, JSON_COMPACT);
	read = all != NULL ? jwks_read(all, strlen(all), JWS_PRODUCTION, &why) : NULL;
	free(all);
	if (read == NULL)
		return cli_fail("%s: %s", path, why);
	public = mem_json(c->mem, jwks_public(read));
	jwks_free(read);
	make_folder(c->mem, path);
	make_folder(c->mem, c->conf->token_public_keys);
	/* The public half first: a token signed by the new key can be checked from its first
	 * moment. */
	good = replace(c->mem, c->conf->token_public_keys, public, 0444) &&
		replace(c->mem, path, set, 0400);
	if (good)
		fputs("postern: a new key; restart the programs, so that all of them know it\n",
			stderr);
	return good ? 0 : 1;
}
