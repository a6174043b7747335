/* SPDX-License-Identifier: ISC */
#pragma once

#include "conf.h"
#include "db.h"
#include "event.h"
#include "input.h"
#include "mem.h"

#include <stddef.h>
#include <sys/types.h>

/* What a command of the `postern` tool works with. */
struct cli {
	int argc; /* words behind the command's own */
	char **argv;
	const struct conf *conf; /* NULL for a command that needs no settings */
	struct db *db;
	struct mem *mem;
	struct fault fault;
};

/* A command: its usages with " | " between, three blanks, and what it is for, to which a capital
 * letter and a full stop may come; or the latter alone. */
struct command {
	const char *name;
	int (*run)(struct cli *c);
	bool settings; /* needs postern.conf, and may use the database */
	const char *help;
};

/* All of them; the bytes of the usages; and what stands behind them. */
const struct command *cli_commands(size_t *count);
size_t cli_usage(const struct command *c);
const char *cli_meaning(const struct command *c);

/* The commands, each in a file of its own. They return the exit status and say on standard error
 * what went wrong and what to do next. */
int cli_setup(struct cli *c);
int cli_migrate(struct cli *c);
int cli_demo(struct cli *c);
int cli_user(struct cli *c);
int cli_invite(struct cli *c);
int cli_session(struct cli *c);
int cli_group(struct cli *c);
int cli_hash(struct cli *c);
int cli_token(struct cli *c);
int cli_key(struct cli *c);
int cli_jws(struct cli *c);
int cli_static(struct cli *c);
int cli_tmpl(struct cli *c);
int cli_tidy(struct cli *c);
int cli_check(struct cli *c);
int cli_rerender(struct cli *c);
int cli_backup(struct cli *c);
int cli_restore(struct cli *c);
int cli_throttle(struct cli *c);
int cli_mail(struct cli *c);
int cli_config(struct cli *c);
int cli_doc(struct cli *c);
int cli_doctor(struct cli *c);

/* Further words of `postern user`. */
int cli_link(struct cli *c);
int cli_approve(struct cli *c);
int cli_import(struct cli *c);
int cli_export(struct cli *c);

/* Where an event of this tool comes from. */
extern const struct origin cli_origin;

/* Read the settings of a class, and use its database account: for a command that chooses its own.
 */
void cli_open(struct cli *c, const char *class);

/* Words as members of a request; what is wrong with them is noted as there, and NULL. */
json_t *cli_input(struct cli *c, const struct field *fields, struct http_pair *words, size_t count);

/* The member of this name or mail address (see credential_find); NULL with a line on standard
 * error.
 */
json_t *cli_member(struct cli *c, const char *who);

/* The value behind `option`, removed with it from the words; NULL if it is not there. */
const char *cli_option(struct cli *c, const char *option);

/* True if `flag` was among the words; it is removed. */
bool cli_flag(struct cli *c, const char *flag);

/*
 * A password from standard input: its first line, or all that a terminal's user types without an
 * echo. False (with a line on standard error) at its end, or when it is longer than `size`.
 */
bool cli_password(char *out, size_t size);

/* The rest of `user`: show, role, lock, unlock, groups and remove. */
int cli_rights(struct cli *c, const char *what);

/* Print the noted errors, one a line; 1, for `return`. */
int cli_fault(const struct cli *c);

/* Print one line on standard error; 1, for `return`. */
__attribute__((format(printf, 1, 2))) int cli_fail(const char *format, ...);

/* All of a file in `m`, with a NUL behind it; NULL with errno set if it cannot be read. */
char *cli_read(struct mem *m, const char *path, size_t *length);

/*
 * Write a text to a new file and move it over `path`, so that nobody ever reads half of it. Root
 * gives it to whoever CLASS.conf belongs to; NULL: to nobody. False with a line on standard error.
 */
bool cli_replace(struct cli *c, const char *path, const char *text, mode_t mode, const char *class);

/* The path of CLASS.conf, beside postern.conf. */
const char *cli_beside(struct cli *c, const char *class);
