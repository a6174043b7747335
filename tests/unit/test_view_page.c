/* SPDX-License-Identifier: ISC */
/* view_page: which page, status and headers a browser gets, and where it is sent. */
#include "serve.h"
#include "view_help.h"

static const struct field fields[] = { { "name", LINE, .max = 9 }, { 0 } };
static const struct route routes[] = {
	{ GET, NULL, "/form", OPEN, NULL, NULL, NULL, nobody_runs_it, 200, "form" },
	{ POST, "/form", "/form", OPEN, NULL, fields, NULL, nobody_runs_it, 201, NULL },
	{ GET, NULL, "/plain/:x", MEMBER, NULL, NULL, NULL, nobody_runs_it, 200, "plain" },
	{ POST, NULL, "/do", MEMBER, NULL, NULL, NULL, nobody_runs_it, 200, NULL },
	{ 0 },
};
static const struct program program = { "p", "content", routes, .pages = &page_steps };

static const char *
header(const struct http_response *rs, const char *name, const char *begin)
{
	const char *value = NULL;

	for (size_t i = 0; i < rs->headers; i++)
		if (strcmp(rs->header[i].name, name) == 0 &&
			strncmp(rs->header[i].value, begin, strlen(begin)) == 0) {
			assert_null(value); /* none of them twice */
			value = rs->header[i].value;
		}
	return value;
}

static void
assert_header(const struct http_response *rs, const char *name, const char *value)
{
	const char *found = header(rs, name, "");

	if (value == NULL)
		assert_null(found);
	else if (found == NULL || strcmp(found, value) != 0)
		fail_msg("%s: %s instead of %s", name, found, value);
}

/* What stands in every answer to a browser. */
static void
assert_common(const struct http_response *rs)
{
	bool page = rs->status != 303;

	assert_header(rs, "X-Request-ID", "0a1b2c3d");
	assert_header(rs, "Cache-Control", "no-store");
	assert_header(rs, "X-Content-Type-Options", "nosniff");
	assert_header(rs, "Vary", "Cookie");
	assert_header(rs, "Content-Type", page ? "text/html; charset=utf-8" : NULL);
	assert_header(rs, "Content-Security-Policy", page ? "default-src 'none'" : NULL);
	assert_header(rs, "Referrer-Policy", page ? "same-origin" : NULL);
	assert_int_equal(rs->length, strlen(rs->body));
}

static struct http_response
answer(struct req *rq, json_t *result)
{
	struct http_response rs;

	view(rq, result, &rs);
	assert_common(&rs);
	return rs;
}

/* What an API tells by 409 and 403 is, in a form, something wrong with a field. */
static void
status_of_a_form_shown_again(void **state)
{
	static const struct {
		enum err err;
		int status;
		const char *line;
	} rows[] = {
		{ ERR_TAKEN, 422, "username has already been taken" },
		{ ERR_CURRENT_NEEDED, 422, "current_password is needed" },
		{ ERR_CURRENT_WRONG, 422, "current_password is wrong" },
		{ ERR_EMAIL, 422, "email is not a mail address" },
		{ ERR_BLANK, 422, "body can&#39;t be blank" },
		{ ERR_CREDENTIALS, 401, "This name or address and this password do not belong" },
		{ ERR_CSRF, 403, "This form had expired, so nothing was changed." },
		{ ERR_ORIGIN, 403, "That form did not come from a page of this site" },
		{ ERR_RATE, 429, "There were too many tries, so this one was not looked at." },
		{ ERR_BUSY, 503, "The site was too busy, so nothing was changed." },
		{ ERR_AWAY, 503, "The site was too busy, so nothing was changed." },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct req rq = page_request(POST, "/form", &program);
		const char *begin = mem_print(m, "Site|of the GET|||token|/form(%s", rows[i].line);
		struct http_response rs;

		err_add(&rq.fault, rows[i].err, NULL, 0);
		rq.shown = mem_pack(m, "{s:s}", "shown", "of the GET");
		rs = answer(&rq, mem_pack(m, "{s:s}", "shown", "never"));
		if (rs.status != rows[i].status || strncmp(rs.body, begin, strlen(begin)) != 0)
			fail_msg("%d: %d %s", rows[i].err, rs.status, rs.body);
		assert_header(
			&rs, "Retry-After", rs.status == 429 || rs.status == 503 ? "5" : NULL);
		assert_header(&rs, "WWW-Authenticate", rs.status == 401 ? "Bearer" : NULL);
	}
}

/* Which refused requests get their form again; the others are answered by an error page. */
static void
who_gets_the_form_again(void **state)
{
	static const struct {
		enum method method;
		const char *path;
		enum err err;
		bool again;
	} rows[] = {
		{ POST, "/form", ERR_BLANK, true },
		{ POST, "/form", ERR_CSRF, true },
		{ POST, "/form", ERR_CREDENTIALS, true },
		{ POST, "/form", ERR_AWAY, true },
		{ POST, "/form", ERR_MEDIA_TYPE, true },
		{ POST, "/form", ERR_NONE, false },
		{ POST, "/form", ERR_INTERNAL, false },
		{ POST, "/form", ERR_TOKEN_MISSING, false },
		{ POST, "/form", ERR_TOKEN_REVOKED, false },
		{ GET, "/form", ERR_BLANK, false },
		{ HEAD, "/form", ERR_BLANK, false },
		{ POST, "/do", ERR_BLANK, false }, /* has no page to be shown on */
		{ POST, "/api/form", ERR_BLANK, false },
		{ POST, "/nothing", ERR_NOT_FOUND, false },
		{ PUT, "/form", ERR_METHOD, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct req rq = page_request(rows[i].method, rows[i].path, &program);

		if (rows[i].err != ERR_NONE)
			err_add(&rq.fault, rows[i].err, NULL, 0);
		if (view_again(&rq) != (rows[i].again ? &routes[0] : NULL))
			fail_msg("row %zu", i);
		rq.http.wrong = ERR_BODY_LARGE; /* nothing of it was read */
		assert_null(view_again(&rq));
		rq.http.wrong = ERR_NONE;
		rq.views = NULL;
		assert_null(view_again(&rq));
	}
}

static void
error_pages(void **state)
{
	static const struct {
		enum method method;
		const char *path;
		enum err err;
		const char *body, *allow;
	} rows[] = {
		{ GET, "/nothing", ERR_NOT_FOUND, "404 Nothing here [0a1b2c3d]", NULL },
		{ PUT, "/form", ERR_METHOD, "405 Not like this [0a1b2c3d]",
			"GET, HEAD, POST, OPTIONS" },
		{ POST, "/form", ERR_INTERNAL, "500 Something broke [0a1b2c3d]", NULL },
		{ POST, "/form", ERR_BODY_LARGE, "413 Too large [0a1b2c3d]", NULL },
		{ POST, "/do", ERR_CSRF, "403 Not allowed [0a1b2c3d]", NULL },
		{ GET, "/form", ERR_AWAY, "503 Back in a moment [0a1b2c3d]", NULL },
		{ GET, "/form", ERR_RATE, "429 Too many requests [0a1b2c3d]", NULL },
		{ GET, "/form", ERR_TAKEN, "409 That did not work [0a1b2c3d]", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct req rq = page_request(rows[i].method, rows[i].path, &program);
		struct http_response rs;

		err_add(&rq.fault, rows[i].err, NULL, 0);
		rs = answer(&rq, NULL);
		assert_int_equal(rs.status, err_status(rows[i].err));
		assert_string_equal(rs.body, rows[i].body);
		assert_header(&rs, "Allow", rows[i].allow);
	}
}

static void
to_the_login(void **state)
{
	static const struct {
		enum method method;
		const char *path, *query, *location;
	} rows[] = {
		{ GET, "/plain/a", "", "/login?next=%2Fplain%2Fa" },
		{ HEAD, "/plain/a", "", "/login?next=%2Fplain%2Fa" },
		{ GET, "/plain/a", "b=c&d", "/login?next=%2Fplain%2Fa%3Fb%3Dc%26d" },
		{ GET, "/plain/\xc3\xa4 b", "", "/login?next=%2Fplain%2F%25C3%25A4%2520b" },
		{ POST, "/form", "b=c", "/login?next=%2Fform" },
		{ POST, "/do", "", "/login" }, /* nothing that could be shown afterwards */
		/* What the login would not take is not even said. */
		{ GET, "/plain/a\r\nb", "", "/login" },
		{ GET, "/plain/a\\b", "", "/login" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (enum err e = ERR_TOKEN_MISSING; e <= ERR_TOKEN_REVOKED; e++) {
			struct req rq = page_request(rows[i].method, rows[i].path, &program);
			struct http_response rs;

			if (e == ERR_TOKEN_INVALID || e == ERR_TOKEN_EXPIRED)
				continue; /* of tokens, which pages do not read */
			rq.http.query = rows[i].query;
			err_add(&rq.fault, e, NULL, 0);
			rs = answer(&rq, NULL);
			assert_int_equal(rs.status, 303);
			assert_string_equal(rs.body, "");
			assert_header(&rs, "Location", rows[i].location);
			assert_header(&rs, "Set-Cookie",
				"flash-80=info.sign-in; Path=/; HttpOnly; SameSite=Lax");
		}
}

static void
results(void **state)
{
	struct req get = page_request(GET, "/form", &program);
	struct req plain = page_request(GET, "/plain/x", &program);
	struct req post = page_request(POST, "/form", &program);
	struct http_response rs = answer(&get, mem_pack(m, "{s:s}", "shown", "<&\"'>"));

	(void)state;
	assert_int_equal(rs.status, 200);
	assert_string_equal(rs.body, "Site|&lt;&amp;&quot;&#39;&gt;|||token|/form");
	assert_non_null(header(&rs, "Set-Cookie", "pre-80=")); /* for the form's token */
	assert_header(&rs, "Strict-Transport-Security", NULL);

	rs = answer(&plain, mem_pack(m, "{s:s}", "shown", "x"));
	assert_string_equal(rs.body, "x without a form");
	assert_header(&rs, "Set-Cookie", NULL);

	post.out.location = "/somewhere";
	post.http.https = true;
	rs = answer(&post, mem_pack(m, "{s:s}", "shown", "never"));
	assert_int_equal(rs.status, 303);
	assert_string_equal(rs.body, "");
	assert_header(&rs, "Location", "/somewhere");
	assert_header(&rs, "Strict-Transport-Security", "max-age=31536000");
}

static void
N9_head_and_options(void **state)
{
	struct req head = page_request(HEAD, "/form", &program);
	struct req options = page_request(OPTIONS, "/form", &program);
	struct http_response rs = answer(&head, nothing(&head));

	(void)state;
	assert_true(rs.head);
	assert_string_equal(rs.body, "Site||||token|/form"); /* its length is told */
	view(&options, NULL, &rs);
	assert_int_equal(rs.status, 204);
	assert_header(&rs, "Allow", "GET, HEAD, POST, OPTIONS");
	assert_header(&rs, "Content-Type", NULL);
}

static void
the_viewer(void **state)
{
	struct req rq = page_request(GET, "/form", &program);
	struct req lost = page_request(GET, "/nothing", &program);
	struct http_response rs;

	(void)state;
	rq.browser.cookie[BROWSER_SESSION] = "session";
	rq.browser.viewer = mem_pack(
		m, "{s:s, s:s, s:s}", "username", "ada", "role", "member", "image", "javascript:x");
	rs = answer(&rq, nothing(&rq));
	assert_string_equal(rs.body, "Site||ada /static/default-avatar.svg||token|/form");
	assert_header(&rs, "Set-Cookie", NULL); /* the session's cookie does for the token */

	lost.browser = rq.browser;
	err_add(&lost.fault, ERR_NOT_FOUND, NULL, 0);
	assert_string_equal(answer(&lost, NULL).body, "404 Nothing here [0a1b2c3d] ada");
}

static void
S7_a_session_that_has_ended(void **state)
{
	struct req rq = page_request(GET, "/plain/x", &program);
	struct req login = page_request(POST, "/form", &program);
	struct http_response rs;

	(void)state;
	rq.browser.ended = true;
	rs = answer(&rq, nothing(&rq));
	assert_header(&rs, "Set-Cookie", "session-80=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");

	login.browser.ended = true; /* … but there is a new one already */
	login.out.set[BROWSER_SESSION] = "session-80=new";
	login.out.location = "/";
	rs = answer(&login, nothing(&login));
	assert_header(&rs, "Set-Cookie", "session-80=new");
}

static void
flash_is_shown_once(void **state)
{
	static const char *const rows[][2] = {
		{ "info.signed-out", "info:You are signed out." },
		{ "success.saved", "success:Your settings are saved." },
		{ "success.nothing", "" },
		{ "danger.saved", "" },
		{ "saved", "" },
		{ ".", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct req rq = page_request(GET, "/form", &program);
		struct http_response rs;

		rq.browser.cookie[BROWSER_FLASH] = rows[i][0];
		rs = answer(&rq, nothing(&rq));
		assert_string_equal(rs.body, mem_print(m, "Site|||%s|token|/form", rows[i][1]));
		assert_string_equal(header(&rs, "Set-Cookie", "flash-80="),
			"flash-80=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_of_a_form_shown_again),
		cmocka_unit_test(who_gets_the_form_again),
		cmocka_unit_test(error_pages),
		cmocka_unit_test(to_the_login),
		cmocka_unit_test(results),
		cmocka_unit_test(N9_head_and_options),
		cmocka_unit_test(the_viewer),
		cmocka_unit_test(S7_a_session_that_has_ended),
		cmocka_unit_test(flash_is_shown_once),
	};

	return cmocka_run_group_tests(tests, up, down);
}
