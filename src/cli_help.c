/* SPDX-License-Identifier: ISC */
/* cli_help: the table of settings with the help that programs leave out; the tool is linked with
 * this one in place of theirs. */
#define HELP
#include "conf_table.c" /* NOLINT(bugprone-suspicious-include): see above */
