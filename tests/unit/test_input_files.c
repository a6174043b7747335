/* SPDX-License-Identifier: ISC */
/* input: uploaded files, their sizes and names, and multipart forms as a whole. */
#include "input_help.h"

static const struct field fields[] = {
	{ "title", LINE, .max = 9 },
	{ "image", UPLOAD, .min = 2, .max = 4, .need = true },
	{ "more", UPLOAD },
	{ "public", BOOL },
	{ 0 },
};

#define IMAGE(value) PART("name=image; filename=f", value)
#define FILE_F(size)                                                                               \
	"\"image\":{\"name\":\"f\",\"type\":\"application/octet-stream\",\"size\":" size "}"

static void
files(void **state)
{
	static const char blank[] = "! image can't be blank";
	static const struct {
		const char *body, *said;
	} rows[] = {
		{ IMAGE("xy"), "{" FILE_F("2") "}" },
		{ PART("name=title", "t") IMAGE("\r\n\r\n") PART("name=public", "on"),
			"{\"title\":\"t\"," FILE_F("4") ",\"public\":true}" },
		{ IMAGE("xy") PART("name=more; filename=g", ""),
			"{" FILE_F("2") ",\"more\":{\"name\":\"g\","
					"\"type\":\"application/octet-stream\",\"size\":0}}" },
		/* an input where no file was chosen is absent */
		{ IMAGE("xy") PART("name=more; filename=\"\"", ""), "{" FILE_F("2") "}" },
		{ PART("name=image; filename=\"\"", ""), blank },
		{ PART("name=image; filename=\"\"", "") IMAGE("xyz"), "{" FILE_F("3") "}" },
		{ PART("name=image; filename=\"\"", "xy"),
			"{\"image\":{\"name\":\"file\",\"type\":\"application/octet-stream\","
			"\"size\":2}}" },
		{ "", blank },
		{ PART("name=Image; filename=f", "xy"), blank },
		/* the first counts */
		{ IMAGE("xy") IMAGE("xyz"), "{" FILE_F("2") "}" },
		/* sizes */
		{ IMAGE(""), blank },
		{ IMAGE("x"), "! image is too small (minimum is 2 bytes)" },
		{ IMAGE("\xc3\xa4\xc3\xa4"), "{" FILE_F("4") "}" },
		{ IMAGE("12345"), "! image is too large (maximum is 4 bytes)" },
		{ PART("name=title", "1234567890") IMAGE("12345"),
			"! title is too long (maximum is 9 characters);"
			" image is too large (maximum is 4 bytes)" },
		/* a text is no file, a file no text */
		{ PART("name=image", "xy"), "! image must be a file" },
		{ PART("name=image", "\xff"), "! image must be UTF-8 without NUL" },
		{ PART("name=image", " "), blank },
		{ PART("name=image", "text") IMAGE("xy"), "{" FILE_F("2") "}" },
		{ PART("name=title; filename=f", "t") IMAGE("xy"), "{" FILE_F("2") "}" },
		{ PART("name=title; filename=f", "t") PART("name=title", "u") IMAGE("xy"),
			"{\"title\":\"u\"," FILE_F("2") "}" },
		/* texts are texts as in any form */
		{ PART("name=title", "\xff") IMAGE("xy"), "! title must be UTF-8 without NUL" },
		{ PART("name=title", "a%20+b") IMAGE("xy"),
			"{\"title\":\"a%20+b\"," FILE_F("2") "}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *got = read_multipart(fields, rows[i].body);

		if (strcmp(got, rows[i].said) != 0)
			fail_msg("%zu: %s instead of %s", i, got, rows[i].said);
	}
}

static void
files_where_there_are_none(void **state)
{
	static const struct field one[] = { { "image", UPLOAD, .need = true }, { 0 } };
	static const struct field or_null[] = { { "image", UPLOAD, .null = true }, { 0 } };
	static const char no_file[] = "! image must be a file";
	static const struct {
		const struct field *fields;
		const char *type, *body, *said;
	} rows[] = {
		{ one, FORM, "image=f.png", no_file }, /* a form without its enctype */
		{ one, FORM, "image=", "! image can't be blank" },
		{ one, JSON, "{\"image\":\"f.png\"}", no_file },
		{ one, JSON, "{\"image\":null}", no_file },
		{ one, JSON, "{\"image\":{\"name\":\"f\",\"type\":\"a/b\",\"size\":2}}", no_file },
		{ one, JSON, "{}", "! image can't be blank" },
		{ or_null, JSON, "{\"image\":null}", "{\"image\":null}" },
		{ or_null, JSON, "{\"image\":1}", no_file },
		{ or_null, FORM, "image=", "{}" },
		{ or_null, FORM, "", "{}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(
			read_body(rows[i].fields, NULL, rows[i].type, rows[i].body), rows[i].said);
}

/* What a client calls its file becomes a name that can be shown and kept. */
static void
names_of_files(void **state)
{
	static const struct field one[] = { { "f", UPLOAD }, { 0 } };
	static const struct {
		const char *filename, *name;
	} rows[] = {
		{ "a.png", "a.png" },
		{ "C:\\dir\\a b.png", "a b.png" },
		{ "/etc/passwd", "passwd" },
		{ "../../a", "a" },
		{ "..\\..\\a", "a" },
		{ "a\\b/c\\d", "d" },
		{ "a/", "file" },
		{ "/", "file" },
		{ ".", "file" },
		{ "..", "file" },
		{ "x/..", "file" },
		{ "...", "..." },
		{ ".htaccess", ".htaccess" },
		{ " ", "file" },
		{ "a\tb\x01\x7f\xc2\x85\x63\r", "abc" },
		{ "\x01", "file" },
		{ "\x01..", "file" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "\xff\x61\xc3\x28\xed\xa0\x80\x62\xf0\x9f\x98", "a(b" },
		{ "<b>&%41", "<b>&%41" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct http_request rq = posted(mem_print(m,
			"--b\r\nContent-Disposition: form-data; name=f; filename=\"%s\"\r\n"
			"Content-Type: a/B\r\n\r\nx\r\n",
			rows[i].filename));
		struct fault fault = { 0 };
		const struct sent *sent = input_open(m, &rq, NULL, NULL, 0, &fault);
		json_t *in = input_read(m, one, sent, &fault), *file = json_object_get(in, "f");

		assert_int_equal(fault.count, 0);
		assert_string_equal(json_string_value(json_object_get(file, "name")), rows[i].name);
		assert_string_equal(json_string_value(json_object_get(file, "type")), "a/b");
	}
	/* 255 bytes, and no half a character */
	assert_non_null(
		strstr(read_multipart(one,
			       mem_print(m, PART("name=f; filename=%0254d\xc3\xa4.png", "x"), 0)),
			mem_print(m, "\"%0254d\"", 0)));
	assert_non_null(
		strstr(read_multipart(one,
			       mem_print(m, PART("name=f; filename=%0253d\xc3\xa4.png", "x"), 0)),
			mem_print(m, "\"%0253d\xc3\xa4\"", 0)));
}

static void
members_as_they_came(void **state)
{
	struct http_request rq = posted(PART("name=title", " t") PART(
		"name=image; filename=\"\"", "") IMAGE("x\r\n") PART("name=more; filename=g", "")
			PART("name=public", "\xff") PART("name=nul; filename=\"\"", ""));
	struct fault fault = { 0 };
	const struct sent *sent = input_open(m, &rq, "user", NULL, 0, &fault);
	const char *bytes;
	size_t n;

	(void)state;
	assert_non_null(sent);
	assert_string_equal(input_text(sent, "title"), " t");
	assert_null(input_text(sent, "image"));
	assert_null(input_text(sent, "public"));
	bytes = input_file(sent, "image", &n);
	assert_int_equal(n, 3);
	assert_memory_equal(bytes, "x\r\n", 3);
	assert_true(bytes > rq.body && bytes < rq.body + rq.length);
	assert_non_null(input_file(sent, "more", &n));
	assert_int_equal(n, 0);
	n = 1;
	assert_null(input_file(sent, "title", &n));
	assert_int_equal(n, 0);
	assert_null(input_file(sent, "nul", &n));
	assert_null(input_file(sent, "no", &n));
}

static void
broken_multipart(void **state)
{
	static const char broken[] = "! body is not a valid multipart form";
	struct http_request rq = posted(IMAGE("xy"));
	struct fault fault = { 0 };

	(void)state;
	rq.length -= strlen("--\r\n");
	assert_string_equal(read_request(fields, NULL, &rq, NULL, 0), broken);
	assert_null(input_open(m, &rq, NULL, NULL, 0, &fault));
	assert_int_equal(fault.count, 1);
	rq = posted(IMAGE("xy"));
	rq.boundary = NULL;
	assert_string_equal(read_request(fields, NULL, &rq, NULL, 0), broken);
	rq.boundary = "c";
	assert_string_equal(read_request(fields, NULL, &rq, NULL, 0), broken);
	rq = posted(times(HTTP_PAIRS + 1, IMAGE("xy")));
	assert_string_equal(read_request(fields, NULL, &rq, NULL, 0),
		"! body has too many entries (maximum is 1000)");
	rq = posted(mem_print(m, PART("name=title", "%s"), times(600 * 1024, "x")));
	assert_string_equal(read_request(fields, NULL, &rq, NULL, 0), "! 413 body is too large");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files),
		cmocka_unit_test(files_where_there_are_none),
		cmocka_unit_test(names_of_files),
		cmocka_unit_test(members_as_they_came),
		cmocka_unit_test(broken_multipart),
	};

	return cmocka_run_group_tests(tests, up, down);
}
