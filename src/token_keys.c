/* SPDX-License-Identifier: ISC */
/*
 * token_keys: the files with keys. Owns when they are read, so that a new key is known to all
 * programs within a moment and without a restart; what is in them is jwks.c's business.
 */
#include "token_keys.h"

#include "log.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_BYTES = 256 * 1024,
	SECRET_CHARS = 43, /* base64url of 32 bytes */
	FILES = 2,
};

/* What tells one file of a name from the next: the tools replace, they do not write into one. */
struct stamp {
	dev_t device;
	ino_t number;
	struct timespec changed;
};

struct token_keys {
	const char *path[FILES]; /* the keys; the secret, or NULL */
	struct stamp stamp[FILES];
	struct jwks *set;
	json_t *public;
	char secret[SECRET_CHARS + 1];
};

static struct stamp
stamp_of(const char *path)
{
	struct stat st = { 0 };

	if (path == NULL || stat(path, &st) != 0)
		return (struct stamp){ 0 };
	return (struct stamp){ st.st_dev, st.st_ino, st.st_ctim };
}

static bool
same(const struct stamp *a, const struct stamp *b)
{
	return a->device == b->device && a->number == b->number &&
		a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* A file, but no more than FILE_BYTES - 1 bytes of it, to be wiped and freed; NULL: *why says what
 * is wrong. What is wiped is touched and stays with the process, so it is no longer than it must
 * be. */
static char *
slurp(const char *path, size_t *length, const char **why)
{
	struct stat st = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	ssize_t n = -1;

	if (fd >= 0 && fstat(fd, &st) == 0) {
		*length = st.st_size < FILE_BYTES ? (size_t)st.st_size : FILE_BYTES - 1;
		if ((text = malloc(*length + 1)) == NULL)
			mem_abort("out of memory");
		n = read(fd, text, *length);
	}
	if (n < 0) {
		*why = strerror(errno);
		free(text);
		text = NULL;
	} else {
		text[ *length = (size_t)n] = '\0';
	}
	if (fd >= 0)
		(void)close(fd);
	return text;
}

static const char *
read_set(struct token_keys *k, const char *text, size_t length)
{
	const char *why;
	struct jwks *set = jwks_read(text, length, JWS_PRODUCTION, &why);

	if (set == NULL)
		return why;
	if (k->path[1] != NULL && jwks_signer(set) == NULL) {
		jwks_free(set);
		return "holds no private key";
	}
	if (k->set != NULL)
		jwks_free(k->set);
	json_decref(k->public);
	k->set = set;
	if ((k->public = jwks_public(set)) == NULL)
		mem_abort("out of memory");
	return NULL;
}

static const char *
read_secret(struct token_keys *k, const char *text)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	if (strspn(text, alphabet) != SECRET_CHARS || strcmp(text + SECRET_CHARS, "\n") != 0)
		return "is not a line of 43 letters, digits, - and _";
	memcpy(k->secret, text, SECRET_CHARS);
	return NULL;
}

/* Read one of the files. NULL, or a line that says what is wrong, good until the next call. */
static const char *
read_file(struct token_keys *k, int i)
{
	static char line[512];
	struct stamp stamp = stamp_of(k->path[i]); /* before reading: it may be replaced just now */
	const char *why = NULL;
	size_t length = 0;
	char *text = slurp(k->path[i], &length, &why);

	if (text != NULL) {
		why = i == 0 ? read_set(k, text, length) : read_secret(k, text);
		explicit_bzero(text, length);
		free(text);
	}
	k->stamp[i] = stamp;
	if (why == NULL)
		return NULL;
	snprintf(line, sizeof line, "%s: %s (postern key %s makes %s)", k->path[i], why,
		i == 0 ? "new" : "refresh", i == 0 ? "keys" : "one");
	return line;
}

struct token_keys *
token_keys_open(const struct conf *conf, bool signing, const char **why)
{
	struct token_keys *k = calloc(1, sizeof *k);

	if (k == NULL)
		mem_abort("out of memory");
	k->path[0] = signing ? conf->token_keys : conf->token_public_keys;
	k->path[1] = signing ? conf->token_refresh_key : NULL;
	if ((*why = read_file(k, 0)) == NULL && (!signing || (*why = read_file(k, 1)) == NULL))
		return k;
	token_keys_free(k);
	return NULL;
}

void
token_keys_free(struct token_keys *k)
{
	if (k->set != NULL)
		jwks_free(k->set);
	json_decref(k->public);
	explicit_bzero(k->secret, sizeof k->secret);
	free(k);
}

bool
token_keys_renew(struct token_keys *k)
{
	struct mem *before;
	bool new = false;

	for (int i = 0; i < FILES && k->path[i] != NULL; i++) {
		struct stamp now = stamp_of(k->path[i]);
		const char *why;

		if (same(&now, &k->stamp[i]))
			continue;
		before = mem_serve_json(NULL); /* keys outlive the request */
		why = read_file(k, i);
		mem_serve_json(before);
		if (why != NULL)
			log_error("%s; the keys read before stay", why);
		new = new || (why == NULL && i == 0);
	}
	return new;
}

const struct jwks *
token_keys_set(const struct token_keys *k)
{
	return k->set;
}

json_t *
token_keys_public(const struct token_keys *k)
{
	return k->public;
}

const char *
token_keys_refresh(const struct token_keys *k)
{
	return k->path[1] != NULL ? k->secret : NULL;
}
