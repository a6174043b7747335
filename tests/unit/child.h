/* SPDX-License-Identifier: ISC */
#pragma once

/* What the unit tests share: cmocka and what it needs, and code that should end its process. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/*
 * Run `run(what)` in a child, which says on standard error what it finds (an assertion there would
 * go on with the parent's tests). Fills `said`; returns what waitpid told.
 */
static inline int
in_child(void (*run)(const void *), const void *what, char *said, size_t size)
{
	int fd[2], status;
	ssize_t got;
	size_t n = 0;
	pid_t child;

	fflush(NULL);
	assert_int_equal(pipe(fd), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		signal(SIGSEGV, SIG_DFL); /* cmocka's handler would go on, too */
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
		dup2(fd[1], STDERR_FILENO);
		close(fd[0]);
		close(fd[1]);
		run(what);
		_exit(0);
	}
	close(fd[1]);
	while (n + 1 < size && (got = read(fd[0], said + n, size - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	close(fd[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* `run(what)` logs the line "postern: WHY" and aborts. */
static inline void
assert_aborts(void (*run)(const void *), const void *what, const char *why)
{
	char said[512], line[512];
	int status = in_child(run, what, said, sizeof said);

	snprintf(line, sizeof line, "postern: %s\n", why);
	assert_string_equal(said, line);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}
