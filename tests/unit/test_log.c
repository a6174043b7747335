/* SPDX-License-Identifier: ISC */
/* log: one line an event by one write, whatever the request or the message holds. */
#include "log.h"

#include "child.h"

#include <regex.h>
#include <sys/socket.h>

/* Standard error goes to a socket that keeps writes apart. */
static int kept, ends[2];

static void
listen_to_log(void)
{
	kept = dup(STDERR_FILENO);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
	dup2(ends[1], STDERR_FILENO);
}

/* The one write since then. */
static char *
said(void)
{
	static char line[4096];
	char second;
	ssize_t n;

	dup2(kept, STDERR_FILENO);
	close(kept);
	close(ends[1]);
	n = recv(ends[0], line, sizeof line - 1, MSG_DONTWAIT);
	assert_true(n > 0);
	assert_true(recv(ends[0], &second, 1, MSG_DONTWAIT) <= 0);
	close(ends[0]);
	line[n] = '\0';
	return line;
}

static void
assert_like(const char *line, const char *pattern)
{
	regex_t re;

	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&re, line, 0, NULL, 0) != 0)
		fail_msg("%s is not like %s", line, pattern);
	regfree(&re);
}

#define STAMP                                                                                      \
	"^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z health\\[[0-9]+\\] "

static void
one_line_a_request(void **state)
{
	static const struct {
		struct log_line line;
		const char *rest;
	} rows[] = {
		{ { "0a1b", "GET", "/api/user", 200, 1234, "ada" },
			"request id=0a1b method=GET path=/api/user status=200 us=1234 user=ada\n" },
		{ { "0a1b", "", NULL, 400, 0, NULL },
			"request id=0a1b method=- path=- status=400 us=0 user=-\n" },
		{ { "i", "GET", "/\r\n2026 \t\x7f", 404, 1, NULL },
			"request id=i method=GET path=/%0D%0A2026%20%09%7F status=404 us=1 user=-\n" },
		{ { "i", "G\nT", "/\"'\\=%0A", 404, 1, "a b" },
			"request id=i method=G%0AT path=/%22'%5C%3D%250A status=404 us=1 "
			"user=a%20b\n" },
		{ { "i", "GET", "/\xc3\xa4\xff\x1b[2J", 404, 1, NULL },
			"request id=i method=GET path=/%C3%A4%FF%1B[2J status=404 us=1 user=-\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *line;

		listen_to_log();
		log_request(&rows[i].line);
		line = said();
		assert_like(line, STAMP);
		assert_string_equal(strstr(line, "request "), rows[i].rest);
	}
}

static void
long_values_are_cut(void **state)
{
	char path[100001], *line;
	size_t cut;

	(void)state;
	for (int i = 0; i < 2; i++) {
		memset(path, "a\n"[i], sizeof path - 1);
		path[sizeof path - 1] = '\0';
		listen_to_log();
		log_request(&(struct log_line){ path, path, path, 414, 1, path });
		line = said();
		assert_in_range(strlen(line), 600, 1000);
		assert_like(line, " path=[^ ]+ status=414 us=1 user=[^ ]+\n$");
		cut = strcspn(strstr(line, " path=") + 6, " ");
		assert_in_range(cut, 500, 511);
		assert_true(i == 0 || cut % 3 == 0); /* never within an escape */
	}
}

static void
an_error_is_one_line(void **state)
{
	static char text[10000];
	char *line;

	(void)state;
	listen_to_log();
	log_error("%s: %d", "two\r\nlines\x1b\x7f", 7);
	line = said();
	assert_like(line, STAMP "error two  lines  : 7\n$");
	memset(text, 'x', sizeof text - 1);
	listen_to_log();
	log_error("%s", text);
	line = said();
	assert_in_range(strlen(line), 1900, 2048);
	assert_like(line, "xxx\n$");
}

static void
die(const void *text)
{
	log_die("%s: %s", "a.conf", (const char *)text);
}

static void
the_end_is_one_line_and_1(void **state)
{
	char said_last[8192], text[5000];
	int status = in_child(die, "is\nnot there", said_last, sizeof said_last);

	(void)state;
	assert_string_equal(said_last, "health: a.conf: is not there\n");
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	in_child(die, text, said_last, sizeof said_last);
	assert_in_range(strlen(said_last), 1900, 2048);
	assert_like(said_last, "xxx\n$");
}

static void
log_nowhere(const void *unused)
{
	(void)unused;
	close(STDERR_FILENO);
	log_request(&(struct log_line){ "i", "GET", "/", 200, 1, NULL });
	log_error("x");
	_exit(7);
}

static void
a_lost_log_stops_nothing(void **state)
{
	char nothing[8];
	int status = in_child(log_nowhere, NULL, nothing, sizeof nothing);

	(void)state;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line_a_request),
		cmocka_unit_test(long_values_are_cut),
		cmocka_unit_test(an_error_is_one_line),
		cmocka_unit_test(the_end_is_one_line_and_1),
		cmocka_unit_test(a_lost_log_stops_nothing),
	};

	log_open("health");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
