/* SPDX-License-Identifier: ISC */
/* tmpl: a set of templates: which file a name means, read once. Knows no Mustache and no HTML. */
#include "tmpl.h"

#include "text.h"
#include "tmpl_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LARGEST = 256 * 1024, /* bytes of a file */
	LONGEST = 200,        /* characters of a name */
};

struct tmpls {
	struct mem *mem;
	const char **folders; /* ended by NULL */
	bool lenient;
	struct tmpl *all;
};

struct tmpls *
tmpls_new(const char *const *folders, bool lenient)
{
	struct mem *m = mem_new();
	struct tmpls *set = mem_get(m, sizeof *set);
	size_t n = 0;

	while (folders[n] != NULL)
		n++;
	*set = (struct tmpls){ .mem = m, .lenient = lenient };
	set->folders = mem_get(m, (n + 1) * sizeof *set->folders);
	n = 0;
	for (size_t i = 0; folders[i] != NULL; i++)
		if (folders[i][0] != '\0')
			set->folders[n++] = mem_copy(m, folders[i], strlen(folders[i]));
	return set;
}

void
tmpls_free(struct tmpls *set)
{
	mem_free(set->mem);
}

struct mem *
tmpl_memory(struct tmpls *set)
{
	return set->mem;
}

bool
tmpl_lenient(const struct tmpls *set)
{
	return set->lenient;
}

static bool
plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '-' || c == '_' || c == '.' || c == '/';
}

bool
tmpl_good_name(const char *name, size_t length)
{
	if (length == 0 || length > LONGEST || name[0] == '/' || name[length - 1] == '/')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!plain(name[i]) || (name[i] == '.' && i + 1 < length && name[i + 1] == '.'))
			return false;
	return true;
}

static const char *
path_of(struct tmpls *set, const char *folder, const char *name)
{
	if (strcmp(folder, ".") == 0)
		return mem_copy(set->mem, name, strlen(name));
	return mem_print(set->mem, "%s/%s", folder, name);
}

const char *
tmpls_file(struct tmpls *set, const char *name)
{
	struct stat st;

	if (!tmpl_good_name(name, strlen(name)))
		return NULL;
	for (const char **folder = set->folders; *folder != NULL; folder++) {
		const char *path = path_of(set, *folder, name);

		if (stat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR))
			return path;
	}
	return NULL;
}

/* Why the open file `fd` is none to read; NULL: it is one, of `size` bytes. */
static const char *
unfit(int fd, size_t *size)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return strerror(errno);
	*size = (size_t)st.st_size;
	if (!S_ISREG(st.st_mode))
		return "this is no file";
	return st.st_size > LARGEST ? "it is larger than 256 KB" : NULL;
}

/* All of the file in t->path; NULL with t->why. */
static char *
read_all(struct tmpls *set, struct tmpl *t, size_t *length)
{
	int fd = open(t->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t size = 0;
	const char *why = unfit(fd, &size);
	char *text = NULL;
	ssize_t got = 1;

	*length = 0;
	if (why == NULL)
		text = mem_get(set->mem, size + 1);
	while (why == NULL && got > 0 && *length < size)
		if ((got = read(fd, text + *length, size - *length)) < 0)
			why = strerror(errno);
		else
			*length += (size_t)got;
	if (fd >= 0)
		close(fd);
	if (why != NULL)
		t->why = mem_print(set->mem, "%s:1: cannot be read: %s", t->path, why);
	return why == NULL ? text : NULL;
}

/* The line of the first byte that is no UTF-8. */
static int
bad_line(const char *text, size_t length)
{
	int line = 1;

	for (const char *end; length > 0; line++) {
		size_t n = length;

		if ((end = memchr(text, '\n', length)) != NULL)
			n = (size_t)(end - text) + 1;
		if (!text_utf8(text, n))
			return line;
		text += n;
		length -= n;
	}
	return line;
}

static void
fill(struct tmpls *set, struct tmpl *t)
{
	static const char bom[] = "\xef\xbb\xbf";
	size_t length;
	const char *text = read_all(set, t, &length);

	if (text == NULL)
		return;
	if (!text_utf8(text, length)) {
		t->why =
			mem_print(set->mem, "%s:%d: is not UTF-8", t->path, bad_line(text, length));
		return;
	}
	if (length >= 3 && memcmp(text, bom, 3) == 0) { /* some editors put it there */
		text += 3;
		length -= 3;
	}
	tmpl_parse(set, t, text, length);
}

struct tmpl *
tmpl_load(struct tmpls *set, const char *name)
{
	const char *path;
	struct tmpl *t;

	for (t = set->all; t != NULL; t = t->next)
		if (strcmp(t->name, name) == 0)
			return t;
	if ((path = tmpls_file(set, name)) == NULL)
		return NULL;
	t = mem_get(set->mem, sizeof *t);
	t->name = mem_copy(set->mem, name, strlen(name));
	t->path = path;
	t->next = set->all;
	set->all = t; /* before it is parsed: it may name itself */
	fill(set, t);
	return t;
}

const struct tmpl *
tmpls_need(struct tmpls *set, const char *name, const char **why)
{
	struct tmpl *t;

	if (!tmpl_good_name(name, strlen(name))) {
		*why = mem_print(set->mem, "%s:1: is no name for a template", name);
		return NULL;
	}
	if ((t = tmpl_load(set, name)) == NULL) {
		*why = mem_print(set->mem, "%s:1: there is no such template", name);
		return NULL;
	}
	if (!t->checked && t->why == NULL)
		t->page_why = tmpl_check(set, t);
	t->checked = true;
	*why = t->why != NULL ? t->why : t->page_why;
	return *why == NULL ? t : NULL;
}
