/* SPDX-License-Identifier: ISC */
/*
 * cli_doctor: postern doctor: what is wrong with this installation, and what to do about it. Owns
 * how checks run, each in a process of its own with a time limit, and how they are told; knows
 * nothing of what they look at.
 */
#include "cli_doctor.h"

#include "conf_place.h"
#include "json.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	USAGE = 2,   /* exit status */
	SECONDS = 6, /* of most checks: what they wait for has 5 at most */
	LONG = 30,   /* of those that ask many */
	STEP_MS = 5,
	SAID = 4096, /* bytes of what a check says as it dies */
};

static const struct check {
	const char *name;
	void (*run)(struct doctor *d);
	const char *class; /* whose settings, rights and database account; NULL: none */
	int seconds;
} checks[] = {
	{ "settings", doctor_settings, "owner", SECONDS },
	{ "secrets", doctor_secrets, "credentials", SECONDS },
	{ "secrets", doctor_secrets, "content", SECONDS },
	{ "secrets", doctor_secrets, "gate", SECONDS },
	{ "secrets", doctor_secrets, "pictures", SECONDS },
	{ "secrets", doctor_secrets, "mail", SECONDS },
	{ "database", doctor_database, "owner", SECONDS },
	{ "migrations", doctor_migrations, "owner", SECONDS },
	{ "account", doctor_account, "credentials", SECONDS },
	{ "account", doctor_account, "content", SECONDS },
	{ "account", doctor_account, "gate", SECONDS },
	{ "account", doctor_account, "pictures", SECONDS },
	{ "account", doctor_account, "mail", SECONDS },
	{ "clock", doctor_clock, "owner", SECONDS },
	{ "keys", doctor_keys, "credentials", SECONDS },
	{ "keys", doctor_share_key, "content", SECONDS },
	{ "mail", doctor_mail, "mail", SECONDS },
	{ "outbox", doctor_outbox, "owner", SECONDS },
	{ "tidy", doctor_tidy, "owner", SECONDS },
	{ "error pages", doctor_static, "owner", SECONDS },
	{ "programs", doctor_programs, NULL, LONG },
	{ "sockets", doctor_sockets, NULL, LONG },
	{ "address", doctor_address, "owner", SECONDS },
	{ "authorization", doctor_authorization, "owner", SECONDS },
	{ "body limits", doctor_bodies, "owner", LONG },
	{ "login", doctor_login, "owner", SECONDS },
	{ "headers", doctor_headers, "owner", SECONDS },
	{ "web errors", doctor_errors, "owner", SECONDS },
	{ "hidden files", doctor_hidden, "owner", LONG },
};

__attribute__((format(printf, 3, 0))) static void
put_row(struct doctor *d, bool good, const char *format, va_list ap)
{
	json_t *row =
		mem_pack(d->cli.mem, "{s:b, s:o}", "ok", good, "text", json_vsprintf(format, ap));

	json_dumpf(row, d->to, JSON_COMPACT);
	putc('\n', d->to);
	(void)fflush(d->to);
}

void
doctor_good(struct doctor *d, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	put_row(d, true, format, ap);
	va_end(ap);
}

void
doctor_bad(struct doctor *d, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	put_row(d, false, format, ap);
	va_end(ap);
}

void
doctor_end(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	exit(1);
}

const char *
doctor_folder(struct doctor *d)
{
	char path[PATH_MAX] = "", folder[PATH_MAX];

	conf_place(path, folder);
	return mem_copy(d->cli.mem, folder, strlen(folder));
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

const char *
doctor_find(struct doctor *d, const char *named, const char *name, const char *installed)
{
	const char *beside;

	if (named != NULL)
		return is_folder(named) ? named : NULL;
	beside = mem_print(d->cli.mem, "%s/%s", doctor_folder(d), name);
	return is_folder(beside) ? beside : is_folder(installed) ? installed : NULL;
}

void
doctor_become(struct doctor *d, const char *class)
{
	const char *path = mem_print(d->cli.mem, "%s/%s.conf", doctor_folder(d), class);
	struct passwd *user;
	struct stat st;

	if (geteuid() != 0 || stat(path, &st) != 0 || st.st_uid == 0)
		return;
	user = getpwuid(st.st_uid);
	if ((user != NULL ? initgroups(user->pw_name, user->pw_gid) : setgroups(0, NULL)) != 0 ||
		setgid(user != NULL ? user->pw_gid : st.st_gid) != 0 || setuid(st.st_uid) != 0)
		doctor_end(
			"the rights of the owner of %s cannot be taken: %s", path, strerror(errno));
}

int
doctor_wait(pid_t child, int seconds)
{
	int status = 0;

	for (int ms = 0; waitpid(child, &status, WNOHANG) == 0; ms += STEP_MS) {
		if (ms > seconds * 1000) {
			kill(-child, SIGKILL);
			kill(child, SIGKILL);
			waitpid(child, &status, 0);
			return -1;
		}
		nanosleep(&(struct timespec){ .tv_nsec = STEP_MS * 1000000L }, NULL);
	}
	return status;
}

const char *
doctor_last_line(struct mem *m, int fd)
{
	char said[SAID], *line, *end, *error;
	off_t size = lseek(fd, 0, SEEK_END);
	ssize_t n = pread(fd, said, SAID - 1, size > SAID - 1 ? size - (SAID - 1) : 0);

	said[n > 0 ? n : 0] = '\0';
	for (end = said + strlen(said); end > said && end[-1] == '\n';)
		*--end = '\0';
	line = strrchr(said, '\n') != NULL ? strrchr(said, '\n') + 1 : said;
	if ((error = strstr(line, "] error ")) != NULL) /* of the log: see log.c */
		line = error + 8;
	else if (strncmp(line, "postern: ", 9) == 0)
		line += 9;
	return mem_copy(m, line, strlen(line));
}

/* The child: run one check, with its rows to descriptor `rows` and its last words to `said`. */
__attribute__((noreturn)) static void
run_child(struct doctor *d, const struct check *check, int rows, int said)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	dup2(said, STDERR_FILENO);
	dup2(said, STDOUT_FILENO);
	if ((d->to = fdopen(rows, "w")) == NULL)
		mem_abort("no stream");
	d->cli.mem = mem_new();
	d->class = check->class;
	if (check->run == doctor_account) /* which only the owner may read */
		d->owner = conf_load("owner")->database_user;
	if (check->class != NULL) {
		doctor_become(d, check->class);
		cli_open(&d->cli, check->class);
	}
	check->run(d);
	(void)fflush(NULL);
	_exit(0);
}

/* How it is told. */
struct told {
	struct mem *mem;
	json_t *rows;
	bool json, bad;
};

/* Whether this ends in what another check has said already, perhaps behind the names of programs;
 * then only where: the cause is told once. */
static const char *
told_before(struct told *t, const char *text)
{
	size_t length = strlen(text), i;
	json_t *row;

	json_array_foreach(t->rows, i, row)
	{
		const char *said = row_text(row, "text");
		size_t n = strlen(said);

		if (json_is_false(json_object_get(row, "ok")) && n <= length &&
			strcmp(text + length - n, said) == 0)
			return mem_print(t->mem, "%.*ssee %s", (int)(length - n), text,
				row_text(row, "check"));
	}
	return NULL;
}

static void
tell(struct told *t, const char *check, bool good, const char *text)
{
	const char *before = good ? NULL : told_before(t, text);
	json_t *ok = before != NULL ? json_null() : json_boolean(good);

	if (before != NULL)
		text = before;
	json_array_append(t->rows,
		mem_pack(t->mem, "{s:s, s:o, s:s}", "check", check, "ok", ok, "text", text));
	t->bad = t->bad || json_is_false(ok);
	if (!t->json)
		printf("%-8s %s: %s\n",
			before != NULL ? "SKIPPED"
				: good ? "OK"
				       : "PROBLEM",
			check, text);
	(void)fflush(stdout);
}

static void
tell_rows(struct told *t, const struct check *check, int fd)
{
	FILE *f = fdopen(fd, "r");
	json_t *row;

	if (f == NULL)
		mem_abort("no stream");
	rewind(f);
	while ((row = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL)) != NULL) {
		mem_json(t->mem, row);
		tell(t, check->name, json_is_true(json_object_get(row, "ok")),
			row_text(row, "text"));
	}
	(void)fclose(f);
}

/* A check ends well, or by dying: then its last words are its problem. */
static void
run_check(struct told *t, struct doctor *d, const struct check *check)
{
	int rows = memfd_create("rows", MFD_CLOEXEC), said = memfd_create("said", MFD_CLOEXEC);
	const char *last;
	pid_t child;
	int status;

	(void)fflush(NULL);
	if (rows < 0 || said < 0 || (child = fork()) < 0)
		mem_abort("no process for a check");
	if (child == 0)
		run_child(d, check, rows, said);
	status = doctor_wait(child, check->seconds);
	tell_rows(t, check, rows);
	last = doctor_last_line(t->mem, said);
	if (status == -1)
		tell(t, check->name, false,
			mem_print(t->mem,
				"%s%swas not through after %d seconds: what it asks does not answer",
				check->class != NULL ? check->class : "",
				check->class != NULL ? ": " : "", check->seconds));
	else if (status != 0)
		tell(t, check->name, false, *last != '\0' ? last : "the check failed");
	close(said);
}

int
cli_doctor(struct cli *c)
{
	struct doctor d = { .url = cli_option(c, "--url"),
		.sockets = cli_option(c, "--sockets"),
		.errors = cli_option(c, "--errors") };
	struct told t = { .mem = c->mem, .json = cli_flag(c, "--json") };

	if (c->argc > 0) {
		cli_fail("usage: postern doctor [--json] [--url URL] [--sockets FOLDER] [--errors "
			 "FOLDER]");
		return USAGE;
	}
	t.rows = mem_json(t.mem, json_array());
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
		run_check(&t, &d, &checks[i]);
	if (t.json) {
		json_dumpf(mem_pack(t.mem, "{s:b, s:O}", "ok", !t.bad, "checks", t.rows), stdout,
			JSON_INDENT(2));
		putchar('\n');
	}
	return t.bad;
}
