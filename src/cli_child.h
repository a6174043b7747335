/* SPDX-License-Identifier: ISC */
#pragma once

#include "cli.h"

#include <sys/types.h>

/* Another program between two descriptors. */
struct child {
	const char *name; /* NULL = not started */
	pid_t pid;
};

/*
 * Start words[0], found in PATH, with `in` and `out` as its standard input and output; it says what
 * goes wrong itself. `package` is what to install if it is not there. False with a line on standard
 * error.
 */
bool
child_start(struct child *child, const char *const words[], int in, int out, const char *package);

/* Wait for its end. False if it failed; true, too, if it was not started. */
bool child_end(struct child *child);

/* A pipe that no child inherits by itself: [0] to read from. False with a line on standard error.
 */
bool child_pipe(int ends[2]);

/*
 * The start of a command of MariaDB's that reaches the site's database under the account of the
 * settings; `words` has room for CHILD_WORDS, and their number is returned. child_database_done
 * forgets the password, which stands in the environment meanwhile and in no argument.
 */
enum {
	CHILD_WORDS = 24
};
size_t child_database(struct cli *c, const char *command, const char *words[]);
void child_database_done(void);
