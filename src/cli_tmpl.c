/* SPDX-License-Identifier: ISC */
/*
 * cli_tmpl: postern tmpl: shows a page with data of one's own, and lists the templates: for the
 * owner of a site who changes them. Knows no Mustache.
 */
#include "cli.h"
#include "conf_place.h"
#include "tmpl.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FOLDERS_DEEP = 3
};

struct names {
	const char **all;
	size_t count, size;
};

static int
usage(void)
{
	return cli_fail("usage: postern tmpl PAGE.html|MAIL.txt <DATA.json | postern tmpl --list");
}

/* The data of standard input, to be given back; NULL with a line on standard error. */
static json_t *
read_data(void)
{
	json_error_t bad;
	json_t *data = json_loadf(stdin, JSON_REJECT_DUPLICATES, &bad);
	char *near;

	if (data != NULL)
		return data;
	if ((near = strstr(bad.text, " near ")) != NULL) /* it repeats what was read */
		*near = '\0';
	cli_fail("standard input is no JSON, an object or a list: line %d, column %d: %s", bad.line,
		bad.column, bad.text);
	return NULL;
}

/* The folder that partials are named from, and the page's name in it. */
static const char *
split(struct cli *c, char *path, const char **name)
{
	char *slash = strrchr(path, '/'), *outer, *last;
	char *folder = mem_copy(c->mem, path, slash == NULL ? 0 : (size_t)(slash - path));

	*name = slash == NULL ? path : slash + 1;
	if (slash == NULL)
		return ".";
	outer = strrchr(folder, '/');
	last = outer != NULL ? outer + 1 : folder;
	if (strcmp(last, "widgets") != 0 && strcmp(last, "mail") != 0)
		return *folder != '\0' ? folder : "/";
	*name = mem_print(c->mem, "%s/%s", last, *name);
	if (outer == NULL)
		return ".";
	*outer = '\0';
	return *folder != '\0' ? folder : "/";
}

static int
show(struct cli *c, char *path)
{
	const char *name, *why, *text;
	const char *folders[] = { split(c, path, &name), NULL };
	struct tmpls *set = tmpls_new(folders, true);
	const struct tmpl *t = tmpls_need(set, name, &why);
	json_t *data = NULL;
	size_t length;
	int status = 0;

	if (t == NULL && access(path, F_OK) != 0)
		status = cli_fail("%s: %s", path, strerror(errno));
	else if (t == NULL)
		status = cli_fail("%s", why);
	else if ((data = read_data()) == NULL)
		status = 1;
	else {
		text = tmpl_render(c->mem, t, data, &length);
		status = fwrite(text, 1, length, stdout) < length;
	}
	json_decref(data);
	tmpls_free(set);
	return status;
}

static void
add(struct cli *c, struct names *names, const char *name)
{
	const char **old = names->all;

	for (size_t i = 0; i < names->count; i++)
		if (strcmp(old[i], name) == 0)
			return;
	if (names->count == names->size) {
		names->size = names->size * 2 + 64;
		names->all = mem_get(c->mem, names->size * sizeof *old);
		if (names->count > 0)
			memcpy(names->all, old, names->count * sizeof *old);
	}
	names->all[names->count++] = name;
}

/* The names of all templates in a folder and those below it. */
static void
collect(struct cli *c, struct names *names, const char *folder, const char *below, int deep)
{
	DIR *dir = deep > FOLDERS_DEEP ? NULL : opendir(mem_print(c->mem, "%s/%s", folder, below));
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		const char *name = mem_print(c->mem, "%s%s", below, entry->d_name);
		size_t n = strlen(name);

		if (entry->d_name[0] == '.')
			continue;
		if ((n > 5 && strcmp(name + n - 5, ".html") == 0) ||
			(n > 4 && strcmp(name + n - 4, ".txt") == 0))
			add(c, names, name);
		else
			collect(c, names, folder, mem_print(c->mem, "%s/", name), deep + 1);
	}
	if (dir != NULL)
		closedir(dir);
}

/* What the first comment of a template says, each line indented. */
static void
print_comment(struct cli *c, const char *path)
{
	const char *text = cli_read(c->mem, path, NULL), *end;

	if (text == NULL || (text = strstr(text, "{{!")) == NULL ||
		(end = strstr(text, "}}")) == NULL)
		return;
	for (text += 3; text < end;) {
		size_t n;

		text += strspn(text, " \t\r\n");
		if (text >= end)
			return;
		n = strcspn(text, "\r\n");
		if (n > (size_t)(end - text))
			n = (size_t)(end - text);
		printf("    %.*s\n", (int)n, text);
		text += n;
	}
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
list(struct cli *c)
{
	const char *own = conf_load("owner")->site_templates;
	char installed[PATH_MAX];
	const char *owners[] = { own, NULL }, *ours[] = { installed, NULL };
	struct names names = { 0 };
	struct tmpls *first, *then;

	if (!conf_near(installed, "templates"))
		return cli_fail("the folder templates is nowhere: is this program installed?");
	collect(c, &names, installed, "", 0);
	if (*own != '\0')
		collect(c, &names, own, "", 0);
	if (names.count > 0)
		qsort(names.all, names.count, sizeof *names.all, by_name);
	first = tmpls_new(owners, true);
	then = tmpls_new(ours, true);
	for (size_t i = 0; i < names.count; i++) {
		const char *mine = tmpls_file(first, names.all[i]);
		const char *theirs = tmpls_file(then, names.all[i]);

		if (mine == NULL && theirs == NULL)
			continue; /* its name is none that a template could give */
		printf("%s (%s): %s\n", names.all[i], mine != NULL ? "yours" : "installed",
			mine != NULL ? mine : theirs);
		print_comment(c, theirs != NULL ? theirs : mine);
	}
	tmpls_free(first);
	tmpls_free(then);
	return 0;
}

int
cli_tmpl(struct cli *c)
{
	if (cli_flag(c, "--list"))
		return c->argc > 0 ? usage() : list(c);
	if (c->argc != 1 || c->argv[0][0] == '-' || c->argv[0][0] == '\0')
		return usage();
	return show(c, c->argv[0]);
}
