/* SPDX-License-Identifier: ISC */
#pragma once

#include "route.h"

/*
 * Every program's main: serve its rows until told to stop. Returns the exit status.
 *
 *   PROGRAM            FastCGI on descriptor 0, or one plain CGI request of the environment
 *   PROGRAM --routes   print the rows
 *   PROGRAM --check    say whether it could start: settings, keys, database
 *   PROGRAM --version
 */
int serve(int argc, char **argv, const struct program *program);

/*
 * Whether the program was started with this option, by somebody and not by a request: a query
 * without "=" becomes arguments of a plain CGI (RFC 3875 section 4.4).
 */
bool serve_option(int argc, char **argv, const char *option);

/* For `pages` of a program that has some. */
extern const struct page_steps page_steps;
