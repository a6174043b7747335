/* SPDX-License-Identifier: ISC */
/* post_program: the transport `sendmail`: a mail for the standard input of the program that many
 * mail servers bring along. Knows its exit statuses (sysexits.h) and nothing of its server. */
#include "post_parts.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum {
	WORDS = 6, /* of the command, before the addresses */
	STEP_MS = 20
};

/* The mail with lines that end as those of other files do. */
static bool
fill(int fd, const struct parcel *parcel)
{
	FILE *f = fdopen(dup(fd), "w");
	bool good;

	if (f == NULL)
		return false;
	for (size_t i = 0; i < parcel->length; i++)
		if (parcel->bytes[i] != '\r')
			putc(parcel->bytes[i], f);
	good = fflush(f) == 0 && !ferror(f);
	return fclose(f) == 0 && good && lseek(fd, 0, SEEK_SET) == 0;
}

/* -i: a line with one dot is no end; what follows -- are addresses, whatever they begin with. */
static pid_t
start(const struct conf *conf, const struct parcel *parcel, int in, int out)
{
	const char *words[] = { conf->mail_sendmail, "-i", "-f", parcel->from, "--" };
	const char **argv = calloc(parcel->count + WORDS, sizeof *argv);
	char *const *given;
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	if (argv == NULL)
		mem_abort("out of memory");
	memcpy(argv, words, sizeof words);
	for (size_t i = 0; i < parcel->count; i++)
		argv[WORDS - 1 + i] = parcel->to[i];
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): it changes none of them */
	given = (char *const *)(uintptr_t)argv;
	errno = posix_spawn(&pid, conf->mail_sendmail, &actions, NULL, given, environ);
	if (errno != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	free(argv);
	return pid;
}

/* The status of the child; -1 if its time was up, or we are to stop. */
static int
wait_for(const struct post *p, pid_t pid)
{
	int status = 0;

	for (long ms = 0; waitpid(pid, &status, WNOHANG) == 0; ms += STEP_MS) {
		if (ms > p->conf->mail_timeout * 1000 || *p->stop) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return -1;
		}
		nanosleep(&(struct timespec){ .tv_nsec = STEP_MS * 1000000L }, NULL);
	}
	return status;
}

static enum posted
judge(struct post *p, int status, const char *said)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	if (status == -1)
		return post_said(p, POST_DOUBT, "sendmail did not end in time");
	if (code == EX_OK)
		return post_said(p, POST_SENT, "sendmail took it");
	if (code == EX_NOUSER || code == EX_NOHOST || code == EX_DATAERR)
		return post_said(p, POST_REFUSED, "sendmail refused it (%d): %s", code, said);
	return post_said(p, POST_AGAIN, "sendmail did not take it (%d): %s", code, said);
}

enum posted
post_to_program(struct post *p, const struct parcel *parcel)
{
	int in = memfd_create("mail", MFD_CLOEXEC), out = memfd_create("said", MFD_CLOEXEC);
	enum posted posted;
	char said[200];
	ssize_t n;
	pid_t pid;

	if (in < 0 || out < 0 || !fill(in, parcel)) {
		posted = post_said(p, POST_AWAY, "no room for the mail: %s", strerror(errno));
	} else if ((pid = start(p->conf, parcel, in, out)) < 0) {
		posted =
			post_said(p, POST_AWAY, "mail.sendmail cannot be run: %s", strerror(errno));
	} else {
		int status = wait_for(p, pid);

		n = pread(out, said, sizeof said - 1, 0);
		said[n > 0 ? n : 0] = '\0';
		posted = judge(p, status, said);
	}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return posted;
}
