/* SPDX-License-Identifier: ISC */
/*
 * cli_steps: the folder of migrations. Owns the names of its files, their order and their
 * checksums; knows nothing of the database.
 */
#include "cli_migrate.h"

#include "conf_place.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *
migrate_folder(struct mem *m)
{
	char path[PATH_MAX];

	return conf_near(path, "sql") ? mem_copy(m, path, strlen(path)) : "sql";
}

const char *
step_read(struct cli *c, const struct steps *all, const struct step *s, const char *way)
{
	return cli_read(c->mem, mem_print(c->mem, "%s/%s.%s.sql", all->folder, s->name, way), NULL);
}

static int
is_up(const struct dirent *e)
{
	const char *n = e->d_name;
	size_t length = strlen(n);

	return length > 11 && strspn(n, "0123456789") == 3 && n[3] == '_' &&
		strcmp(n + length - 7, ".up.sql") == 0;
}

bool
steps_find(struct cli *c, struct steps *all)
{
	struct dirent **found;
	int n = scandir(all->folder = migrate_folder(c->mem), &found, is_up, alphasort);

	if (n <= 0)
		return cli_fail("%s: no migrations are there", all->folder) == 0;
	all->count = (size_t)n;
	all->step = mem_get(c->mem, all->count * sizeof *all->step);
	for (size_t i = 0; i < all->count; i++) {
		struct step *s = &all->step[i];
		const char *text;
		uint8_t digest[32];

		s->number = (int)strtol(found[i]->d_name, NULL, 10);
		s->name = mem_copy(c->mem, found[i]->d_name, strlen(found[i]->d_name) - 7);
		free(found[i]);
		if ((text = step_read(c, all, s, "up")) == NULL)
			return cli_fail("%s/%s.up.sql: %s", all->folder, s->name,
				       strerror(errno)) == 0;
		text_sha256(digest, text, strlen(text));
		text_hex(s->checksum, digest, sizeof digest);
	}
	free(found);
	for (size_t i = 0; i < all->count; i++)
		if (all->step[i].number != (int)i + 1)
			return cli_fail("%s: %03d is missing or there twice", all->folder,
				       (int)i + 1) == 0;
	return true;
}

int
step_new(struct cli *c, const struct steps *all)
{
	const char *name = c->argv[1];
	static const char *const ways[] = { "up", "down" };

	if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0' || *name == '\0')
		return cli_fail("a name is a verb and a noun, such as add_users_language");
	for (int i = 0; i < 2; i++) {
		const char *path = mem_print(
			c->mem, "%s/%03zu_%s.%s.sql", all->folder, all->count + 1, name, ways[i]);
		FILE *f = fopen(path, "wxe");

		if (f == NULL)
			return cli_fail("%s: %s", path, strerror(errno));
		fputs("-- One DDL statement that may be run again (IF NOT EXISTS, IF EXISTS).\n",
			f);
		if (fclose(f) != 0)
			return cli_fail("%s: %s", path, strerror(errno));
		puts(path);
	}
	return 0;
}
