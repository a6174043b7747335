/* SPDX-License-Identifier: ISC */
#pragma once

/* What the checks of `postern doctor` share; for cli_doctor*.c alone. */

#include "ask.h"
#include "cli.h"

#include <sys/types.h>

/*
 * A check at work. Each is a process of its own, with a time limit and the rights of the programs
 * that it is about, so it may end as it likes: what it says on standard error is then its problem.
 */
struct doctor {
	struct cli cli;    /* its memory; settings and database of its class, if it has one */
	const char *class; /* NULL: none */
	const char *owner; /* the database account of the tool, for doctor_account */
	const char *url;   /* of the site; NULL: by the settings */
	const char *sockets, *errors; /* folders; NULL: where they usually are */
	FILE *to;
};

/* A row: something is as it should be; or it is not, and what to do about it. */
__attribute__((format(printf, 2, 3))) void doctor_good(struct doctor *d, const char *format, ...);
__attribute__((format(printf, 2, 3))) void doctor_bad(struct doctor *d, const char *format, ...);

/* The end of a check that cannot go on: the row of a problem, unless another check has just that.
 */
__attribute__((noreturn, format(printf, 1, 2))) void doctor_end(const char *format, ...);

/* The folder of postern.conf, which must be there. */
const char *doctor_folder(struct doctor *d);

/* A folder that was named, or `name` beside postern.conf, or `installed`: the first that is there;
 * NULL: none. */
const char *
doctor_find(struct doctor *d, const char *named, const char *name, const char *installed);

/* Take the rights of the programs of a class: of the owner of CLASS.conf, when we are root. */
void doctor_become(struct doctor *d, const char *class);

/*
 * Wait for a child for so many seconds, then end it and what it has started. Its status as by
 * waitpid(2); -1: its time was up.
 */
int doctor_wait(pid_t child, int seconds);

/* The last line of what was written to a file without a name, without its time stamp or program. */
const char *doctor_last_line(struct mem *m, int fd);

enum {
	DOCTOR_PROGRAMS = 64
};

struct programs {
	const char *folder;
	size_t count;
	char *name[DOCTOR_PROGRAMS]; /* sorted, without .fcgi */
};

/* The programs that go with this tool; the check ends if there are none. */
void doctor_find_programs(struct doctor *d, struct programs *all);

/* Whether the database answers; the check ends if it does not. */
void doctor_reach(struct doctor *d);

/* What the web server answers; the check ends if it does not. */
void doctor_ask(struct doctor *d, const struct ask *ask, struct answer *answer);

/* The checks. */
void doctor_settings(struct doctor *d);
void doctor_secrets(struct doctor *d);
void doctor_database(struct doctor *d);
void doctor_account(struct doctor *d);
void doctor_migrations(struct doctor *d);
void doctor_clock(struct doctor *d);
void doctor_keys(struct doctor *d);
void doctor_share_key(struct doctor *d);
void doctor_mail(struct doctor *d);
void doctor_outbox(struct doctor *d);
void doctor_tidy(struct doctor *d);
void doctor_static(struct doctor *d);
void doctor_programs(struct doctor *d);
void doctor_sockets(struct doctor *d);
void doctor_address(struct doctor *d);
void doctor_authorization(struct doctor *d);
void doctor_bodies(struct doctor *d);
void doctor_login(struct doctor *d);
void doctor_headers(struct doctor *d);
void doctor_errors(struct doctor *d);
void doctor_hidden(struct doctor *d);
