/* SPDX-License-Identifier: ISC */
/*
 * spawn N PROGRAM ARGUMENT...: execute a program N times, one after the other, as a web server does
 * with a CGI program, and say the microseconds from its start to its end: half, 99 and 99.9 of a
 * hundred, and those of a processor that it used on average.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	MOST = 100000
};

extern char **environ;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* One process, until its end; false if it could not be or failed. */
static int
once(char **argv, const posix_spawn_file_actions_t *actions, int from)
{
	char piece[65536];
	int status;
	pid_t pid;

	if (posix_spawn(&pid, argv[0], actions, NULL, argv, environ) != 0)
		return 0;
	/* A pipe holds an answer that is not too long: it is read when all is there. */
	if (waitpid(pid, &status, 0) != pid || status != 0)
		return 0;
	return read(from, piece, sizeof piece) > 0;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
processor(void)
{
	struct rusage r;

	getrusage(RUSAGE_CHILDREN, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e6 +
		(double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

int
main(int argc, char **argv)
{
	static double taken[MOST];
	posix_spawn_file_actions_t actions;
	long n = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
	int ends[2];

	if (n < 1 || n > MOST || pipe2(ends, O_CLOEXEC) != 0)
		return 2;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	for (long i = 0; i < n; i++) {
		double start = now();

		if (!once(argv + 2, &actions, ends[0]))
			return 1;
		taken[i] = now() - start;
	}
	qsort(taken, (size_t)n, sizeof taken[0], compare);
	printf("%.1f %.1f %.1f %.1f\n", taken[n / 2], taken[n * 99 / 100], taken[n * 999 / 1000],
		processor() / (double)n);
	return 0;
}
