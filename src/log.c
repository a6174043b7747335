/* SPDX-License-Identifier: ISC */
/*
 * log: one line an event on standard error, each by one write(2), so that lines of several workers
 * never mix. Owns the shape of the line; knows nothing of where it goes.
 */
#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	LINE_MAX_BYTES = 2048,
	PATH_MAX_BYTES = 512
};

static const char *program = "postern";
static int process; /* a constant of each process that logs: none of them forks */

static unsigned linger; /* seconds before log_die ends */

void
log_linger(void)
{
	linger = 1;
}

void
log_open(const char *name)
{
	program = name;
	process = (int)getpid();
}

static void
put(const char *line, size_t length)
{
	while (length > 0) {
		ssize_t n = write(STDERR_FILENO, line, length);

		if (n <= 0)
			return; /* a log that cannot be written must not stop a request */
		line += n;
		length -= (size_t)n;
	}
}

/* The time in UTC with milliseconds, program and process. */
static size_t
begin(char *line, size_t size)
{
	static char second[32]; /* as the last line said it */
	static time_t said;
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec != said || *second == '\0') {
		gmtime_r(&now.tv_sec, &tm);
		strftime(second, sizeof second, "%Y-%m-%dT%H:%M:%S", &tm);
		said = now.tv_sec;
	}
	return (size_t)snprintf(
		line, size, "%s.%03ldZ %s[%d] ", second, now.tv_nsec / 1000000, program, process);
}

/* `s` with all but visible ASCII, and what would mislead, as %XX; cut at `size`. */
static const char *
plain(char *out, size_t size, const char *s)
{
	size_t n = 0;

	if (s == NULL || *s == '\0')
		return "-";
	for (; *s != '\0' && n + 4 < size; s++) {
		unsigned char c = (unsigned char)*s;
		bool safe = c > ' ' && c < 0x7f && strchr("\"\\=%", c) == NULL;

		if (safe)
			out[n++] = (char)c;
		else
			n += (size_t)snprintf(out + n, size - n, "%%%02X", c);
	}
	out[n] = '\0';
	return out;
}

void
log_request(const struct log_line *l)
{
	char line[LINE_MAX_BYTES], path[PATH_MAX_BYTES], id[80], method[24], user[80];
	size_t n = begin(line, sizeof line);

	n += (size_t)snprintf(line + n, sizeof line - n,
		"request id=%s method=%s path=%s status=%d us=%ld user=%s\n",
		plain(id, sizeof id, l->id), plain(method, sizeof method, l->method),
		plain(path, sizeof path, l->path), l->status, l->microseconds,
		plain(user, sizeof user, l->user));
	put(line, n);
}

/* The text behind the first `n` bytes of a line: cut to its room, controls as blanks. */
__attribute__((format(printf, 3, 0))) static void
finish(char line[LINE_MAX_BYTES], size_t n, const char *format, va_list ap)
{
	line[n] = '\0';
	vsnprintf(line + n, LINE_MAX_BYTES - n, format, ap);
	for (; line[n] != '\0'; n++)
		if ((unsigned char)line[n] < ' ' || line[n] == 0x7f)
			line[n] = ' ';
	line[n++] = '\n';
	put(line, n);
}

void
log_error(const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	size_t n = begin(line, sizeof line);
	va_list ap;

	n += (size_t)snprintf(line + n, sizeof line - n, "error ");
	va_start(ap, format);
	finish(line, n, format, ap);
	va_end(ap);
}

void
log_die(const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, format);
	finish(line, (size_t)snprintf(line, sizeof line, "%s: ", program), format, ap);
	va_end(ap);
	sleep(linger);
	exit(1);
}
