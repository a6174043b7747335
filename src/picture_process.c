/* SPDX-License-Identifier: ISC */
/*
 * picture_process: pictures are decoded by a process of their own, this program once more as a
 * filter. Decoders are the likeliest hole of all, so theirs knows no setting and no password, has
 * no descriptor but three and cannot open another, and has a bound on memory and on time; when it
 * crashes the member is told that the picture is broken, and the worker, with its connection to the
 * database, goes on. It costs 2.4 ms of a processor, beside the 22 that a photograph of 12
 * megapixels takes; a bare fork would cost 0.3, but would take the secrets along.
 */
#include "picture.h"

#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	FILE_BYTES = 64 << 20, /* of the largest file: what limits.picture may be */
	/* The greediest picture of PICTURE_PIXELS takes 320 MB: a progressive JPEG in four colours,
	 * none of them made coarser. */
	MEMORY = 512 << 20,
	CPU_SECONDS = 4, /* 40 megapixels take about one */
	REFUSED = 65, /* the first exit status that tells why; no library and no loader ends so */
	CALM = 10,    /* nice(2): reading pages goes before */
};

/* A sanitizer maps terabytes, and looks into /proc at the end. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif

static void
limit(__rlimit_resource_t what, rlim_t most)
{
	setrlimit(what, &(struct rlimit){ most, most });
}

static void
confine(void)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, CPU_SECONDS);
#ifndef SANITIZED
	limit(RLIMIT_AS, MEMORY);
	limit(RLIMIT_NOFILE, 0); /* three would let it close one and open another in its place */
#endif
	if (nice(CALM) == -1)
		errno = 0; /* -1 may be the new value, and nothing depends on it */
}

/* read(2) until the end or `size` bytes: their number is added to *total. False if it fails. */
static bool
read_all(int fd, char *to, size_t size, size_t *total)
{
	while (size > 0) {
		ssize_t n = read(fd, to, size);

		if (n < 0 && errno != EINTR)
			return false;
		if (n == 0)
			break;
		n = n > 0 ? n : 0;
		to += n;
		size -= (size_t)n;
		*total += (size_t)n;
	}
	return true;
}

/* All of standard input, of malloc(3); NULL if it cannot be read. */
static char *
slurp(size_t *length)
{
	char *bytes = NULL, *more;
	size_t size = 0;

	*length = 0;
	do {
		size = size == 0 ? 1 << 20 : 2 * size;
		if ((more = realloc(bytes, size)) == NULL)
			mem_abort("out of memory");
		bytes = more;
		if (!read_all(STDIN_FILENO, bytes + *length, size - *length, length)) {
			free(bytes);
			return NULL;
		}
	} while (*length == size && size < FILE_BYTES);
	return bytes;
}

/* The exit status that tells of an error. */
static int
refusal(enum err e)
{
	return REFUSED + (int)(e - ERR_PICTURE_KIND);
}

int
picture_filter(void)
{
	struct flaw flaw = { 0 };
	size_t length, size;
	char *bytes, text[160];
	void *webp;
	bool written;

	confine();
	bytes = slurp(&length);
	flaw.err =
		bytes != NULL ? picture_convert(bytes, length, &webp, &size) : ERR_PICTURE_BROKEN;
	free(bytes);
	if (flaw.err != ERR_NONE) {
		fprintf(stderr, "%s\n", err_text(&flaw, text, sizeof text));
		return refusal(flaw.err);
	}
	written = fd_write(STDOUT_FILENO, webp, size);
	free(webp);
	return written ? 0 : refusal(ERR_PICTURE_BROKEN);
}

/* Start this program as a filter between `in` and `out`. */
static bool
start(pid_t *pid, int in, int out)
{
	char name[] = "pictures", what[] = "--convert";
	char *argv[] = { name, what, NULL }, *environment[] = { NULL };
	posix_spawn_file_actions_t files;
	bool started;

	if (posix_spawn_file_actions_init(&files) != 0)
		return false;
	started = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO) == 0 &&
		posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO) == 0 &&
		posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0) ==
			0 &&
		posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1) == 0 &&
		posix_spawn(pid, "/proc/self/exe", &files, NULL, argv, environment) == 0;
	posix_spawn_file_actions_destroy(&files);
	return started;
}

/* What the end of the filter means. */
static enum err
ended(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return ERR_BUSY;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return ERR_NONE;
	for (enum err e = ERR_PICTURE_KIND; e < ERR_PICTURE_BROKEN; e++)
		if (WIFEXITED(status) && WEXITSTATUS(status) == refusal(e))
			return e;
	return ERR_PICTURE_BROKEN;
}

/* Two pipes as {read, write, read, write}, above the three standard descriptors. */
static bool
pipes(int fd[4])
{
	if (pipe2(fd, O_CLOEXEC) != 0)
		return false;
	if (pipe2(fd + 2, O_CLOEXEC) == 0)
		return true;
	close(fd[0]);
	close(fd[1]);
	return false;
}

/* Give the filter its picture and take what it makes. It reads all before it writes; one that died
 * is known by its end. False if the pipes failed. */
static bool
exchange(int in, int out, const char *bytes, size_t length, char *to, size_t *size)
{
	bool sent = fd_write(in, bytes, length) || errno == EPIPE;

	close(in);
	return read_all(out, to, PICTURE_BYTES, size) && sent;
}

enum err
picture_apart(struct mem *m, const void *bytes, size_t length, const char **webp, size_t *size)
{
	char *to = mem_get(m, PICTURE_BYTES);
	bool started, exchanged;
	pid_t pid;
	enum err e;
	int fd[4];

	*webp = to;
	*size = 0;
	if (!pipes(fd))
		return ERR_BUSY;
	started = start(&pid, fd[0], fd[3]);
	close(fd[0]);
	close(fd[3]);
	exchanged = started && exchange(fd[1], fd[2], bytes, length, to, size);
	if (!started)
		close(fd[1]);
	close(fd[2]);
	if (!started)
		return ERR_BUSY;
	e = ended(pid);
	if (!exchanged)
		return ERR_BUSY;
	return e == ERR_NONE && *size == 0 ? ERR_PICTURE_BROKEN : e;
}
