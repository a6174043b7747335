/* SPDX-License-Identifier: ISC */
/* http: an answer as CGI output, and what must not get into a header. */
#include "arena.h"
#include "http.h"

static void
output(void **state)
{
	static const struct {
		struct http_response response;
		const char *written;
	} rows[] = {
		{ { .status = 200, .body = "" }, "Status: 200 OK\r\nContent-Length: 0\r\n\r\n" },
		{ { .status = 201,
			  .headers = 1,
			  .header = { { "A", "b" } },
			  .body = "{}",
			  .length = 2 },
			"Status: 201 Created\r\nA: b\r\nContent-Length: 2\r\n\r\n{}" },
		{ { .status = 200,
			  .headers = 2,
			  .header = { { "A", "" }, { "A", "c" } },
			  .body = "12345",
			  .length = 5,
			  .head = true },
			"Status: 200 OK\r\nA: \r\nA: c\r\nContent-Length: 5\r\n\r\n" },
		{ { .status = 204, .body = "never", .length = 5 },
			"Status: 204 No Content\r\n\r\n" },
		{ { .status = 422, .body = "x", .length = 1 },
			"Status: 422 Unprocessable Content\r\nContent-Length: 1\r\n\r\nx" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t length;
		const char *out = http_write(m, &rows[i].response, &length);

		assert_int_equal(length, strlen(rows[i].written));
		assert_memory_equal(out, rows[i].written, length);
	}
}

/* A full set of headers, and a body with every byte in it. */
static void
large_output(void **state)
{
	enum {
		SIZE = 3 << 20
	};
	struct http_response rs = { .status = 200, .length = SIZE };
	char *body = mem_get(m, SIZE);
	const char *out;
	size_t length;

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		body[i] = (char)i;
	rs.body = body;
	for (int i = 0; i < HTTP_HEADERS; i++)
		http_header(&rs, "X-Long", mem_print(m, "%0999d", i));
	out = http_write(m, &rs, &length);
	assert_true(length > SIZE + HTTP_HEADERS * 1009);
	assert_memory_equal(out + length - SIZE, body, SIZE);
	assert_memory_equal(out + length - SIZE - 4, "\r\n\r\n", 4);
}

static void
every_error_has_a_reason(void **state)
{
	size_t length;

	(void)state;
	for (enum err e = ERR_NONE; e < ERR_COUNT; e++)
		http_write(
			m, &(struct http_response){ .status = err_status(e), .body = "" }, &length);
}

static void
put_header(const void *value)
{
	struct http_response rs = { 0 };

	http_header(&rs, "Location", value);
}

static void
put_headers(const void *count)
{
	struct http_response rs = { 0 };

	for (int i = 0; i < *(const int *)count; i++)
		http_header(&rs, "A", "b");
}

static void
put_status(const void *status)
{
	size_t length;

	http_write(mem_new(), &(struct http_response){ .status = *(const int *)status }, &length);
}

static void
X6_control_characters_never_get_into_a_header(void **state)
{
	static const char *const bad[] = { "/\r\nSet-Cookie: a=b", "/\nX: y", "/\r", "\t/", "/\x01",
		"/\x7f", "/\x1b" };
	static const char *const good[] = { "", " ~!\"\\", "\xc3\xa4" };
	char said[8];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_aborts(put_header, bad[i], "a control character in a response header");
	for (size_t i = 0; i < COUNT(good); i++)
		assert_int_equal(in_child(put_header, good[i], said, sizeof said), 0);
}

static void
broken_invariants_abort(void **state)
{
	const int most = HTTP_HEADERS, more = HTTP_HEADERS + 1,
		  status[] = { 0, 100, 299, 305, 600 };
	char said[8];

	(void)state;
	assert_int_equal(in_child(put_headers, &most, said, sizeof said), 0);
	assert_aborts(put_headers, &more, "too many response headers");
	for (size_t i = 0; i < COUNT(status); i++)
		assert_aborts(put_status, &status[i], "a status without a reason phrase");
}

static void
allow(void **state)
{
	(void)state;
	assert_string_equal(http_allow(m, 0), "");
	assert_string_equal(http_allow(m, GET), "GET");
	assert_string_equal(http_allow(m, GET | HEAD | OPTIONS), "GET, HEAD, OPTIONS");
	assert_string_equal(http_allow(m, ~0U), "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output),
		cmocka_unit_test(large_output),
		cmocka_unit_test(every_error_has_a_reason),
		cmocka_unit_test(X6_control_characters_never_get_into_a_header),
		cmocka_unit_test(broken_invariants_abort),
		cmocka_unit_test(allow),
	};

	return cmocka_run_group_tests(tests, up, down);
}
