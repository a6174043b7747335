/* SPDX-License-Identifier: ISC */
/* browser: which cookies are ours, whose forms are trusted, and the tokens that forms hold. */
#include "browser.h"

#include "arena.h"
#include "text.h"

/* 43 characters of base64url, as 32 bytes have. */
#define VALUE "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE"
#define OTHER "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_abcde"

static const struct conf conf = { .cookie_domain = "",
	.site_urls = "http://a.example:8080 https://b.example http://127.0.0.1" };

static struct req
request(const char *cookies)
{
	struct req rq = { .mem = m,
		.conf = &conf,
		.http = { .method = POST,
			.cookies = cookies,
			.port = "80",
			.query = "",
			.fetch_site = "same-origin" } };

	browser_read(&rq);
	return rq;
}

/* The request has sent this token in its form. */
static void
sends(struct req *rq, const char *token)
{
	const char *body = mem_print(m, "a=b&csrf_token=%s", token);

	rq->http.type = "application/x-www-form-urlencoded";
	rq->http.body = body;
	rq->http.length = strlen(body);
	rq->sent = input_open(m, &rq->http, NULL, NULL, 0, &rq->fault);
	assert_non_null(rq->sent);
}

static void
S5_cookies_that_can_be_ours(void **state)
{
	static const struct {
		const char *cookies, *session, *pre, *flash;
	} rows[] = {
		{ "", NULL, NULL, NULL },
		{ "session-80=" VALUE "; pre-80=" OTHER "; flash-80=info.x", VALUE, OTHER,
			"info.x" },
		{ "session-80=" VALUE "; session-80=" OTHER, VALUE, NULL, NULL },
		/* The first of a name counts, although it is none. */
		{ "session-80=x; session-80=" VALUE, NULL, NULL, NULL },
		{ "session-81=" VALUE "; session=" VALUE "; __Host-session=" VALUE, NULL, NULL,
			NULL },
		{ "session-80=" VALUE "x", NULL, NULL, NULL },
		{ "session-80=", NULL, NULL, NULL },
		{ "session-80=\"" VALUE "\"", NULL, NULL, NULL },
		{ "session-80=abcdefghijklmnopqrstuvwxyz0123456789-_ABCD", NULL, NULL, NULL },
		{ "session-80=abcdefghijklmnopqrstuvwxyz0123456789-_ABC%D", NULL, NULL, NULL },
		{ "session-80=abcdefghijklmnopqrstuvwxyz0123456789-_ABC/+", NULL, NULL, NULL },
		{ "session-80=abcdefghijklmnopqrstuvwxyz0123456789-_ABC\xc3\xa4", NULL, NULL,
			NULL },
		{ "flash-80=<script>", NULL, NULL, NULL },
		{ "flash-80=", NULL, NULL, "" },
		{ "flash-80=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", NULL, NULL,
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" },
		{ "flash-80=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *want[] = { rows[i].session, rows[i].pre, rows[i].flash };
		struct req rq = request(rows[i].cookies);

		for (size_t kind = 0; kind < BROWSER_COOKIES; kind++) {
			const char *found = rq.browser.cookie[kind];

			if (want[kind] == NULL ? found != NULL
					       : found == NULL || strcmp(found, want[kind]) != 0)
				fail_msg("%s: %s", rows[i].cookies, found);
		}
	}
}

/* Over TLS the names are others, and only a session is shared with sub-domains. */
static void
S5_cookies_over_tls(void **state)
{
	struct conf shared = conf;
	struct req rq = request("");

	(void)state;
	shared.cookie_domain = "example";
	rq.conf = &shared;
	rq.http.https = true;
	rq.http.cookies = "session-80=" VALUE "; __Host-session=" VALUE "; __Secure-session=" OTHER
			  "; __Host-pre=" VALUE "; __Secure-pre=" OTHER;
	browser_read(&rq);
	assert_string_equal(rq.browser.cookie[BROWSER_SESSION], OTHER);
	assert_string_equal(rq.browser.cookie[BROWSER_PRE], VALUE);
	browser_end(&rq);
	browser_flash(&rq, "info.x");
	assert_string_equal(rq.out.set[BROWSER_SESSION],
		"__Secure-session=; Path=/; Domain=example; Max-Age=0; HttpOnly; SameSite=Lax; "
		"Secure");
	assert_string_equal(rq.out.set[BROWSER_FLASH],
		"__Host-flash=info.x; Path=/; HttpOnly; SameSite=Lax; Secure");
}

static void
S2_where_a_form_came_from(void **state)
{
	static const struct {
		const char *site, *origin, *referer;
		bool trusted;
	} rows[] = {
		{ "same-origin", NULL, NULL, true },
		{ "none", NULL, NULL, true },
		{ "same-origin", "https://evil.example", "https://evil.example/", true },
		{ "same-site", "http://a.example:8080", NULL, false },
		{ "cross-site", "http://a.example:8080", "http://a.example:8080/", false },
		{ "", "http://a.example:8080", NULL, false },
		{ "Same-Origin", NULL, NULL, false },
		{ "same-origin, none", NULL, NULL, false },
		{ NULL, "http://a.example:8080", NULL, true },
		{ NULL, "https://b.example", NULL, true },
		{ NULL, "http://127.0.0.1", NULL, true },
		{ NULL, "http://a.example:8080", "https://evil.example/", true },
		{ NULL, "http://a.example:8080/", NULL, true },
		{ NULL, "https://evil.example", "http://a.example:8080/", false },
		{ NULL, "null", "http://a.example:8080/", false },
		{ NULL, "", "http://a.example:8080/", false },
		{ NULL, "http://a.example", NULL, false },
		{ NULL, "https://a.example:8080", NULL, false },
		{ NULL, "http://a.example:80801", NULL, false },
		{ NULL, "http://a.example:8080.evil.example", NULL, false },
		{ NULL, "http://a.example:8080@evil.example", NULL, false },
		{ NULL, "http://a.example:8080 http://evil.example", NULL, false },
		{ NULL, "http://evil.example/http://a.example:8080", NULL, false },
		{ NULL, "https://b.example.evil.example", NULL, false },
		{ NULL, "https://b.exampl", NULL, false },
		{ NULL, NULL, "http://a.example:8080", true },
		{ NULL, NULL, "http://a.example:8080/login?next=/", true },
		{ NULL, NULL, "https://b.example/register", true },
		{ NULL, NULL, "http://127.0.0.1.evil.example/", false },
		{ NULL, NULL, "https://evil.example/?http://a.example:8080/", false },
		{ NULL, NULL, "/login", false },
		{ NULL, NULL, "", false },
		{ NULL, NULL, NULL, false },
	};
	struct req first = request("session-80=" VALUE);
	const char *token = browser_token(&first);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct req rq = request("session-80=" VALUE);

		rq.http.fetch_site = rows[i].site;
		rq.http.origin = rows[i].origin;
		rq.http.referer = rows[i].referer;
		sends(&rq, token);
		if (browser_trusted(&rq) != rows[i].trusted)
			fail_msg("row %zu", i);
		assert_int_equal(err_first(&rq.fault), rows[i].trusted ? ERR_NONE : ERR_ORIGIN);
	}
}

/* What an address only begins with is not of this site, and an address of no site is of none. */
static void
S2_odd_addresses_of_the_site(void **state)
{
	static const char *const urls[] = { "", "http://a.example:808", "http://a.example" };

	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		struct conf odd = conf;
		struct req rq = request("session-80=" VALUE);

		odd.site_urls = urls[i];
		rq.conf = &odd;
		rq.http.fetch_site = NULL;
		rq.http.origin = "http://a.example:8080";
		sends(&rq, browser_token(&rq));
		assert_false(browser_trusted(&rq));
		rq.http.origin = "/";
		assert_false(browser_trusted(&rq));
		assert_int_equal(rq.fault.count, 1); /* the last word alone */
	}
}

static void
S1_the_token_of_ones_cookie(void **state)
{
	struct req mine = request("session-80=" VALUE), other = request("session-80=" OTHER);
	struct req visitor = request("pre-80=" VALUE),
		   both = request("session-80=" OTHER "; pre-80=" VALUE);
	const char *token = browser_token(&mine),
		   *wrong[] = { "", "x", browser_token(&other), mem_copy(m, token, 42),
			   mem_print(m, "%sA", token), mem_print(m, "%%00%s", token),
			   mem_print(m, "+%s", token), VALUE };
	uint8_t mac[32];
	char text[text_base64url_size(32)];

	(void)state;
	text_hmac(mac, VALUE, "csrf");
	text_base64url(text, mac, 32);
	assert_string_equal(token, text);
	assert_string_equal(browser_token(&both), browser_token(&other)); /* a session's first */
	sends(&mine, token);
	assert_true(browser_trusted(&mine));
	sends(&visitor, token);
	assert_true(browser_trusted(&visitor));
	for (size_t i = 0; i < COUNT(wrong); i++) {
		sends(&mine, wrong[i]);
		assert_false(browser_trusted(&mine));
		assert_int_equal(err_first(&mine.fault), ERR_CSRF);
		mine.fault.count = 0;
	}
	mine.sent = NULL;
	assert_false(browser_trusted(&mine));
	mine.fault.count = 0;
	mine.http.csrf = token;
	assert_true(browser_trusted(&mine));
	sends(&mine, "x"); /* the field goes before the header */
	assert_false(browser_trusted(&mine));
}

static void
S1_no_cookie_no_trust(void **state)
{
	struct req rq = request("");

	(void)state;
	sends(&rq, "");
	err_add(&rq.fault, ERR_MULTIPART, NULL, 0);
	assert_false(browser_trusted(&rq));
	assert_int_equal(rq.fault.count, 1);
	assert_int_equal(err_first(&rq.fault), ERR_CSRF); /* and nothing of what else is wrong */
}

static void
S4_a_visitor_gets_a_cookie_for_the_token(void **state)
{
	struct req rq = request(""), next;
	const char *token = browser_token(&rq), *value = rq.browser.cookie[BROWSER_PRE];

	(void)state;
	assert_int_equal(strlen(value), 43);
	assert_string_equal(rq.out.set[BROWSER_PRE],
		mem_print(m, "pre-80=%s; Path=/; HttpOnly; SameSite=Lax", value));
	assert_string_equal(browser_token(&rq), token); /* one a page */
	next = request(mem_print(m, "pre-80=%s", value));
	assert_string_equal(browser_token(&next), token);
	assert_null(next.out.set[BROWSER_PRE]);
	sends(&next, token);
	assert_true(browser_trusted(&next));
	next = request("");
	assert_string_not_equal(browser_token(&next), token);
}

static void
S4_a_session_begins(void **state)
{
	struct req rq = request("session-80=" VALUE), other = request("");
	const char *hash = browser_begin(&rq, 0), *set = rq.out.set[BROWSER_SESSION];
	uint8_t digest[32];
	char hex[65], value[44];

	(void)state;
	/* A new value, of which the database gets the digest. */
	snprintf(value, sizeof value, "%s", set + strlen("session-80="));
	assert_int_equal(strlen(value), 43);
	assert_string_not_equal(value, VALUE);
	assert_string_equal(
		set, mem_print(m, "session-80=%s; Path=/; HttpOnly; SameSite=Lax", value));
	text_sha256(digest, value, 43);
	text_hex(hex, digest, 32);
	assert_string_equal(hash, hex);

	assert_string_not_equal(browser_begin(&other, 2592000), hash);
	assert_non_null(strstr(other.out.set[BROWSER_SESSION], "; Max-Age=2592000; "));
}

static void
flashes(void **state)
{
	struct req rq = request("flash-80=success.saved"), none = request("");

	(void)state;
	assert_string_equal(browser_flashed(&rq), "success.saved");
	assert_string_equal(
		rq.out.set[BROWSER_FLASH], "flash-80=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
	assert_null(browser_flashed(&none));
	assert_null(none.out.set[BROWSER_FLASH]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(S5_cookies_that_can_be_ours),
		cmocka_unit_test(S5_cookies_over_tls),
		cmocka_unit_test(S2_where_a_form_came_from),
		cmocka_unit_test(S2_odd_addresses_of_the_site),
		cmocka_unit_test(S1_the_token_of_ones_cookie),
		cmocka_unit_test(S1_no_cookie_no_trust),
		cmocka_unit_test(S4_a_visitor_gets_a_cookie_for_the_token),
		cmocka_unit_test(S4_a_session_begins),
		cmocka_unit_test(flashes),
	};

	return cmocka_run_group_tests(tests, up, down);
}
