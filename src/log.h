/* SPDX-License-Identifier: ISC */
#pragma once

/* One request as the log tells it. Strings may be NULL or "" where nothing is known. */
struct log_line {
	const char *id;
	const char *method;
	const char *path; /* never with the query */
	int status;
	long microseconds;
	const char *user; /* username, not more */
};

/* The program's name in every line; the string must live on. */
void log_open(const char *program);

/* One line for one request. Whatever could break the line (controls, blanks, quotes) is escaped. */
void log_request(const struct log_line *line);

/* One line for something the owner should know: "error …". Never pass request data or secrets. */
__attribute__((format(printf, 1, 2))) void log_error(const char *format, ...);

/* Let log_die wait a second before it ends the process, so that a supervisor does not spin. */
void log_linger(void);

/* One clear line on standard error, without a time stamp, and exit 1: for a start that cannot be.
 */
__attribute__((noreturn, format(printf, 1, 2))) void log_die(const char *format, ...);
