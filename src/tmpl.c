/* SPDX-License-Identifier: ISC */
/* tmpl: a set of templates: which file a name means, read once. Knows no Mustache and no HTML. */
#include "tmpl.h"

#include "text.h"
#include "tmpl_parts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LARGEST = 256 * 1024 /* bytes of a file */
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

bool
tmpl_words(const char *text, const char *between)
{
	for (bool inside = false;; text++)
		if (isalnum((unsigned char)*text) || *text == '_' || *text == '-')
			inside = true;
		else if (!inside || *text == '\0')
			return inside;
		else if (strchr(between, *text) == NULL)
			return false;
		else
			inside = false;
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

	if (!tmpl_words(name, "./"))
		return NULL;
	for (const char **folder = set->folders; *folder != NULL; folder++) {
		const char *path = path_of(set, *folder, name);

		if (stat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR))
			return path;
	}
	return NULL;
}

/* Say why not; NULL, for `return`. */
static const char *
no(const char **why, const char *reason)
{
	*why = reason;
	return NULL;
}

/* All of the open file; NULL with the reason at *why. */
static const char *
read_all(struct mem *m, int fd, size_t *length, const char **why)
{
	struct stat st;
	ssize_t got;
	char *text;

	if (fd < 0 || fstat(fd, &st) != 0)
		return no(why, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return no(why, "this is no file");
	if (st.st_size > LARGEST)
		return no(why, "it is larger than 256 KB");
	*length = (size_t)st.st_size;
	text = mem_get(m, *length + 1);
	if ((got = read(fd, text, *length)) < 0)
		return no(why, strerror(errno));
	return (size_t)got == *length ? text : no(why, "it ends too early");
}

/* The first line that is no UTF-8, or 0. */
static int
bad_line(const char *text, size_t length)
{
	int line = 1;

	for (const char *end = text + length, *next; text < end; text = next, line++) {
		next = memchr(text, '\n', (size_t)(end - text));
		next = next != NULL ? next + 1 : end;
		if (!text_utf8(text, (size_t)(next - text)))
			return line;
	}
	return 0;
}

static void
fill(struct tmpls *set, struct tmpl *t)
{
	static const char bom[] = "\xef\xbb\xbf"; /* some editors put it there */
	int line, fd = open(t->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t length = 0, skip;
	const char *why = "", *text = read_all(set->mem, fd, &length, &why);

	if (fd >= 0)
		close(fd);
	if (text == NULL) {
		t->why = mem_print(set->mem, "%s:1: cannot be read: %s", t->path, why);
	} else if ((line = bad_line(text, length)) != 0) {
		t->why = mem_print(set->mem, "%s:%d: is not UTF-8", t->path, line);
	} else {
		skip = strncmp(text, bom, 3) == 0 ? 3 : 0;
		tmpl_parse(set, t, text + skip, length - skip);
	}
}

struct tmpl *
tmpl_load(struct tmpls *set, const char *name)
{
	const char *path;
	const char *dot = strrchr(name, '.');
	struct tmpl *t;

	for (t = set->all; t != NULL; t = t->next)
		if (strcmp(t->name, name) == 0)
			return t;
	if ((path = tmpls_file(set, name)) == NULL)
		return NULL;
	t = mem_get(set->mem, sizeof *t);
	t->name = mem_copy(set->mem, name, strlen(name));
	t->path = path;
	t->plain = dot != NULL && strcmp(dot, ".txt") == 0;
	t->next = set->all;
	set->all = t; /* before it is parsed: it may name itself */
	fill(set, t);
	return t;
}

const struct tmpl *
tmpls_need(struct tmpls *set, const char *name, const char **why)
{
	struct tmpl *t;

	if (!tmpl_words(name, "./")) {
		*why = mem_print(set->mem, "%s:1: is no name for a template", name);
		return NULL;
	}
	if ((t = tmpl_load(set, name)) == NULL) {
		*why = mem_print(set->mem, "%s:1: there is no such template", name);
		return NULL;
	}
	*why = t->why != NULL || t->checked ? t->why : tmpl_check(set->mem, t);
	t->checked = *why == NULL;
	return t->checked ? t : NULL;
}
