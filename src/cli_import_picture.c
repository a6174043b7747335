/* SPDX-License-Identifier: ISC */
/*
 * cli_import_picture: files of a folder as profile pictures. Each is decoded by a process of its
 * own, the program pictures as a filter, so that the tool links no decoder and a file that breaks
 * one costs that picture alone. Owns the names that are taken, how many run at once and for how
 * long.
 */
#include "cli_import.h"
#include "conf_place.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	AT_ONCE = 2,
	SECONDS = 30,           /* for one */
	WEBP_BYTES = 512 << 10, /* of what comes out, at most */
	WHY_BYTES = 400
};

/* A process at work. */
struct job {
	pid_t pid; /* 0 = none */
	struct row *row;
	int out, err;
};

struct pictures {
	int folder;
	char program[PATH_MAX];
	struct job job[AT_ONCE];
};

struct pictures *
pictures_open(struct mem *m, const char *folder)
{
	struct pictures *p = mem_get(m, sizeof *p);

	if (!conf_near(p->program, "cgi-bin/pictures.fcgi") &&
		!conf_near(p->program, "lib/postern/pictures.fcgi"))
		return cli_fail("the program pictures.fcgi is not beside this one"), NULL;
	p->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->folder < 0)
		return cli_fail("%s: %s", folder, strerror(errno)), NULL;
	return p;
}

void
pictures_close(struct pictures *p)
{
	close(p->folder);
}

/* The file of that very name in the folder, if it is a file and no link; -1 if not, with *why. A
 * name with a slash has been refused before. */
static int
open_file(const struct pictures *p, const char *name, const char **why)
{
	int fd = openat(p->folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	*why = errno == ENOENT ? "there is no such file" : "the file cannot be read";
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	*why = "this is no file";
	close(fd);
	return -1;
}

/* In the child: become the filter. The alarm goes along. */
static _Noreturn void
become(const struct pictures *p, int in, int out, int err)
{
	static char name[] = "pictures", what[] = "--convert";
	char *argv[] = { name, what, NULL }, *environment[] = { NULL };

	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
		dup2(err, STDERR_FILENO) >= 0) {
		closefrom(STDERR_FILENO + 1); /* such as the connection to the database */
		alarm(SECONDS);
		execve(p->program, argv, environment);
	}
	_exit(127);
}

/* All that a process wrote; NULL if it is nothing, or more than `most` bytes. */
static const char *
written(struct mem *m, int fd, size_t most, size_t *length)
{
	struct stat st;
	char *bytes;

	if (fstat(fd, &st) != 0 || st.st_size == 0 || (size_t)st.st_size > most)
		return NULL;
	*length = (size_t)st.st_size;
	bytes = mem_get(m, *length + 1);
	return pread(fd, bytes, *length, 0) == st.st_size ? bytes : NULL;
}

/* What has come of a job: the picture as hexadecimal, or why there is none. */
static void
collect(struct mem *m, const struct job *job, int status)
{
	struct row *row = job->row;
	struct mem *scratch = mem_new();
	bool exited = WIFEXITED(status), good = exited && WEXITSTATUS(status) == 0;
	size_t n;
	const char *bytes = exited
		? written(scratch, good ? job->out : job->err, good ? WEBP_BYTES : WHY_BYTES, &n)
		: NULL;

	if (bytes == NULL || (!good && !text_utf8(bytes, n)))
		row->sorry = "it takes too long, or is broken";
	else if (!good)
		row->sorry = mem_print(m, "%.*s", (int)strcspn(bytes, "\n"), bytes);
	else
		text_hex(row->webp = mem_get(m, 2 * n + 1), bytes, n);
	mem_free(scratch);
}

/* Wait for one of the jobs, and free its place. */
static void
wait_one(struct pictures *p, struct mem *m)
{
	int status;
	pid_t pid = wait(&status);

	for (size_t i = 0; i < AT_ONCE; i++) {
		struct job *job = &p->job[i];

		if (job->pid == 0 || (job->pid != pid && pid > 0))
			continue;
		collect(m, job, pid > 0 ? status : -1);
		close(job->out);
		close(job->err);
		job->pid = 0;
	}
}

static struct job *
free_place(struct pictures *p, struct mem *m)
{
	for (;;) {
		for (size_t i = 0; i < AT_ONCE; i++)
			if (p->job[i].pid == 0)
				return &p->job[i];
		wait_one(p, m);
	}
}

static void
begin(struct pictures *p, struct mem *m, struct row *row)
{
	int in = open_file(p, row->picture, &row->sorry);
	struct job *job;

	if (in < 0)
		return;
	job = free_place(p, m);
	row->sorry = NULL;
	job->row = row;
	job->out = memfd_create("picture", MFD_CLOEXEC);
	job->err = memfd_create("why", MFD_CLOEXEC);
	if (job->out >= 0 && job->err >= 0 && (job->pid = fork()) == 0)
		become(p, in, job->out, job->err);
	close(in);
	if (job->out < 0 || job->err < 0 || job->pid < 0)
		mem_abort("no process for a picture");
}

void
pictures_make(struct pictures *p, struct mem *m, struct row *rows, size_t count)
{
	bool busy = true;

	for (size_t i = 0; i < count; i++) {
		struct row *row = &rows[i];

		if (row->picture != NULL && row->why == NULL && (!row->there || row->bare))
			begin(p, m, row);
	}
	while (busy) {
		busy = false;
		for (size_t i = 0; i < AT_ONCE; i++)
			busy |= p->job[i].pid != 0;
		if (busy)
			wait_one(p, m);
	}
}

const char *
pictures_name(struct mem *m, const char *name)
{
	char *copy = mem_copy(m, name, strlen(name));
	bool text = text_utf8(name, strlen(name));

	for (unsigned char *at = (unsigned char *)copy; *at != '\0'; at++)
		if (*at < ' ' || *at == 0x7f || (*at > 0x7f && !text))
			*at = '?';
	return copy;
}
