/* SPDX-License-Identifier: ISC */
/* http: a request out of CGI variables, pairs, credentials, and an answer as CGI output. */
#include "http.h"

#include "fail_help.h"
#include "http_help.h"

static void
nothing_is_known(void **state)
{
	struct http_request rq = request((const char *[]){ NULL });

	(void)state;
	assert_int_equal(rq.method, UNKNOWN);
	assert_string_equal(rq.method_name, "");
	assert_string_equal(rq.path, "/");
	assert_string_equal(rq.query, "");
	assert_string_equal(rq.type, "");
	assert_null(rq.authorization);
	assert_string_equal(rq.address, "");
	assert_string_equal(rq.agent, "");
	assert_int_equal(strlen(rq.id), 32);
	assert_false(rq.https);
	assert_int_equal(rq.declared, 0);
	assert_string_equal(rq.body, "");
	assert_int_equal(rq.wrong, ERR_NONE);
}

static void
all_is_known(void **state)
{
	struct http_request rq = request((const char *[]){ "REQUEST_METHOD", "PUT", "DOCUMENT_URI",
		"/api/user", "QUERY_STRING", "a=%20", "CONTENT_TYPE",
		"Application/JSON; charset=utf-8", "CONTENT_LENGTH", "12", "HTTP_AUTHORIZATION",
		"Token x", "REMOTE_ADDR", "::1", "HTTP_USER_AGENT", "curl", "REQUEST_ID",
		"0123456789abcdef", "HTTPS", "on", NULL });

	(void)state;
	assert_int_equal(rq.method, PUT);
	assert_string_equal(rq.path, "/api/user");
	assert_string_equal(rq.query, "a=%20");
	assert_string_equal(rq.type, "application/json");
	assert_string_equal(rq.authorization, "Token x");
	assert_string_equal(rq.address, "::1");
	assert_string_equal(rq.agent, "curl");
	assert_string_equal(rq.id, "0123456789abcdef");
	assert_true(rq.https);
	assert_int_equal(rq.declared, 12);
	assert_int_equal(rq.wrong, ERR_NONE);
}

static void
N9_methods_are_exact(void **state)
{
	static const struct {
		const char *name;
		enum method method;
	} rows[] = { { "GET", GET }, { "HEAD", HEAD }, { "POST", POST }, { "PUT", PUT },
		{ "PATCH", PATCH }, { "DELETE", DELETE }, { "OPTIONS", OPTIONS },
		{ "get", UNKNOWN }, { "GETS", UNKNOWN }, { "GE", UNKNOWN }, { "TRACE", UNKNOWN },
		{ " GET", UNKNOWN } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct http_request rq =
			request((const char *[]){ "REQUEST_METHOD", rows[i].name, NULL });

		assert_int_equal(rq.method, rows[i].method);
		assert_int_equal(http_safe(rq.method), i == 0 || i == 1 || i == 6);
	}
}

/* nginx gives DOCUMENT_URI; a rule of an .htaccess REDIRECT_URL, which is decoded too; plain CGI
 * gives SCRIPT_NAME and PATH_INFO. */
static void
path(void **state)
{
	static const struct {
		const char *uri, *script, *info, *path, *redirect;
	} rows[] = {
		{ "/api/user", "/user.fcgi", "/x", "/api/user", NULL },
		{ "/a b/%41", NULL, NULL, "/a b/%41", NULL }, /* decoded already, never again */
		{ "", NULL, "/login", "/login", NULL },
		{ "api", NULL, NULL, "/", NULL },
		{ NULL, NULL, NULL, "/", NULL },
		{ NULL, NULL, "/login", "/login", NULL },
		{ NULL, NULL, "login", "/", NULL },
		{ NULL, "/cgi-bin/user.fcgi", NULL, "/api/user.fcgi", NULL },
		{ NULL, "/cgi-bin/user.fcgi", "", "/api/user.fcgi", NULL },
		{ NULL, "/cgi-bin/user.fcgi", "/image", "/api/user.fcgi/image", NULL },
		{ NULL, "/user.fcgi", "/", "/api/user.fcgi/", NULL },
		{ NULL, "/cgi-bin/user.fcgi", "/api/user", "/api/user", NULL },
		{ NULL, "/cgi-bin/user.fcgi", "/api", "/api/user.fcgi/api", NULL },
		{ NULL, "/cgi-bin/user.fcgi", "/apis/x", "/api/user.fcgi/apis/x", NULL },
		{ NULL, "user.fcgi", "/login", "/login", NULL },
		{ NULL, "/cgi-bin/user.fcgi", NULL, "/settings", "/settings" },
		{ NULL, "/cgi-bin/user.fcgi", "/x", "/a b/%41", "/a b/%41" },
		{ NULL, "/cgi-bin/user.fcgi", NULL, "/api/user.fcgi", "http://a/settings" },
		{ "/login", "/cgi-bin/user.fcgi", NULL, "/login", "/settings" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *names[] = { "DOCUMENT_URI", "SCRIPT_NAME", "PATH_INFO",
			"REDIRECT_URL" };
		const char *values[] = { rows[i].uri, rows[i].script, rows[i].info,
			rows[i].redirect };
		const char *variables[9] = { NULL };

		for (size_t n = 0, to = 0; n < 4; n++)
			if (values[n] != NULL) {
				variables[to++] = names[n];
				variables[to++] = values[n];
			}
		assert_string_equal(request(variables).path, rows[i].path);
	}
}

static void
variables(void **state)
{
	static const struct {
		const char *length;
		size_t declared;
		enum err wrong;
	} lengths[] = { { "", 0, ERR_NONE }, { "0", 0, ERR_NONE },
		{ "9223372036854775807", INT64_MAX, ERR_NONE },
		{ "9223372036854775808", 0, ERR_BAD_REQUEST }, { "-1", 0, ERR_BAD_REQUEST },
		{ "+1", 0, ERR_BAD_REQUEST }, { " 1", 0, ERR_BAD_REQUEST },
		{ "1 ", 0, ERR_BAD_REQUEST }, { "0x1", 0, ERR_BAD_REQUEST },
		{ "1, 1", 0, ERR_BAD_REQUEST }, { "x", 0, ERR_BAD_REQUEST } };
	static const char *const types[][2] = { { "", "" }, { "Text/Plain", "text/plain" },
		{ "a/b;c", "a/b" }, { "a/b ; c", "a/b" }, { "a/b\t", "a/b" }, { " a/b", "" },
		{ "a/b,c/d", "a/b,c/d" } };
	static const char *const ids[] = { "", "1234567", "0123456g", "01234567 ",
		"../../../etc/passwd", "0123456\n8",
		"00000000000000000000000000000000000000000000000000000000000000000" };
	static const char *const good = "ABCDEF-abcdef-0123456789";
	static const char *const off[] = { "", "off", "1", "yes" };

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct http_request rq =
			request((const char *[]){ "CONTENT_LENGTH", lengths[i].length, NULL });

		assert_int_equal(rq.wrong, lengths[i].wrong);
		assert_int_equal(rq.declared, lengths[i].declared);
	}
	for (size_t i = 0; i < COUNT(types); i++)
		assert_string_equal(
			request((const char *[]){ "CONTENT_TYPE", types[i][0], NULL }).type,
			types[i][1]);
	for (size_t i = 0; i < COUNT(ids); i++) {
		struct http_request rq = request((const char *[]){ "REQUEST_ID", ids[i], NULL });

		assert_int_equal(strspn(rq.id, "0123456789abcdef"), 32);
		assert_string_not_equal(rq.id, ids[i]);
	}
	assert_string_equal(request((const char *[]){ "REQUEST_ID", good, NULL }).id, good);
	for (size_t i = 0; i < COUNT(off); i++)
		assert_false(request((const char *[]){ "HTTPS", off[i], NULL }).https);
	assert_int_equal(request((const char *[]){ NULL }).preflight, 0);
	assert_int_equal(
		request((const char *[]){ "HTTP_ACCESS_CONTROL_REQUEST_METHOD", "PUT", NULL })
			.preflight,
		PUT);
	assert_int_equal(
		request((const char *[]){ "HTTP_ACCESS_CONTROL_REQUEST_METHOD", "put", NULL })
			.preflight,
		UNKNOWN);
}

static void
make_an_id(const void *unused)
{
	(void)unused;
	fail_call(SYS_getrandom, ENOSYS);
	fputs(request((const char *[]){ NULL }).id, stderr);
}

static void
F12_no_id_without_randomness(void **state)
{
	char said[100];

	(void)state;
	assert_int_equal(in_child(make_an_id, NULL, said, sizeof said), 0);
	assert_string_equal(said, "none");
}

static void
pairs(void **state)
{
	static const struct {
		const char *text, *pairs; /* "[name|value]" each; NULL = ERR_ENCODING */
	} rows[] = {
		{ "", "" },
		{ "&", "" },
		{ "&&a=1&&", "[a|1]" },
		{ "a", "[a|]" },
		{ "a=", "[a|]" },
		{ "=", "[|]" },
		{ "=b", "[|b]" },
		{ "a=b=c", "[a|b=c]" },
		{ "a=1&b=2&a=3", "[a|1][b|2][a|3]" },
		{ "a+b=c+d", "[a b|c d]" },
		{ "a%26b=%3D%2526", "[a&b|=%26]" },
		{ "a;b=1", "[a;b|1]" },
		{ "%", NULL },
		{ "a=%4", NULL },
		{ "a=1&b=%zz", NULL },
		{ "%zz=1", NULL },
		{ "a%=41", NULL }, /* an escape does not reach over a separator */
		{ "a=%4&1", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct http_pair *p;
		size_t count;
		const char *found = "";

		if (rows[i].pairs == NULL) {
			assert_int_equal(
				http_pairs(m, rows[i].text, strlen(rows[i].text), &p, &count),
				ERR_ENCODING);
			continue;
		}
		assert_int_equal(http_pairs(m, rows[i].text, strlen(rows[i].text), &p, &count), 0);
		for (size_t n = 0; n < count; n++) {
			found = mem_print(m, "%s[%s|%s]", found, p[n].name, p[n].value);
			assert_int_equal(p[n].name_length, strlen(p[n].name));
			assert_int_equal(p[n].value_length, strlen(p[n].value));
		}
		assert_string_equal(found, rows[i].pairs);
	}
}

static void
pairs_are_bounded_and_may_hold_anything(void **state)
{
	const struct http_pair *p;
	char text[2 * HTTP_PAIRS + 1];
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = "a&"[i % 2];
	assert_int_equal(http_pairs(m, text, 2 * HTTP_PAIRS - 1, &p, &count), ERR_NONE);
	assert_int_equal(count, HTTP_PAIRS);
	assert_int_equal(http_pairs(m, text, 2 * HTTP_PAIRS, &p, &count), ERR_MANY);
	assert_int_equal(http_pairs(m, "a%00b=\0%ff", 10, &p, &count), ERR_NONE);
	assert_int_equal(p[0].name_length, 3);
	assert_int_equal(p[0].value_length, 2);
	assert_memory_equal(p[0].name, "a\0b", 4);
	assert_memory_equal(p[0].value, "\0\xff", 3);
	assert_int_equal(http_pairs(m, "a=bcd", 3, &p, &count), ERR_NONE);
	assert_string_equal(p[0].value, "b");
}

static void
J14_authorization(void **state)
{
	static const struct {
		const char *header;
		enum http_credential found;
		const char *value;
	} rows[] = {
		{ NULL, HTTP_NO_CREDENTIAL, NULL },
		{ "Bearer x.y.z", HTTP_BEARER, "x.y.z" },
		{ "bearer x", HTTP_BEARER, "x" },
		{ "BEARER x", HTTP_BEARER, "x" },
		{ "Token x", HTTP_BEARER, "x" },
		{ "tOKEN x", HTTP_BEARER, "x" },
		{ "Basic YTpi=", HTTP_BASIC, "YTpi=" },
		{ "basic x", HTTP_BASIC, "x" },
		{ "", HTTP_MALFORMED, NULL },
		{ " ", HTTP_MALFORMED, NULL },
		{ "Bearer", HTTP_MALFORMED, NULL },
		{ "Bearer ", HTTP_MALFORMED, NULL },
		{ "Bearer  x", HTTP_MALFORMED, NULL },
		{ " Bearer x", HTTP_MALFORMED, NULL },
		{ "Bearer x ", HTTP_MALFORMED, NULL },
		{ "Bearer\tx", HTTP_MALFORMED, NULL },
		{ "Bearer x\t", HTTP_MALFORMED, NULL },
		{ "Bearer x y", HTTP_MALFORMED, NULL },
		{ "Bearer x,y", HTTP_MALFORMED, NULL },
		{ "Bearer x, Bearer y", HTTP_MALFORMED, NULL },
		{ "Bearer, x", HTTP_MALFORMED, NULL },
		{ "Bearerx y", HTTP_MALFORMED, NULL },
		{ "Beare x", HTTP_MALFORMED, NULL },
		{ "Token=x", HTTP_MALFORMED, NULL },
		{ "x.y.z", HTTP_MALFORMED, NULL },
		{ "Digest x", HTTP_MALFORMED, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *value = NULL;

		if (http_authorization(rows[i].header, &value) != rows[i].found)
			fail_msg("%s", rows[i].header);
		if (rows[i].value != NULL)
			assert_string_equal(value, rows[i].value);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_known),
		cmocka_unit_test(all_is_known),
		cmocka_unit_test(N9_methods_are_exact),
		cmocka_unit_test(path),
		cmocka_unit_test(variables),
		cmocka_unit_test(F12_no_id_without_randomness),
		cmocka_unit_test(pairs),
		cmocka_unit_test(pairs_are_bounded_and_may_hold_anything),
		cmocka_unit_test(J14_authorization),
	};

	return cmocka_run_group_tests(tests, up, down);
}
