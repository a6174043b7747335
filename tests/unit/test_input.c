/* SPDX-License-Identifier: ISC */
/* input: where a member is looked for, what bodies are refused, and all errors at once. */
#include "input_help.h"

static const struct field pair[] = {
	{ "a", LINE, .max = 9, .need = true },
	{ "b", INT, .min = 1, .max = 9 },
	{ 0 },
};

#define BROKEN "! body is not valid JSON"
#define A_LESS "! a can't be blank"

static void
nothing_declared_nothing_read(void **state)
{
	struct fault fault = { 0 };
	size_t n;

	(void)state;
	assert_string_equal(read_body(NULL, NULL, JSON, "{\"a\":\"\"}"), "{}");
	assert_string_equal(json_text(m, input_read(m, NULL, NULL, &fault), &n), "{}");
	assert_int_equal(fault.count, 0);
}

/* A row that never opened what came sees nothing of it. */
static void
nothing_opened_nothing_sent(void **state)
{
	struct fault fault = { 0 };
	size_t n = 1;

	(void)state;
	assert_null(input_read(m, pair, NULL, &fault));
	assert_int_equal(fault.count, 1);
	assert_int_equal(fault.flaws[0].err, ERR_BLANK);
	assert_string_equal(fault.flaws[0].key, "a");
	assert_null(input_text(NULL, "a"));
	assert_null(input_file(NULL, "a", &n));
	assert_int_equal(n, 0);
}

/* What a form shows again: what came, valid or not, as long as it is text. */
static void
members_as_they_came(void **state)
{
	static const struct http_pair path[] = { { "p", "one", 1, 3, NULL, NULL } };
	static const struct {
		const char *type, *body, *name, *said;
	} rows[] = {
		{ FORM, "a=+x%0A&a=y&b=", "a", " x\n" },
		{ FORM, "a=x&b=", "b", "" },
		{ FORM, "a=x&b", "b", "" },
		{ FORM, "a=x", "c", NULL },
		{ FORM, "a=x%00", "a", NULL },
		{ FORM, "a=%ff", "a", NULL },
		{ FORM, "p=two", "p", "one" },
		{ JSON, "{\"user\":{\"a\":\" x\",\"b\":1}}", "a", " x" },
		{ JSON, "{\"user\":{\"a\":\" x\",\"b\":1}}", "b", NULL },
		{ JSON, "{\"user\":{\"a\":null}}", "a", NULL },
		{ JSON, "{\"user\":{\"a\":{\"b\":\"c\"}},\"b\":\"d\"}", "b", NULL },
		{ JSON, "{\"user\":{\"p\":\"two\"}}", "p", "one" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct http_request rq = { .method = POST,
			.query = "c=q",
			.type = rows[i].type,
			.body = rows[i].body,
			.length = strlen(rows[i].body) };
		struct fault fault = { 0 };
		const struct sent *sent = input_open(m, &rq, "user", path, 1, &fault);
		const char *got = input_text(sent, rows[i].name);
		size_t n = 1;

		assert_non_null(sent);
		if (rows[i].said == NULL)
			assert_null(got);
		else
			assert_string_equal(got, rows[i].said);
		assert_null(input_file(sent, rows[i].name, &n));
		assert_int_equal(n, 0);
	}
}

static void
content_types(void **state)
{
	static const char media[] = "! 415 body must be JSON or a form";
	static const struct {
		const char *type, *body, *said;
	} rows[] = {
		{ JSON, "{\"a\":\"x\",\"b\":2,\"c\":3}", "{\"a\":\"x\",\"b\":2}" },
		{ "application/merge-patch+json", "{\"a\":\"x\"}", "{\"a\":\"x\"}" },
		{ FORM, "a=x&b=2&c=3", "{\"a\":\"x\",\"b\":2}" },
		{ FORM, "{\"a\":\"x\"}", A_LESS },
		{ JSON, "a=x", BROKEN },
		{ "", "{\"a\":\"x\"}", media },
		{ "text/plain", "{\"a\":\"x\"}", media },
		{ "text/json", "{\"a\":\"x\"}", media },
		{ "application/+json", "{\"a\":\"x\"}", media },
		{ "application/jsonx", "{\"a\":\"x\"}", media },
		{ "multipart/form-data", "a=x", "! body is not a valid multipart form" },
		{ "multipart/form-data", "", A_LESS },
		{ "multipart/mixed", "a=x", media },
		{ "text/plain", "", A_LESS }, /* no body: nothing to be of the wrong type */
		{ "", "", A_LESS },
		{ JSON, "", A_LESS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(
			read_body(pair, NULL, rows[i].type, rows[i].body), rows[i].said);
}

static void
envelopes(void **state)
{
	static const struct {
		const char *type, *body, *said;
	} rows[] = {
		{ JSON, "{\"user\":{\"a\":\"x\"},\"a\":\"y\"}", "{\"a\":\"x\"}" },
		{ JSON, "{\"a\":\"x\"}", "! user can't be blank" },
		{ JSON, "{}", "! user can't be blank" },
		{ JSON, "", "! user can't be blank" },
		{ JSON, "{\"user\":null}", "! user can't be blank" },
		{ JSON, "{\"User\":{\"a\":\"x\"}}", "! user can't be blank" },
		{ JSON, "{\"user\":[]}", "! user must be an object" },
		{ JSON, "{\"user\":\"x\"}", "! user must be an object" },
		{ JSON, "[]", "! body must be an object" },
		{ JSON, "{\"user\":{}}", A_LESS },
		{ FORM, "a=x", "{\"a\":\"x\"}" }, /* forms are flat */
		{ FORM, "", "! user can't be blank" },
		{ "multipart/form-data", "", "! user can't be blank" },
		{ "", "", "! user can't be blank" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(
			read_body(pair, "user", rows[i].type, rows[i].body), rows[i].said);
}

static void
N4_path_before_query_or_body_and_first_wins(void **state)
{
	static const struct http_pair path[] = { { "a", "path", 1, 4, NULL, NULL },
		{ "a", "second", 1, 6, NULL, NULL } };
	static const struct {
		enum method method;
		size_t path_count;
		const char *type, *said;
	} rows[] = {
		{ GET, 1, FORM, "{\"a\":\"path\",\"b\":1}" },
		{ HEAD, 2, FORM, "{\"a\":\"path\",\"b\":1}" },
		{ DELETE, 0, FORM, "{\"a\":\"body\",\"b\":3}" },
		{ DELETE, 1, FORM, "{\"a\":\"path\",\"b\":3}" },
		{ GET, 0, JSON, "{\"a\":\"query\",\"b\":1}" },
		{ POST, 1, FORM, "{\"a\":\"path\",\"b\":3}" },
		{ PUT, 0, FORM, "{\"a\":\"body\",\"b\":3}" },
		{ PATCH, 0, FORM, "{\"a\":\"body\",\"b\":3}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct http_request rq = { .method = rows[i].method,
			.query = "a=query&b=1&b=2&a=again",
			.type = rows[i].type,
			.body = "a=body&b=3&b=4&a=again",
			.length = 22 };

		assert_string_equal(
			read_request(pair, NULL, &rq, path, rows[i].path_count), rows[i].said);
	}
}

/* DELETE has a body or a query; a password is taken from a body alone. */
static void
N4_delete_and_passwords(void **state)
{
	static const struct field fields[] = { { "a", LINE, .max = 9 }, { "p", PASSWORD, .max = 9 },
		{ 0 } };
	static const struct {
		enum method method;
		const char *envelope, *type, *body, *said;
	} rows[] = {
		{ GET, NULL, "", "", "{\"a\":\"query\"}" },
		{ HEAD, NULL, FORM, "p=body", "{\"a\":\"query\"}" },
		{ DELETE, NULL, "", "", "{\"a\":\"query\"}" },
		{ DELETE, "user", JSON, "", "{\"a\":\"query\"}" },
		{ DELETE, NULL, FORM, "p=body", "{\"p\":\"body\"}" },
		{ DELETE, "user", FORM, "a=x&p=body", "{\"a\":\"x\",\"p\":\"body\"}" },
		{ DELETE, NULL, JSON, "{\"p\":\"body\"}", "{\"p\":\"body\"}" },
		{ DELETE, "user", JSON, "{\"user\":{\"p\":\"body\"}}", "{\"p\":\"body\"}" },
		{ DELETE, "user", JSON, "{\"p\":\"body\"}", "! user can't be blank" },
		{ DELETE, NULL, JSON, "{", "! body is not valid JSON" },
		{ DELETE, NULL, "text/plain", "x", "! 415 body must be JSON or a form" },
		{ POST, NULL, FORM, "p=body", "{\"p\":\"body\"}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct http_request rq = { .method = rows[i].method,
			.query = "a=query&p=query",
			.type = rows[i].type,
			.body = rows[i].body,
			.length = strlen(rows[i].body) };

		assert_string_equal(
			read_request(fields, rows[i].envelope, &rq, NULL, 0), rows[i].said);
	}
}

static void
N3_limit_and_offset(void **state)
{
	static const struct field page[] = {
		{ "limit", INT, .min = 1, .max = 100, .clamp = true },
		{ "offset", INT, .min = 0, .max = 1000000, .clamp = true },
		{ "id", INT, .min = 1, .max = 0 },
		{ 0 },
	};
	static const char whole[] = "! limit must be a whole number";
	static const struct {
		const char *query, *said;
	} rows[] = {
		{ "", "{}" },
		{ "limit=20&offset=40", "{\"limit\":20,\"offset\":40}" },
		{ "limit=-1&offset=-1", "{\"limit\":1,\"offset\":0}" },
		{ "limit=0&offset=0", "{\"limit\":1,\"offset\":0}" },
		{ "limit=101&offset=1000001", "{\"limit\":100,\"offset\":1000000}" },
		{ "limit=2147483648", "{\"limit\":100}" },
		{ "limit=9223372036854775807", "{\"limit\":100}" },
		{ "limit=1000000000", "{\"limit\":100}" },
		{ "limit=9223372036854775808", whole },
		{ "limit=18446744073709551616", whole },
		{ "limit=1e9", whole },
		{ "limit=0x10", whole },
		{ "limit=+1", whole },
		{ "limit=%201", whole },
		{ "limit=1abc", whole },
		{ "limit=", whole },
		{ "limit", whole },
		{ "limit=5&limit=x", "{\"limit\":5}" },
		{ "limit=x&limit=5", whole },
		{ "limit[]=5", "{}" },
		{ "id=1", "{\"id\":1}" },
		{ "id=9223372036854775807", "{\"id\":9223372036854775807}" },
		{ "id=0", "! id must be at least 1" },
		{ "id=-1", "! id must be at least 1" },
		{ "id=9223372036854775808", "! id must be a whole number" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct http_request rq = { .method = GET, .query = rows[i].query };

		assert_string_equal(read_request(page, NULL, &rq, NULL, 0), rows[i].said);
	}
}

static void
all_errors_at_once(void **state)
{
	static const struct field fields[] = {
		{ "username", NAME, .max = 30, .need = true },
		{ "email", EMAIL, .need = true },
		{ "password", PASSWORD, .min = 8, .max = 72, .need = true },
		{ "bio", TEXT, .max = 3, .null = true },
		{ 0 },
	};

	(void)state;
	assert_string_equal(read_body(fields, NULL, JSON,
				    "{\"username\":\"a b\",\"email\":1,\"bio\":\"1234\"}"),
		"! username may hold letters a to z, digits, _ - . (first a letter or digit);"
		" email can't be blank; password can't be blank;"
		" bio is too long (maximum is 3 characters)");
	assert_string_equal(read_body(fields, NULL, FORM, "email=x&password=1"),
		"! username can't be blank; email is not a mail address;"
		" password is too short (minimum is 8 characters)");
}

static const struct field point[] = {
	{ "x", INT, .need = true },
	{ "y", INT, .min = 0, .max = 9 },
	{ 0 },
};
static const struct field shape[] = {
	{ "at", OBJECT, .fields = point, .need = true },
	{ "path", LIST, .fields = point, .max = 3 },
	{ "all", LIST, .fields = point },
	{ "inner", OBJECT,
		.fields = (const struct field[]){ { "at", OBJECT, .fields = point }, { 0 } },
		.null = true },
	{ 0 },
};

static void
nested(void **state)
{
	static const struct {
		const char *type, *body, *said;
	} rows[] = {
		{ JSON, "{\"at\":{\"x\":1,\"y\":2,\"z\":3},\"path\":[{\"x\":4},{\"x\":5,\"y\":6}]}",
			"{\"at\":{\"x\":1,\"y\":2},\"path\":[{\"x\":4},{\"x\":5,\"y\":6}]}" },
		{ JSON, "{\"at\":{\"x\":1},\"path\":[],\"inner\":null}",
			"{\"at\":{\"x\":1},\"path\":[],\"inner\":null}" },
		{ JSON, "{\"at\":{\"x\":1},\"all\":[{\"x\":4},{\"x\":3},{\"x\":2},{\"x\":1}]}",
			"{\"at\":{\"x\":1},\"all\":[{\"x\":4},{\"x\":3},{\"x\":2},{\"x\":1}]}" },
		{ JSON, "{}", "! at can't be blank" },
		{ JSON, "{\"at\":null}", "! at must be an object" },
		{ JSON, "{\"at\":[]}", "! at must be an object" },
		{ JSON, "{\"at\":\"x\"}", "! at must be an object" },
		{ JSON, "{\"at\":{\"x\":1},\"inner\":{\"at\":{\"y\":10}}}",
			"! inner.at.x can't be blank; inner.at.y must be at most 9" },
		{ JSON, "{\"at\":{\"x\":1},\"path\":{}}", "! path must be a list" },
		{ JSON, "{\"at\":{\"x\":1},\"path\":null}", "! path must be a list" },
		{ JSON, "{\"at\":{\"x\":1},\"path\":[1,{\"x\":1},{\"x\":\"1\",\"y\":-1}]}",
			"! path.0 must be an object; path.2.x must be a whole number;"
			" path.2.y must be at least 0" },
		{ JSON, "{\"at\":{\"x\":1},\"path\":[{},{},{},{}]}",
			"! path has too many entries (maximum is 3)" },
		{ FORM, "at=1&path=2", "! at must be an object; path must be a list" },
		{ FORM, "at.x=1", "! at can't be blank" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(
			read_body(shape, NULL, rows[i].type, rows[i].body), rows[i].said);
}

static void
too_many_pairs(void **state)
{
	const char *said = read_body(shape, NULL, FORM, times(1000, "a&"));

	(void)state;
	assert_string_equal(said, "! body has too many entries (maximum is 1000)");
	assert_string_equal(
		read_request(pair, NULL,
			&(struct http_request){ .method = GET, .query = times(1000, "a&") }, NULL,
			0),
		"! query has too many entries (maximum is 1000)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_declared_nothing_read),
		cmocka_unit_test(nothing_opened_nothing_sent),
		cmocka_unit_test(members_as_they_came),
		cmocka_unit_test(content_types),
		cmocka_unit_test(envelopes),
		cmocka_unit_test(N4_path_before_query_or_body_and_first_wins),
		cmocka_unit_test(N4_delete_and_passwords),
		cmocka_unit_test(N3_limit_and_offset),
		cmocka_unit_test(all_errors_at_once),
		cmocka_unit_test(nested),
		cmocka_unit_test(too_many_pairs),
	};

	return cmocka_run_group_tests(tests, up, down);
}
