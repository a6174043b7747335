/* SPDX-License-Identifier: ISC */
/*
 * kind: what a file is, by its content alone (libmagic). Owns what of a file is looked at; what it
 * is called counts for nothing. The one file that includes magic.h.
 */
#include "kind.h"

#include "fd.h"
#include "filter.h"

#include <magic.h>
#include <string.h>
#include <unistd.h>

enum {
	TYPE_CHARS = 127,
	MEMORY = 128 << 20,
	CPU_SECONDS = 2
};

/* Looks at the beginning alone: into nothing that is packed, and not for words of languages. */
enum {
	FLAGS = MAGIC_MIME_TYPE | MAGIC_ERROR | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF |
		MAGIC_NO_CHECK_TOKENS
};

/* Whether it is a media type that may stand in a header. */
static int
is_type(const char *type)
{
	size_t n = strlen(type);

	return n > 2 && n <= TYPE_CHARS && strchr(type, '/') != NULL &&
		type[strspn(type,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&^_.+-/")] ==
		'\0';
}

int
kind_filter(void)
{
	char bytes[KIND_BYTES];
	size_t length = 0;
	magic_t magic = magic_open(FLAGS);
	const char *type = NULL;
	bool said;

	if (magic == NULL || magic_load(magic, NULL) != 0)
		return 1;
	filter_confine(MEMORY, CPU_SECONDS);
	if (filter_read(STDIN_FILENO, bytes, sizeof bytes, &length))
		type = magic_buffer(magic, bytes, length);
	said = type != NULL && fd_write(STDOUT_FILENO, type, strlen(type));
	magic_close(magic);
	return !said;
}

const char *
kind_of(struct mem *m, const void *bytes, size_t length)
{
	char type[TYPE_CHARS + 1] = "";
	struct filtered made = { type, TYPE_CHARS, 0, 0 };

	if (!filter_apart("--kind", bytes, length < KIND_BYTES ? length : KIND_BYTES, &made) ||
		made.status != 0 || !is_type(type))
		return "application/octet-stream";
	return mem_print(m, "%s", type);
}
