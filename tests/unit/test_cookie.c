/* SPDX-License-Identifier: ISC */
/* cookie: names by place, the first of a name in whatever a browser sends, and what is set. */
#include "cookie.h"

#include "arena.h"

static const struct cookie_place tls = { .https = true, .domain = "", .port = "443" };
static const struct cookie_place tls_shared = { .https = true, .domain = "e.org", .port = "443" };
static const struct cookie_place plain = { .https = false, .domain = "", .port = "8080" };
static const struct cookie_place plain_shared = { .domain = "e.org", .port = "8080" };

static void
S5_names(void **state)
{
	(void)state;
	assert_string_equal(cookie_name(m, "session", &tls), "__Host-session");
	assert_string_equal(cookie_name(m, "session", &tls_shared), "__Secure-session");
	assert_string_equal(cookie_name(m, "session", &plain), "session-8080");
	assert_string_equal(cookie_name(m, "session", &plain_shared), "session-8080");
	assert_string_equal(cookie_name(m, "pre", &tls), "__Host-pre");
}

static void
S5_the_first_of_a_name(void **state)
{
	static const struct {
		const char *header, *value; /* of the cookie s-1; NULL = none */
	} rows[] = {
		{ "", NULL },
		{ "s-1=x", "x" },
		{ "s-1=x; s-1=y", "x" },
		{ "s-1=; s-1=y", "" }, /* an empty one is one */
		{ "a=b; s-1=x;c=d", "x" },
		{ "a=b;s-1=x", "x" },
		{ "  s-1=x  ", "x" },
		{ ";;; ;s-1=x;;", "x" },
		{ "\ts-1=x\t;a=b", "x" },
		{ "s-1=x y", "x" }, /* no value of ours holds a blank */
		{ "s-1= x", "" },
		{ "s-1=a=b=", "a=b=" },
		{ "s-1==", "=" },
		{ "s-1=\"x\"", "\"x\"" }, /* quotes belong to it (RFC 6265 section 5.2) */
		{ "s-1=\"a;b\"", "\"a" }, /* … and protect nothing */
		{ "a=\"; s-1=x\"", "x\"" },
		{ "s-1=x,s-1=y", "x,s-1=y" },
		{ "s-1=\xff\x01", "\xff\x01" },
		{ "s-1", NULL },
		{ "s-1;s-1=x", "x" },
		{ "s-1 =x", NULL },
		{ "=s-1=x", NULL },
		{ "=x; =; ;", NULL },
		{ "S-1=x", NULL },
		{ "s-12=x", NULL },
		{ "s-=x", NULL },
		{ "xs-1=x", NULL },
		{ "a=s-1=x", NULL },
		{ "x s-1=x", NULL },
		{ "s-12=x; s-1=y", "y" },
		{ "xs-1=x; s-1=y", "y" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *value = cookie_get(m, rows[i].header, "s-1");

		if (rows[i].value == NULL ? value != NULL
					  : value == NULL || strcmp(value, rows[i].value) != 0)
			fail_msg("%s: %s", rows[i].header, value != NULL ? value : "none");
	}
}

/* As long as a web server lets through, the wanted one at the end of it. */
static void
S5_two_of_a_name(void **state)
{
	static const struct {
		const char *header;
		bool twice;
	} rows[] = {
		{ "", false },
		{ "s-1=x", false },
		{ "s-1=x; s-1=x", false },
		{ "s-1=x; s-1=y", true },
		{ "s-1=x; s-1=x; a=b; s-1=y", true },
		{ "s-1=x; s-1=", true },
		{ "s-1=x; S-1=y; s-11=z; xs-1=w", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(cookie_twice(m, rows[i].header, "s-1"), rows[i].twice);
}

static void
S5_long_headers(void **state)
{
	static char header[8193], value[8193];
	size_t n = 0;

	(void)state;
	while (n < sizeof header - 100)
		n += (size_t)snprintf(header + n, sizeof header - n, "c%zu=%zu; ", n, n);
	assert_null(cookie_get(m, header, "s-1"));
	snprintf(header + n, sizeof header - n, "s-1=last");
	assert_string_equal(cookie_get(m, header, "s-1"), "last");

	memset(value, 'v', sizeof value - 1);
	snprintf(header, sizeof header, "s-1=%.*s", (int)sizeof header - 5, value);
	assert_int_equal(strlen(cookie_get(m, header, "s-1")), sizeof header - 5);
	memset(header, ';', sizeof header - 1);
	assert_null(cookie_get(m, header, "s-1"));
	memset(header, '=', sizeof header - 1);
	assert_null(cookie_get(m, header, "s-1"));
}

static void
S5_what_is_set(void **state)
{
	(void)state;
	assert_string_equal(cookie_set(m, "session", "v", COOKIE_SESSION, &plain),
		"session-8080=v; Path=/; HttpOnly; SameSite=Lax");
	assert_string_equal(cookie_set(m, "session", "v", 2592000, &plain),
		"session-8080=v; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax");
	assert_string_equal(cookie_set(m, "flash", "", COOKIE_REMOVE, &plain),
		"flash-8080=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
	/* Browsers take a __Host- cookie only with Path=/, with Secure, and without Domain. */
	assert_string_equal(cookie_set(m, "session", "v", COOKIE_SESSION, &tls),
		"__Host-session=v; Path=/; HttpOnly; SameSite=Lax; Secure");
	assert_string_equal(cookie_set(m, "session", "v", 1, &tls_shared),
		"__Secure-session=v; Path=/; Domain=e.org; Max-Age=1; HttpOnly; SameSite=Lax; Secure");
	/* What removes a cookie must name the same place as what made it. */
	assert_string_equal(cookie_set(m, "session", "", COOKIE_REMOVE, &tls_shared),
		"__Secure-session=; Path=/; Domain=e.org; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(S5_names),
		cmocka_unit_test(S5_the_first_of_a_name),
		cmocka_unit_test(S5_two_of_a_name),
		cmocka_unit_test(S5_long_headers),
		cmocka_unit_test(S5_what_is_set),
	};

	return cmocka_run_group_tests(tests, up, down);
}
