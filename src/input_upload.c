/* SPDX-License-Identifier: ISC */
/*
 * input_upload: what a form's file must be: its size, and a name that can be shown and kept. Owns
 * neither its bytes nor what they are: the type is what the client says.
 */
#include "input_check.h"
#include "text.h"

#include <string.h>

enum {
	NAME_BYTES = 255 /* as file systems have it */
};

/* The length of the character at `s`; 0 if it is not UTF-8. */
static size_t
character(const char *s, size_t left)
{
	for (size_t n = 1; n <= 4 && n <= left; n++)
		if (text_utf8(s, n))
			return n;
	return 0;
}

/* Whether the character at `s` turns the direction of what follows (UAX 9): by these "gpj.exe" is
 * shown as "exe.jpg". */
static bool
turns(const char *s, size_t n)
{
	return (n == 2 && memcmp(s, "\u061c", 2) == 0) ||
		(n == 3 &&
			(memcmp(s, "\u200e", 3) == 0 || memcmp(s, "\u200f", 3) == 0 ||
				(memcmp(s, "\u202a", 3) >= 0 && memcmp(s, "\u202e", 3) <= 0) ||
				(memcmp(s, "\u2066", 3) >= 0 && memcmp(s, "\u2069", 3) <= 0)));
}

/* The last part of a client's path without what cannot be shown; "file" if nothing is left. */
static const char *
file_name(struct mem *m, const char *path)
{
	const char *s = path + strlen(path), *end = s;
	char *name = mem_get(m, NAME_BYTES + 1), *to = name;

	while (s > path && s[-1] != '/' && s[-1] != '\\')
		s--;
	while (s < end) {
		size_t n = character(s, (size_t)(end - s));

		if (n > NAME_BYTES - (size_t)(to - name))
			break;
		if (n > 0 && !check_is_control(s) && !turns(s, n)) {
			memcpy(to, s, n);
			to += n;
		}
		s += n > 0 ? n : 1;
	}
	if (text_blank(name) || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "file";
	return name;
}

json_t *
check_upload(const struct check *c)
{
	const struct http_pair *file = c->v->file;
	long size;

	if (file == NULL)
		return check_wrong(c, ERR_TYPE_FILE, 0);
	size = (long)file->value_length;
	if (size == 0 && c->f->min > 0)
		return check_wrong(c, ERR_BLANK, 0);
	if (size < c->f->min)
		return check_wrong(c, ERR_FILE_SMALL, c->f->min);
	if (c->f->max > 0 && size > c->f->max)
		return check_wrong(c, ERR_FILE_LARGE, c->f->max);
	return mem_pack(c->m, "{s:s, s:s, s:I}", "name", file_name(c->m, file->filename), "type",
		file->type, "size", (json_int_t)size);
}
