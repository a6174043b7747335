/* SPDX-License-Identifier: ISC */
/*
 * cli_settings: the table of settings once more, with what the tool tells of each. The programs
 * link it without: a line of help in each of them would be four kilobytes of each.
 */
#define HELP(text) (text)
#include "conf_table.c"
