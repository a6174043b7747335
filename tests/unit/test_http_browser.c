/* SPDX-License-Identifier: ISC */
/* http: what a request for a page brings beside the rest: boundary, cookies, where it came from. */
#include "http.h"

#include "http_help.h"

static void
U4_boundary(void **state)
{
	static const struct {
		const char *type, *boundary; /* NULL = none */
	} rows[] = {
		{ "multipart/form-data; boundary=x", "x" },
		{ "multipart/form-data;boundary=x", "x" },
		{ "multipart/form-data;\tboundary=x", "x" },
		{ "Multipart/Form-Data; BOUNDARY=xY", "xY" },
		{ "multipart/form-data; boundary=\"a b\"", "a b" },
		{ "multipart/form-data; boundary=\"a;b\"; charset=utf-8", "a;b" },
		{ "multipart/form-data; boundary=x; charset=utf-8", "x" },
		{ "multipart/form-data; boundary=x;charset=utf-8", "x" },
		{ "multipart/form-data; boundary=x y", "x" },
		{ "multipart/form-data; charset=utf-8; boundary=----WebKitFormBoundary7MA4YW",
			"----WebKitFormBoundary7MA4YW" },
		{ "multipart/form-data; boundary=a=b", "a=b" },
		{ "multipart/form-data; boundary=x; boundary=y", "x" },
		{ "multipart/form-data; xboundary=x; boundary=y", "y" },
		{ "multipart/form-data; a=boundary=x", NULL },
		{ "multipart/form-data; xboundary=x", NULL },
		{ "multipart/form-data; boundary =x", NULL },
		{ "multipart/form-data; boundary=", NULL },
		{ "multipart/form-data; boundary=;x", NULL },
		{ "multipart/form-data; boundary=\"\"", NULL },
		{ "multipart/form-data; boundary", NULL },
		{ "multipart/form-data", NULL },
		{ "boundary=x", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *found =
			request((const char *[]){ "CONTENT_TYPE", rows[i].type, NULL }).boundary;

		if (rows[i].boundary == NULL
				? found != NULL
				: found == NULL || strcmp(found, rows[i].boundary) != 0)
			fail_msg("%s: %s", rows[i].type, found != NULL ? found : "none");
	}
	assert_null(request((const char *[]){ NULL }).boundary);
}

static void
what_a_browser_says(void **state)
{
	struct http_request rq = request((const char *[]){ "HTTP_COOKIE", "a=b; c", "HTTP_ORIGIN",
		"https://e.org", "HTTP_REFERER", "https://e.org/x", "HTTP_SEC_FETCH_SITE", "none",
		"HTTP_X_CSRFTOKEN", "t", "SERVER_PORT", "8080", NULL });

	(void)state;
	assert_string_equal(rq.cookies, "a=b; c");
	assert_string_equal(rq.origin, "https://e.org");
	assert_string_equal(rq.referer, "https://e.org/x");
	assert_string_equal(rq.fetch_site, "none");
	assert_string_equal(rq.csrf, "t");
	assert_string_equal(rq.port, "8080");
}

/* Absent is not empty: an empty Origin is one that is not ours. */
static void
S2_absent_is_not_empty(void **state)
{
	struct http_request none = request((const char *[]){ NULL });
	struct http_request empty = request((const char *[]){ "HTTP_ORIGIN", "", "HTTP_REFERER", "",
		"HTTP_SEC_FETCH_SITE", "", "HTTP_X_CSRFTOKEN", "", NULL });

	(void)state;
	assert_string_equal(none.cookies, "");
	assert_string_equal(none.port, "");
	assert_null(none.origin);
	assert_null(none.referer);
	assert_null(none.fetch_site);
	assert_null(none.csrf);
	assert_string_equal(empty.origin, "");
	assert_string_equal(empty.referer, "");
	assert_string_equal(empty.fetch_site, "");
	assert_string_equal(empty.csrf, "");
}

static void
S1_both_spellings_of_the_header(void **state)
{
	(void)state;
	assert_string_equal(request((const char *[]){ "HTTP_X_CSRF_TOKEN", "a", NULL }).csrf, "a");
	assert_string_equal(
		request((const char *[]){ "HTTP_X_CSRF_TOKEN", "a", "HTTP_X_CSRFTOKEN", "b", NULL })
			.csrf,
		"b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(U4_boundary),
		cmocka_unit_test(what_a_browser_says),
		cmocka_unit_test(S2_absent_is_not_empty),
		cmocka_unit_test(S1_both_spellings_of_the_header),
	};

	return cmocka_run_group_tests(tests, up, down);
}
