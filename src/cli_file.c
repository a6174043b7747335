/* SPDX-License-Identifier: ISC */
/* cli_file: files that the tool reads whole, or replaces in one step, and whose they are. */
#include "cli.h"

#include "conf_place.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LARGEST = 64 << 20 /* bytes of a file */
};

char *
cli_read(struct mem *m, const char *path, size_t *length)
{
	FILE *f = fopen(path, "re");
	size_t size = 4096, n = 0, got;
	char *text = NULL, *more, *copy = NULL;
	int error;

	if (f == NULL)
		return NULL;
	do {
		if ((more = realloc(text, size *= 2)) == NULL)
			mem_abort("out of memory");
		text = more;
		got = fread(text + n, 1, size - n, f);
		n += got;
	} while (got > 0 && n < LARGEST);
	error = ferror(f) ? errno : n < LARGEST ? 0 : EFBIG;
	(void)fclose(f);
	if (error == 0)
		copy = mem_copy(m, text, n);
	explicit_bzero(text, n); /* it may be a key, as the caller knows */
	free(text);
	errno = error;
	if (length != NULL)
		*length = n;
	return copy;
}

/* Root writes for the class: whoever CLASS.conf belongs to shall read it. */
static bool
give(struct cli *c, int fd, const char *class)
{
	struct stat st;

	if (class == NULL || geteuid() != 0 || stat(cli_beside(c, class), &st) != 0)
		return true;
	return fchown(fd, st.st_uid, st.st_gid) == 0;
}

const char *
cli_beside(struct cli *c, const char *class)
{
	char path[PATH_MAX], folder[PATH_MAX];

	conf_place(path, folder);
	return mem_print(c->mem, "%s/%s.conf", folder, class);
}

bool
cli_replace(struct cli *c, const char *path, const char *text, mode_t mode, const char *class)
{
	const char *new = mem_print(c->mem, "%s.new", path);
	int fd;
	bool good;

	mkdir(dirname(mem_copy(c->mem, path, strlen(path))), 0755);
	unlink(new);
	fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	/* The umask may have taken more: the public keys are for all classes. */
	good = fd >= 0 && fchmod(fd, mode) == 0 && give(c, fd, class) &&
		dprintf(fd, "%s", text) > 0 && fsync(fd) == 0 && close(fd) == 0 &&
		rename(new, path) == 0;
	return good || cli_fail("%s: %s", path, strerror(errno)) == 0;
}
