/* SPDX-License-Identifier: ISC */
/*
 * kind: what a file is, by its content alone (libmagic). Owns what of a file is looked at; what it
 * is called counts for nothing. The one file that includes magic.h.
 */
#include "kind.h"

#include "log.h"

#include <magic.h>
#include <string.h>

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

	return n > 2 && n <= 127 && strchr(type, '/') != NULL &&
		type[strspn(type,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&^_.+-/")] ==
		'\0';
}

const char *
kind_of(struct mem *m, const void *bytes, size_t length)
{
	/* Its database is large, and mapped no longer than it is asked. */
	magic_t magic = magic_open(FLAGS);
	const char *type = NULL, *found = "application/octet-stream";

	if (magic != NULL && magic_load(magic, NULL) == 0)
		type = magic_buffer(magic, bytes, length < KIND_BYTES ? length : KIND_BYTES);
	else
		log_error("libmagic has no database, so all files are bytes");
	if (type != NULL && is_type(type))
		found = mem_print(m, "%s", type);
	if (magic != NULL)
		magic_close(magic);
	return found;
}
