/* SPDX-License-Identifier: ISC */
/* conf: what is read from where, who may set what, and the one line that ends a bad start. */
#include "conf.h"

#include "child.h"
#include "log.h"

#include <sys/stat.h>

static char folder[64], own_path[96], main_path[96];

static void
write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f;

	unlink(path);
	if (text == NULL)
		return;
	assert_non_null(f = fopen(path, "w"));
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* A start: the files, up to two variables, and what is said then: values, or the last line. */
struct start {
	const char *main, *own;
	const char *name, *value, *name2, *value2;
	const char *said;
	mode_t mode; /* of the class file; 0 = 0400 */
};

static void
load(const void *what)
{
	const struct start *s = what;
	const struct conf *c;

	if (s->name != NULL)
		setenv(s->name, s->value, 1);
	if (s->name2 != NULL)
		setenv(s->name2, s->value2, 1);
	conf_print(c = conf_load("credentials"), NULL, stderr);
	fprintf(stderr, "issuer = %s\npassword in clear = %s\n", conf_issuer(c),
		c->database_password);
}

/* All that a start says; true if it went well. */
static bool
starts(const struct start *s, char *said, size_t size)
{
	int status;

	write_file(main_path, s->main != NULL ? s->main : "", 0644);
	write_file(own_path, s->own, s->mode != 0 ? s->mode : 0400);
	status = in_child(load, s, said, size);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == 0;
}

static void
good_starts(const struct start *rows, size_t count)
{
	char said[16384], line[8192];

	for (size_t i = 0; i < count; i++) {
		if (!starts(&rows[i], said, sizeof said))
			fail_msg("row %zu: %s", i, said);
		snprintf(line, sizeof line, "\n%s\n", rows[i].said);
		if (strstr(said, line) == NULL)
			fail_msg("row %zu: %s is not said in:\n%s", i, rows[i].said, said);
	}
}

/* Each ends with one line: "test: PATH: SAID…" for the file it is wrong in, else "test: SAID…". */
static void
bad_starts(const struct start *rows, size_t count, const char *path)
{
	char said[4096], line[256];

	for (size_t i = 0; i < count; i++) {
		assert_false(starts(&rows[i], said, sizeof said));
		snprintf(line, sizeof line, "test: %s%s%s", path, *path != '\0' ? ": " : "",
			rows[i].said);
		if (strncmp(said, line, strlen(line)) != 0)
			fail_msg("row %zu: %s", i, said);
		assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
	}
}

static void
defaults(void **state)
{
	static const struct start rows[] = {
		{ .said = "site.name = Postern" },
		{ .said = "site.urls = http://127.0.0.1:8080" },
		{ .said = "issuer = http://127.0.0.1:8080" },
		{ .said = "database.socket = " },
		{ .said = "database.port = 3306" },
		{ .said = "database.password = " },
		{ .said = "token.access = 900" },
		{ .said = "token.user_days = 7" },
		{ .said = "site.accent = #2f6f5e" },
		{ .said = "site.templates = " },
		{ .said = "session.idle = 43200" },
		{ .said = "session.days = 7" },
		{ .said = "session.remember_days = 30" },
		{ .said = "token.leeway = 0" },
		{ .said = "password.cost = 12" },
		{ .said = "limits.body = 1048576" },
		{ .said = "test.cost = 0" },
	};
	char said[16384], line[128];

	(void)state;
	good_starts(rows, COUNT(rows));
	assert_true(starts(&(struct start){ 0 }, said, sizeof said));
	snprintf(line, sizeof line, "\ntoken.keys = %s/keys/private.json\n", folder);
	assert_non_null(strstr(said, line));
}

static void
one_file_over_the_other(void **state)
{
	static const struct start rows[] = {
		{ "[site]\nname = Club\n", .said = "site.name = Club" },
		{ "# a\n; b\n\n[site]\n  name: The Club  \r\n", .said = "site.name = The Club" },
		{ "\xef\xbb\xbf[site]\nname = a ; b\n", .said = "site.name = a" },
		{ "[site]\nname = Caf\xc3\xa9", .said = "site.name = Caf\xc3\xa9" },
		{ "[site]\nname =\n", .said = "site.name = " },
		{ "[database]\nport = 1\n[site]\nname = x\n[database]\nname = y\n",
			.said = "database.name = y" },
		{ "[site]\nname = a\n", "[site]\nname = b\n", .said = "site.name = b" },
		{ "[site]\nname = a\n", "[site]\nname = b\n", "POSTERN_SITE_NAME", "c",
			.said = "site.name = c" },
		{ NULL, NULL, "POSTERN_TOKEN_PUBLIC_KEYS", "/k", .said = "token.public_keys = /k" },
		{ NULL, NULL, "POSTERN_SITE_NAME", "a = b", .said = "site.name = a = b" },
		{ .own = "[database]\npassword = se cret\n", .said = "database.password = ****" },
		{ .own = "[database]\npassword = se cret\n",
			.said = "password in clear = se cret" },
		{ NULL, "[database]\npassword = a\n", "POSTERN_DATABASE_PASSWORD", "b",
			.said = "password in clear = b" },
		{ .own = "[database]\npassword = a\n",
			.mode = 0600,
			.said = "password in clear = a" },
		{ "[site]\nurls = https://a.example http://b\n",
			.said = "issuer = https://a.example" },
		{ "[token]\naccess = 1h\nleeway = 5s\n", .said = "token.access = 3600" },
		{ "[limits]\nbody = 67108864\n", .said = "limits.body = 67108864" },
		{ "[site]\naccent = #0aF9b3\n", .said = "site.accent = #0aF9b3" },
		{ "[site]\naccent = #000000 ; black\n", .said = "site.accent = #000000" },
		{ "[site]\ntemplates = /t\n", .said = "site.templates = /t" },
		{ "[session]\nidle = 1h\nremember_days = 366\n", .said = "session.idle = 3600" },
		{ "[token]\nkeys = \n", .said = "token.keys = " },
		{ "[token]\nkeys = /etc/k\n", .said = "token.keys = /etc/k" },
	};

	(void)state;
	good_starts(rows, COUNT(rows));
}

static void
long_texts_go_on_in_indented_lines(void **state)
{
	static char many[5000], many_said[5000], longest[256], longest_said[256];
	const struct start rows[] = {
		{ "[site]\nurls = https://a\n  https://b\n\thttps://c\n",
			.said = "site.urls = https://a https://b https://c" },
		{ "[site]\nurls = https://a\n  # not this\n  https://b\n",
			.said = "site.urls = https://a https://b" },
		{ "[site]\nurls = https://A:443/\n  http://B:80\n",
			.said = "site.urls = https://a http://b" },
		{ "[site]\nurls = http://[::1]:80/ https://[::1]:8443\n",
			.said = "site.urls = http://[::1] https://[::1]:8443" },
		{ many, .said = many_said },
		{ longest, .said = longest_said },
	};
	int n = snprintf(many, sizeof many, "[site]\nname = x\n");
	int to = snprintf(many_said, sizeof many_said, "site.name = x");

	(void)state;
	for (int i = 0; i < 20; i++) {
		n += snprintf(many + n, sizeof many - (size_t)n, "\t%0150d\n", i);
		to += snprintf(many_said + to, sizeof many_said - (size_t)to, " %0150d", i);
	}
	snprintf(longest, sizeof longest, "[site]\nname = %0191d\n", 7); /* 198 bytes */
	snprintf(longest_said, sizeof longest_said, "site.name = %0191d", 7);
	good_starts(rows, COUNT(rows));
}

static void
bad_main_file(void **state)
{
	static char just_over[256], over[512], over_by_comment[512];
	const struct start rows[] = {
		{ "[site]\nnam = x\n", .said = "site.nam is not a setting (see: postern config)" },
		{ "[Site]\nname = x\n", .said = "Site.name is not a setting" },
		{ "name = x\n", .said = ".name is not a setting" },
		{ "[site]\nrubbish\n", .said = "line 2 is no setting" },
		{ "[site\n", .said = "line 1 is no setting" },
		{ "[site]\nname = \xff\n", .said = "site.name is not UTF-8" },
		{ "[site]\nname = a\rb\n", .said = "site.name must be free of control characters" },
		{ "[site]\nname = a\033[2J\n",
			.said = "site.name must be free of control characters" },
		{ "[site]\nname = a\nname = b\n", .said = "site.name is given twice" },
		{ "[site]\nname = a\n[site]\nname = b\n", .said = "site.name is given twice" },
		{ "[database]\nport = 1\nport = 2\n", .said = "database.port is given twice" },
		{ "[database]\nport = 1\n 2\n", .said = "database.port is given twice" },
		{ "[token]\nkeys = a\n b\n", .said = "token.keys is given twice" },
		{ "[site]\nurls =\n", .said = "site.urls must be addresses such as" },
		{ "[database]\nport = 0\n", .said = "database.port must be a whole number" },
		{ "[database]\nport = 65536\n", .said = "database.port must be a whole number" },
		{ "[database]\nport = 0x1\n", .said = "database.port must be a whole number" },
		{ "[site]\nurls = https://a\n /b\n", .said = "site.urls must be addresses" },
		{ "[site]\nurls = http://a:80:80\n", .said = "site.urls must be addresses" },
		{ "[site]\nurls = http://a:080\n", .said = "site.urls must be addresses" },
		{ "[site]\nurls = http://a:123456\n", .said = "site.urls must be addresses" },
		{ "[site]\nurls = http://[::1\n", .said = "site.urls must be addresses" },
		{ "[site]\nurls = http://a]\n", .said = "site.urls must be addresses" },
		{ "[site]\nurls = https://a\nurls = https://b\n",
			.said = "site.urls is given twice" },
		{ "[session]\ncookie_domain = a; b\n",
			.said = "session.cookie_domain must be a domain" },
		{ "[session]\ncookie_domain = a.b\n c\n",
			.said = "session.cookie_domain is given twice" },
		{ "[site]\naccent =\n", .said = "site.accent must be a colour such as #2f6f4f" },
		{ "[site]\naccent = red\n", .said = "site.accent must be a colour" },
		{ "[site]\naccent = #12345\n", .said = "site.accent must be a colour" },
		{ "[site]\naccent = #1234567\n", .said = "site.accent must be a colour" },
		{ "[site]\naccent = #12345g\n", .said = "site.accent must be a colour" },
		{ "[site]\naccent = #fff;}\n", .said = "site.accent must be a colour" },
		{ "[site]\naccent = #000000\n x\n", .said = "site.accent is given twice" },
		{ "[session]\nidle = 59\n", .said = "session.idle must be a duration" },
		{ "[session]\ndays = 0\n", .said = "session.days must be" },
		{ "[session]\nremember_days = 367\n", .said = "session.remember_days must be" },
		{ "[password]\ncost = 9\n", .said = "password.cost must be a whole number" },
		{ "[password]\ncost = 16\n", .said = "password.cost must be a whole number" },
		{ "[token]\naccess = 59\n", .said = "token.access must be a duration" },
		{ "[token]\naccess = 1 w\n", .said = "token.access must be a duration" },
		{ "[token]\nleeway = 6\n", .said = "token.leeway must be a duration" },
		{ "[database]\npassword = x\n", .said = "database.password is a secret: it" },
		{ "[test]\ncost = 4\n", .said = "test.cost is for tests alone" },
		{ over, .said = "line 2 is longer than 198 bytes" },
		{ just_over, .said = "line 2 is longer than 198 bytes" },
		{ over_by_comment, .said = "line 3 is longer than 198 bytes" },
		{ "[a]\nb = c\n[d\n", .said = "a.b is not a setting" }, /* the first is told */
	};

	(void)state;
	snprintf(over, sizeof over, "[site]\nname = %0400d\n", 1);
	snprintf(just_over, sizeof just_over, "[site]\nname = %0192d\n", 1);
	/* inih alone would take the second half for a comment, and cut the value silently */
	snprintf(over_by_comment, sizeof over_by_comment, "[site]\n\nname = %0192d#x\n", 1);
	bad_starts(rows, COUNT(rows), main_path);
}

static void
bad_class_file(void **state)
{
	static const struct start open[] = {
		{ .own = "", .mode = 0440, .said = "holds secrets" },
		{ .own = "", .mode = 0404, .said = "holds secrets" },
		{ .own = "", .mode = 0420, .said = "holds secrets" },
		{ .own = "", .mode = 0401, .said = "holds secrets" },
		{ .own = "[database]\nsecret = x\n", .said = "database.secret is not a setting" },
		{ .own = "[test]\ncost = 4\n", .said = "test.cost is for tests alone" },
	};

	(void)state;
	bad_starts(open, COUNT(open), own_path);
}

static void
bad_environment(void **state)
{
	static char long_name[400], no_lines[128];
	const struct start rows[] = {
		{ NULL, NULL, "POSTERN_SITE_NAM", "", .said = "environment POSTERN_SITE_NAM: is" },
		{ NULL, NULL, "POSTERN_", "", .said = "environment POSTERN_: is not" },
		{ .name = long_name, "", .said = "environment POSTERN_XXXX" },
		{ NULL, NULL, "POSTERN_DATABASE_PORT", "-1",
			.said = "environment POSTERN_DATABASE_PORT: must be a whole number" },
		{ NULL, NULL, "POSTERN_TEST_COST", "4",
			.said = "environment POSTERN_TEST_COST: is for tests alone" },
		{ NULL, NULL, "POSTERN_TEST_COST", "4", "POSTERN_TEST", "yes",
			.said = "environment POSTERN_TEST_COST: is for tests alone" },
		{ NULL, NULL, "POSTERN_CONFIG", "/nowhere/postern.conf",
			.said = "/nowhere/postern.conf: cannot be read (No such file" },
		{ NULL, NULL, "POSTERN_CONFIG", folder, .said = no_lines },
	};

	(void)state;
	memset(long_name, 'X', sizeof long_name - 1);
	memcpy(long_name, "POSTERN_", 8);
	snprintf(no_lines, sizeof no_lines, "%s: cannot be read (Is a dir", folder);
	bad_starts(rows, COUNT(rows), "");
}

static void
test_settings_in_tests_alone(void **state)
{
	static const struct start rows[] = {
		{ "[test]\ncost = 4\n", NULL, "POSTERN_TEST", "1", .said = "password.cost = 4" },
		{ NULL, NULL, "POSTERN_TEST_COST", "5", "POSTERN_TEST", "1",
			.said = "password.cost = 5" },
		{ NULL, NULL, "POSTERN_TEST", "1", .said = "password.cost = 12" },
	};

	(void)state;
	good_starts(rows, COUNT(rows));
}

static void
tell_account(const void *class)
{
	const char *user = "nobody", *password = "nothing";
	bool found;

	conf_load("credentials");
	found = conf_account(class, &user, &password);
	fprintf(stderr, "%d %s %s", found, user, password);
}

/* The owner reads what account a class has, and nothing else of its file. */
static void
account_of_a_class(void **state)
{
	static const struct {
		const char *own, *said;
	} rows[] = {
		{ "[database]\nuser = u\npassword = p\n[other]\nthing = 1\n", "1 u p" },
		{ "[database]\nuser = u\n", "1 u " },
		{ "[database]\npassword = p\n", "0 nobody nothing" },
		{ NULL, "0 nobody nothing" },
	};
	char said[256], path[96];

	(void)state;
	write_file(main_path, "", 0644);
	write_file(own_path, NULL, 0);
	snprintf(path, sizeof path, "%s/gate.conf", folder);
	for (size_t i = 0; i < COUNT(rows); i++) {
		write_file(path, rows[i].own, 0400);
		in_child(tell_account, "gate", said, sizeof said);
		assert_string_equal(said, rows[i].said);
	}
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(one_file_over_the_other),
		cmocka_unit_test(long_texts_go_on_in_indented_lines),
		cmocka_unit_test(bad_main_file),
		cmocka_unit_test(bad_class_file),
		cmocka_unit_test(bad_environment),
		cmocka_unit_test(test_settings_in_tests_alone),
		cmocka_unit_test(account_of_a_class),
	};
	int failed;

	log_open("test");
	snprintf(folder, sizeof folder, "/tmp/test_conf.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(main_path, sizeof main_path, "%s/postern.conf", folder);
	snprintf(own_path, sizeof own_path, "%s/credentials.conf", folder);
	clearenv();
	setenv("POSTERN_CONFIG", main_path, 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(main_path);
	unlink(own_path);
	rmdir(folder);
	return failed;
}
