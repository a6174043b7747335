/* SPDX-License-Identifier: ISC */
/*
 * filter: this program once more, as a filter in a process of its own, for libraries that read what
 * strangers have made. It knows no setting and no password, has no descriptor but three and cannot
 * open another, and has a bound on memory and on time; when it crashes, the worker with its
 * connection to the database goes on. It costs 2.4 ms of a processor; a bare fork would cost 0.3,
 * but would take the secrets along.
 */
#include "filter.h"

#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	CALM = 10 /* nice(2): reading pages goes before */
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

void
filter_confine(size_t memory, unsigned seconds)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, seconds);
#ifndef SANITIZED
	limit(RLIMIT_AS, memory);
	limit(RLIMIT_NOFILE, 0); /* three would let it close one and open another in its place */
#else
	(void)memory;
#endif
	if (nice(CALM) == -1)
		errno = 0; /* -1 may be the new value, and nothing depends on it */
}

bool
filter_read(int fd, char *to, size_t size, size_t *total)
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

/* Start this program as a filter between `in` and `out`. */
static bool
start(pid_t *pid, const char *option, int in, int out)
{
	char name[] = "postern";
	char *argv[] = { name, (char *)option, NULL }, *environment[] = { NULL };
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

/* Give the filter its bytes and take what it makes. It reads all before it writes; one that died is
 * known by its end. False if the pipes failed. */
static bool
exchange(int in, int out, const char *bytes, size_t length, struct filtered *made)
{
	bool sent = fd_write(in, bytes, length) || errno == EPIPE;

	close(in);
	return filter_read(out, made->at, made->room, &made->length) && sent;
}

bool
filter_apart(const char *option, const void *bytes, size_t length, struct filtered *made)
{
	bool started, exchanged;
	pid_t pid;
	int fd[4];

	made->length = 0;
	if (!pipes(fd))
		return false;
	started = start(&pid, option, fd[0], fd[3]);
	close(fd[0]);
	close(fd[3]);
	exchanged = started && exchange(fd[1], fd[2], bytes, length, made);
	if (!started)
		close(fd[1]);
	close(fd[2]);
	if (!started)
		return false;
	while (waitpid(pid, &made->status, 0) < 0)
		if (errno != EINTR)
			return false;
	return exchanged;
}
