/* SPDX-License-Identifier: ISC */
/* view: status, headers and body of an answer, from a result or from what is wrong. */
#include "view.h"

#include "arena.h"

static const char *
header(const struct http_response *rs, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < rs->headers; i++)
		if (strcmp(rs->header[i].name, name) == 0) {
			assert_null(value); /* none of them twice */
			value = rs->header[i].value;
		}
	return value;
}

static void
assert_header(const struct http_response *rs, const char *name, const char *value)
{
	const char *found = header(rs, name);

	if (value == NULL)
		assert_null(found);
	else if (found == NULL || strcmp(found, value) != 0)
		fail_msg("%s: %s instead of %s", name, found, value);
}

/* What stands in every answer. */
static void
assert_common(const struct http_response *rs)
{
	assert_header(rs, "X-Request-ID", "0a1b2c3d");
	assert_header(rs, "Cache-Control", "no-store");
	assert_header(rs, "X-Content-Type-Options", "nosniff");
	assert_header(
		rs, "Content-Type", rs->status == 204 ? NULL : "application/json; charset=utf-8");
	assert_int_equal(rs->length, strlen(rs->body));
}

static struct req
request(enum method method, const struct route *route)
{
	return (struct req){ .mem = m,
		.http = { .method = method, .id = "0a1b2c3d" },
		.match = { .route = route, .allow = GET | HEAD | POST | OPTIONS, .api = true } };
}

static void
results(void **state)
{
	static const int statuses[] = { 200, 201, 202, 204 };

	(void)state;
	for (size_t i = 0; i < COUNT(statuses); i++) {
		struct route route = { .method = POST, .status = statuses[i] };
		struct req rq = request(POST, &route);
		struct http_response rs;

		view(&rq, mem_pack(m, "{s:{s:s, s:n}}", "user", "bio", "\xc3\xa4\"", "image"), &rs);
		assert_int_equal(rs.status, statuses[i]);
		assert_common(&rs);
		assert_string_equal(rs.body,
			rs.status == 204 ? ""
					 : "{\"user\":{\"bio\":\"\xc3\xa4\\\"\",\"image\":null}}");
		assert_false(rs.head);
		assert_header(&rs, "Allow", NULL);
		assert_header(&rs, "Retry-After", NULL);
		assert_header(&rs, "WWW-Authenticate", NULL);
	}
}

static void
N9_head_and_options(void **state)
{
	struct route route = { .method = GET, .status = 200 };
	struct req head = request(HEAD, &route), options = request(OPTIONS, NULL);
	struct http_response rs;

	(void)state;
	view(&head, mem_json(m, json_array()), &rs);
	assert_true(rs.head);
	assert_string_equal(rs.body, "[]"); /* its length is told, http leaves it out */
	assert_common(&rs);

	view(&options, NULL, &rs);
	assert_int_equal(rs.status, 204);
	assert_common(&rs);
	assert_header(&rs, "Allow", "GET, HEAD, POST, OPTIONS");

	options.match.allow = 0; /* an unknown path allows nothing, not "" */
	err_add(&options.fault, ERR_NOT_FOUND, NULL, 0);
	view(&options, NULL, &rs);
	assert_int_equal(rs.status, 404);
	assert_header(&rs, "Allow", NULL);
}

static void
errors(void **state)
{
	static const struct {
		enum err err;
		const char *body, *challenge, *retry, *allow;
		long n;
	} rows[] = {
		{ ERR_BAD_REQUEST,
			.body = "{\"errors\":{\"body\":[\"does not fit its headers\"]}}" },
		{ ERR_TOKEN_MISSING, .body = "{\"errors\":{\"token\":[\"is missing\"]}}",
			.challenge = "Bearer" },
		{ ERR_TOKEN_INVALID, .body = "{\"errors\":{\"token\":[\"is invalid\"]}}",
			.challenge = "Bearer error=\"invalid_token\"" },
		{ ERR_TOKEN_EXPIRED, .body = "{\"errors\":{\"token\":[\"has expired\"]}}",
			.challenge = "Bearer error=\"invalid_token\"" },
		{ ERR_TOKEN_REVOKED, .body = "{\"errors\":{\"token\":[\"has been revoked\"]}}",
			.challenge = "Bearer error=\"invalid_token\"" },
		{ ERR_CREDENTIALS, .body = "{\"errors\":{\"credentials\":[\"invalid\"]}}",
			.challenge = "Bearer" },
		{ ERR_NOT_FOUND, .body = "{\"errors\":{\"path\":[\"not found\"]}}" },
		{ ERR_METHOD, .body = "{\"errors\":{\"method\":[\"is not allowed here\"]}}",
			.allow = "GET, HEAD, POST, OPTIONS" },
		{ ERR_RATE,
			.body = "{\"errors\":{\"rate\":[\"too many requests, try again later\"]}}",
			.retry = "5" },
		{ ERR_RATE,
			.body = "{\"errors\":{\"rate\":[\"too many requests, try again later\"]}}",
			.retry = "61", .n = 61 },
		{ ERR_INTERNAL, .body = "{\"errors\":{\"server\":[\"has failed\"]}}" },
		{ ERR_BUSY, .body = "{\"errors\":{\"server\":[\"is busy, try again\"]}}",
			.retry = "5" },
		{ ERR_AWAY, .body = "{\"errors\":{\"server\":[\"is not ready, try again\"]}}",
			.retry = "5" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct route route = { .method = GET, .status = 204 };
		struct req rq = request(GET, &route);
		struct http_response rs;

		err_add(&rq.fault, rows[i].err, NULL, rows[i].n);
		view(&rq, mem_pack(m, "{s:s}", "never", "told"), &rs);
		assert_int_equal(rs.status, err_status(rows[i].err));
		assert_common(&rs);
		assert_string_equal(rs.body, rows[i].body);
		assert_header(&rs, "WWW-Authenticate", rows[i].challenge);
		assert_header(&rs, "Retry-After", rows[i].retry);
		assert_header(&rs, "Allow", rows[i].allow);
	}
}

/* Keys in the order of the first flaw of each, the texts of one key together. */
static void
several_flaws(void **state)
{
	struct req rq = request(POST, NULL);
	struct http_response rs;

	(void)state;
	err_add(&rq.fault, ERR_SHORT, "password", 8);
	err_add(&rq.fault, ERR_BLANK, "user.name", 0);
	err_add(&rq.fault, ERR_ENCODING, "password", 0);
	view(&rq, NULL, &rs);
	assert_int_equal(rs.status, 422);
	assert_string_equal(rs.body,
		"{\"errors\":{\"password\":[\"is too short (minimum is 8 characters)\","
		"\"must be UTF-8 without NUL\"],\"user.name\":[\"can't be blank\"]}}");
}

static void
challenge_of_the_row(void **state)
{
	struct req rq = request(POST, NULL);
	struct http_response rs;

	(void)state;
	rq.challenge = "Basic realm=\"Postern\"";
	err_add(&rq.fault, ERR_CREDENTIALS, NULL, 0);
	view(&rq, NULL, &rs);
	assert_header(&rs, "WWW-Authenticate", "Basic realm=\"Postern\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results),
		cmocka_unit_test(N9_head_and_options),
		cmocka_unit_test(errors),
		cmocka_unit_test(several_flaws),
		cmocka_unit_test(challenge_of_the_row),
	};

	return cmocka_run_group_tests(tests, up, down);
}
