/* SPDX-License-Identifier: ISC */
/* cli_child: other programs that the tool sets to work: those of MariaDB, and age(1). */
#include "cli_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char VARIABLE[] = "MYSQL_PWD";

bool
child_start(struct child *child, const char *const words[], int in, int out, const char *package)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t pipes;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): it changes none of them */
	char *const *argv = (char *const *)(uintptr_t)words;
	int failed;

	sigemptyset(&pipes);
	sigaddset(&pipes, SIGPIPE); /* which this tool ignores meanwhile */
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &pipes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	failed = posix_spawnp(&child->pid, words[0], &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (failed == ENOENT)
		return cli_fail("%s is not there: install the package %s", words[0], package) == 0;
	if (failed != 0)
		return cli_fail("%s: %s", words[0], strerror(failed)) == 0;
	child->name = words[0];
	return true;
}

bool
child_end(struct child *child)
{
	int status = 0;

	if (child->name == NULL)
		return true;
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	child->name = NULL;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool
child_pipe(int ends[2])
{
	signal(SIGPIPE, SIG_IGN); /* a child that has failed is told by its status */
	return pipe2(ends, O_CLOEXEC) == 0 || cli_fail("no pipe: %s", strerror(errno)) == 0;
}

size_t
child_database(struct cli *c, const char *command, const char *words[])
{
	const struct conf *conf = c->conf;
	size_t n = 0;

	words[n++] = command;
	words[n++] = "--no-defaults";
	words[n++] = "--default-character-set=utf8mb4";
	words[n++] = "--max-allowed-packet=1G";
	words[n++] = mem_print(c->mem, "--user=%s", conf->database_user);
	if (*conf->database_socket != '\0') {
		words[n++] = mem_print(c->mem, "--socket=%s", conf->database_socket);
	} else {
		words[n++] = "--protocol=tcp";
		words[n++] = mem_print(c->mem, "--host=%s", conf->database_host);
		words[n++] = mem_print(c->mem, "--port=%ld", conf->database_port);
	}
	setenv(VARIABLE, conf->database_password, 1);
	return n;
}

void
child_database_done(void)
{
	unsetenv(VARIABLE);
}
