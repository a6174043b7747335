/* SPDX-License-Identifier: ISC */
/*
 * cli_doctor_run: whether each program could start, with the rights of its class, and is of one
 * version with the tool: what it needs, it says itself (PROGRAM --check). And whether mails can go.
 */
#include "cli_doctor.h"
#include "cli_mail.h"
#include "conf_place.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	SECONDS = 5 /* for each program */
};

static int
is_program(const struct dirent *e)
{
	const char *end = strrchr(e->d_name, '.');

	return end != NULL && strcmp(end, ".fcgi") == 0;
}

void
doctor_find_programs(struct doctor *d, struct programs *all)
{
	char path[PATH_MAX];
	struct dirent **found = NULL;
	int n = 0;

	if (conf_near(path, "cgi-bin") && (n = scandir(path, &found, is_program, alphasort)) > 0)
		;
	else if (conf_near(path, "lib/postern"))
		n = scandir(path, &found, is_program, alphasort);
	if (n <= 0)
		doctor_end("no programs are beside the tool, nor in lib/postern: make install");
	all->folder = mem_copy(d->cli.mem, path, strlen(path));
	for (int i = 0; i < n && i < DOCTOR_PROGRAMS; i++)
		all->name[all->count++] = mem_copy(
			d->cli.mem, found[i]->d_name, strlen(found[i]->d_name) - strlen(".fcgi"));
	free(found);
}

/* Run a program to its end with one word, and the rights of `class` unless that is NULL. Its status
 * as by waitpid, and the last line that it wrote. */
static int
run(struct doctor *d, const char *path, const char *word, const char *class, const char **said)
{
	int out = memfd_create("out", MFD_CLOEXEC), status;
	pid_t child = out < 0 ? -1 : fork();

	if (child < 0)
		doctor_end("no process for %s: %s", path, strerror(errno));
	if (child == 0) {
		dup2(out, STDOUT_FILENO);
		dup2(out, STDERR_FILENO);
		if (freopen("/dev/null", "r", stdin) == NULL)
			_exit(1);
		if (class != NULL)
			doctor_become(d, class);
		execl(path, path, word, (char *)NULL);
		doctor_end("%s", strerror(errno));
	}
	status = doctor_wait(child, SECONDS);
	*said = status == -1 ? "did not end within 5 seconds" : doctor_last_line(d->cli.mem, out);
	close(out);
	return status;
}

/* Note a name below what is wrong with it. */
static void
note(struct doctor *d, json_t *wrong, const char *what, const char *name)
{
	const char *names = json_string_value(json_object_get(wrong, what));

	json_object_set_new(wrong, what,
		json_string(names == NULL ? name : mem_print(d->cli.mem, "%s, %s", names, name)));
}

static void
try_program(struct doctor *d, const char *folder, const char *name, json_t *wrong)
{
	struct mem *m = d->cli.mem;
	const char *path = mem_print(m, "%s/%s.fcgi", folder, name), *said, *class;

	if (run(d, path, "--version", NULL, &said) != 0 ||
		strcmp(said, "postern " POSTERN_VERSION) != 0) {
		note(d, wrong,
			"not of version " POSTERN_VERSION " as the tool is: install both together",
			name);
		return;
	}
	if (run(d, path, "--class", NULL, &class) != 0)
		return;
	if (run(d, path, "--check", class, &said) == 0)
		return;
	if (strncmp(said, name, strlen(name)) == 0 && said[strlen(name)] == ':')
		said += strlen(name) + 2;
	note(d, wrong, *said != '\0' ? said : "could not start", name);
}

void
doctor_programs(struct doctor *d)
{
	struct programs all = { 0 };
	json_t *wrong = mem_json(d->cli.mem, json_object()), *names;
	const char *what;

	doctor_find_programs(d, &all);
	for (size_t i = 0; i < all.count; i++)
		try_program(d, all.folder, all.name[i], wrong);
	json_object_foreach(wrong, what, names)
	{
		doctor_bad(d, "%s: %s", json_string_value(names), what);
	}
	if (json_object_size(wrong) == 0)
		doctor_good(d, "each of %zu in %s could start", all.count, all.folder);
}

void
doctor_mail(struct doctor *d)
{
	static const volatile int never;
	const struct conf *conf = d->cli.conf;
	struct post *post;
	const char *advice;

	if (mail_work(&d->cli, false, true) != 0)
		exit(1); /* it has said why */
	post = post_open(conf, &never);
	if (post_try(post) != POST_SENT) {
		advice = post_advice(post);
		doctor_bad(d, "%s%s%s", post_answer(post), advice != NULL ? ": " : "",
			advice != NULL ? advice : "");
	} else if (conf->mail_transport == MAIL_SMTP) {
		doctor_good(d, "%s lets us in", conf->mail_server);
	} else {
		doctor_good(d, "they go to %s",
			conf->mail_transport == MAIL_FILE ? conf->mail_folder
							  : conf->mail_sendmail);
	}
	post_close(post);
}
