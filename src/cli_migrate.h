/* SPDX-License-Identifier: ISC */
#pragma once

#include "cli.h"

/* A pair of files NNN_name.up.sql and .down.sql, and what the database knows of it. */
struct step {
	int number;
	const char *name;     /* NNN_name */
	char checksum[65];    /* of the up file */
	const char *recorded; /* the checksum when it ran; NULL = not run */
	bool finished;
};

struct steps {
	const char *folder;
	size_t count;
	struct step *step;
};

/* The installed folder with migrations, grants and demo data: sql/. */
const char *migrate_folder(struct mem *m);

/* The files, in order of number. False with a line on standard error. */
bool steps_find(struct cli *c, struct steps *all);

/* The text of a step's "up" or "down", or NULL with errno. */
const char *
step_read(struct cli *c, const struct steps *all, const struct step *s, const char *way);

/* Two files for a new step behind the others, named as argv[1] says. The exit status. */
int step_new(struct cli *c, const struct steps *all);

/*
 * Create the database account of each class that has a CLASS.conf, revoke what it could do, and
 * grant what sql/grants.sql says. With `print`, only show the statements. The exit status.
 */
int migrate_grants(struct cli *c, bool print);
