/* SPDX-License-Identifier: ISC */
/* cors: which headers an answer has for whose page, and what nginx is told of them. */
#include "cors.h"

#include "arena.h"

/* The settings of most tests. */
static struct conf
settings(const char *origins)
{
	return (struct conf){ .cors_origins = origins,
		.cors_methods = GET | HEAD | POST | PUT,
		.cors_headers = "Authorization Content-Type",
		.cors_exposed = "X-Request-ID Retry-After",
		.cors_max_age = 600 };
}

/* The headers of an answer as "Name: value|…", without the beginning Access-Control-. */
static const char *
answered(const struct conf *conf, struct req *rq)
{
	struct http_response rs = { .status = 200 };
	const char *all = "";

	rq->mem = m;
	rq->cors = cors_new(m, conf);
	cors_answer(rq, &rs);
	for (size_t i = 0; i < rs.headers; i++) {
		const char *name = rs.header[i].name;

		name += strncmp(name, "Access-Control-", 15) == 0 ? 15 : 0;
		all = mem_print(m, "%s%s: %s|", all, name, rs.header[i].value);
	}
	return all;
}

static struct req
asks(enum method method, const char *origin)
{
	return (struct req){
		.http = { .method = method, .origin = origin, .preflight_headers = "" },
		.match = { .api = true, .allow = GET | HEAD | POST | DELETE | OPTIONS }
	};
}

#define EXPOSED "Expose-Headers: X-Request-ID, Retry-After|"

static void
whose_page(void **state)
{
	static const struct {
		const char *origins, *origin, *headers;
	} rows[] = {
		{ "", "https://a.example", "" },
		{ "https://a.example", "https://a.example",
			"Vary: Origin|Allow-Origin: https://a.example|" EXPOSED },
		{ "https://b.example https://a.example", "https://a.example",
			"Vary: Origin|Allow-Origin: https://a.example|" EXPOSED },
		{ "https://a.example", "HTTPS://A.Example",
			"Vary: Origin|Allow-Origin: HTTPS://A.Example|" EXPOSED },
		{ "https://a.example", NULL, "Vary: Origin|" },
		{ "https://a.example", "", "Vary: Origin|" },
		{ "https://a.example", "null", "Vary: Origin|" },
		{ "https://a.example", "http://a.example", "Vary: Origin|" },
		{ "https://a.example", "https://a.example:8443", "Vary: Origin|" },
		{ "https://a.example", "https://a.example.evil", "Vary: Origin|" },
		{ "https://a.example", "https://a.exampl", "Vary: Origin|" },
		{ "https://a.example https://b.example", "https://a.example https://b.example",
			"Vary: Origin|" },
		{ "*", "https://a.example", "Vary: Origin|Allow-Origin: *|" EXPOSED },
		{ "*", NULL, "Vary: Origin|Allow-Origin: *|" EXPOSED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf conf = settings(rows[i].origins);
		struct req rq = asks(GET, rows[i].origin);
		const char *got = answered(&conf, &rq);

		if (strcmp(got, rows[i].headers) != 0)
			fail_msg("row %zu: %s", i, got);
		rq.match.api = false;
		assert_string_equal(answered(&conf, &rq), "");
	}
}

static void
credentials(void **state)
{
	struct conf conf = settings("https://a.example");
	struct req known = asks(GET, "https://a.example"), unknown = asks(GET, "https://b.example");

	(void)state;
	conf.cors_credentials = 1;
	conf.cors_exposed = "";
	assert_string_equal(answered(&conf, &known),
		"Vary: Origin|Allow-Origin: https://a.example|Allow-Credentials: true|");
	assert_string_equal(answered(&conf, &unknown), "Vary: Origin|");
}

#define YES "Vary: Origin|Allow-Origin: https://a.example|"

static void
preflights(void **state)
{
	static const struct {
		enum method wanted;
		const char *headers, *said;
	} rows[] = {
		{ GET, "", YES "Allow-Methods: GET, HEAD, POST|Max-Age: 600|" },
		{ POST, "authorization,content-type",
			YES "Allow-Methods: GET, HEAD, POST|"
			    "Allow-Headers: Authorization, Content-Type|Max-Age: 600|" },
		{ POST, " x-evil ,AUTHORIZATION, ",
			YES
			"Allow-Methods: GET, HEAD, POST|Allow-Headers: Authorization|Max-Age: 600|" },
		{ POST, "x-evil", YES "Allow-Methods: GET, HEAD, POST|Max-Age: 600|" },
		{ PUT, "authorization", YES },    /* not of this path */
		{ DELETE, "authorization", YES }, /* not of these settings */
		{ UNKNOWN, "", YES },
	};
	struct conf conf = settings("https://a.example");
	struct req rq;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *got;

		rq = asks(OPTIONS, "https://a.example");
		rq.http.preflight = rows[i].wanted;
		rq.http.preflight_headers = rows[i].headers;
		if (strcmp(got = answered(&conf, &rq), rows[i].said) != 0)
			fail_msg("row %zu: %s", i, got);
		rq.http.origin = "https://evil.example";
		assert_string_equal(answered(&conf, &rq), "Vary: Origin|");
	}
	conf.cors_max_age = 0;
	rq = asks(OPTIONS, "https://a.example");
	rq.http.preflight = GET;
	assert_string_equal(answered(&conf, &rq), YES "Allow-Methods: GET, HEAD, POST|");
	rq.http.preflight = 0; /* an OPTIONS like any other request */
	assert_string_equal(answered(&conf, &rq), YES EXPOSED);
}

static void
maps_of_nginx(void **state)
{
	struct conf conf = settings("https://a.example http://b:8080");
	const char *maps;

	(void)state;
	maps = cors_maps(m, cors_new(m, &conf));
	assert_non_null(strstr(maps, "\"~^/+api(?:[/?]|$)\" Origin;\n"));
	assert_non_null(strstr(maps,
		"\"~*^Origin (?:\\Qhttps://a.example\\E|\\Qhttp://b:8080\\E)$\" $http_origin;\n"));
	assert_non_null(strstr(maps, "credentials {\n\tdefault \"\";\n\t\"~.\" \"\";\n"));
	assert_non_null(strstr(maps, "\"~.\" \"X-Request-ID, Retry-After\";\n"));
	conf.cors_credentials = 1;
	assert_non_null(strstr(cors_maps(m, cors_new(m, &conf)), "\"~.\" true;\n"));
	conf.cors_origins = "*";
	assert_non_null(strstr(cors_maps(m, cors_new(m, &conf)), "\"~^Origin\" *;\n"));
	conf.cors_origins = "";
	maps = cors_maps(m, cors_new(m, &conf));
	for (maps = strstr(maps, "\n\t\"~"); maps != NULL; maps = strstr(maps + 1, "\n\t\"~"))
		assert_memory_equal(strchr(maps, ';') - 3, " \"\";", 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whose_page),
		cmocka_unit_test(credentials),
		cmocka_unit_test(preflights),
		cmocka_unit_test(maps_of_nginx),
	};

	return cmocka_run_group_tests(tests, up, down);
}
