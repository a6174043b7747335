/* SPDX-License-Identifier: ISC */
/* multipart: which parts a form has, and what their headers say. */
#include "multipart_help.h"

static void
as_browsers_write_them(void **state)
{
	static const char chrome[] = "----WebKitFormBoundary7MA4YWxkTrZu0gW",
			  firefox[] = "---------------------------9051914041544843365972754266";

	(void)state;
	assert_string_equal(
		read_text(chrome,
			"------WebKitFormBoundary7MA4YWxkTrZu0gW\r\n" FORM_DATA
			"\"csrf_token\"\r\n\r\n"
			"x-y_z\r\n"
			"------WebKitFormBoundary7MA4YWxkTrZu0gW\r\n" FORM_DATA
			"\"image\"; filename=\"me & you.PNG\"\r\nContent-Type: image/PNG\r\n\r\n"
			"\x89PNG\r\n\x1a\n--\r\n\r\n"
			"------WebKitFormBoundary7MA4YWxkTrZu0gW--\r\n"),
		"csrf_token=x-y_z|image=\x89PNG\r\n\x1a\n--\r\n (me & you.PNG, image/png)");
	assert_string_equal(
		read_text(firefox,
			"-----------------------------9051914041544843365972754266\r\n" FORM_DATA
			"\"bio\"\r\n\r\ntwo\r\nlines\r\n"
			"-----------------------------9051914041544843365972754266\r\n" FORM_DATA
			"\"image\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n"
			"\r\n-----------------------------9051914041544843365972754266--\r\n"),
		"bio=two\r\nlines|image= (, application/octet-stream)");
	/* an empty form, as FormData writes it */
	assert_string_equal(read_text(chrome, "------WebKitFormBoundary7MA4YWxkTrZu0gW--\r\n"), "");
}

/* RFC 2046 section 5.1.1: what stands before, behind and beside the delimiters. */
static void
delimiters(void **state)
{
	static const struct {
		const char *body, *said;
	} rows[] = {
		{ "--b\r\n" A "x" TAIL, "a=x" },
		{ "--b\r\n" A "x\r\n--b--", "a=x" },
		{ "--b\r\n" A "x\r\n--b-- \t", "a=x" },
		{ "--b\r\n" A "x\r\n--b--\r\nan epilogue\r\n--b\r\n" A "y" TAIL, "a=x" },
		{ "a preamble\r\n--b\r\n" A "x" TAIL, "a=x" },
		{ "\r\n--b\r\n" A "x" TAIL, "a=x" },
		{ "--b \t \r\n" A "x\r\n--b \r\n" A "y" TAIL, "a=x|a=y" },
		{ "--b\r\n" A TAIL, "a=" },
		{ "--b\r\n" A "\r\n" TAIL, "a=\r\n" },
		{ "--b\r\n" FORM_DATA "a\r\n" TAIL, "a=" }, /* the delimiter's line break is the
								 blank line */
		{ "--b\r\n" TAIL, "" },
		{ "--b\r\n\r\nx" TAIL, "" },
		{ "--b--", "" },
		{ "\r\n--b--\r\n", "" },
		/* inside data: not at the start of a line, or not the whole of it */
		{ "--b\r\n" A "x--b\r\n" TAIL, "a=x--b\r\n" },
		{ "--b\r\n" A "x\n--b\n" TAIL, "a=x\n--b\n" },
		{ "--b\r\n" A "x\r--b\r\n" TAIL, "a=x\r--b\r\n" },
		{ "--b\r\n" A "x\r\n--bb" TAIL, "a=x\r\n--bb" },
		{ "--b\r\n" A "x\r\n--b-" TAIL, "a=x\r\n--b-" },
		{ "--b\r\n" A "x\r\n--b--y" TAIL, "a=x\r\n--b--y" },
		{ "--b\r\n" A "x\r\n--b y" TAIL, "a=x\r\n--b y" },
		{ "--b\r\n" A "x\r\n --b" TAIL, "a=x\r\n --b" },
		{ "--b\r\n" A "x\r\n-b\r\nb\r\n--B\r\n--" TAIL, "a=x\r\n-b\r\nb\r\n--B\r\n--" },
		{ "--b\r\n" A "x\r\r\n--b--", "a=x\r" },
		{ "--b\r\n" A "x\r\n\r\n--b--", "a=x\r\n" },
		{ "--bb\r\n--b\r\n" A "x" TAIL, "a=x" }, /* a preamble */
		{ "--b--x\r\n--b\r\n" A "x" TAIL, "a=x" },
		/* broken */
		{ "", BROKEN },
		{ "--b", BROKEN },
		{ "--b-", BROKEN },
		{ "--b\r\n", BROKEN },
		{ "--b\n" FORM_DATA "a\n\nx\n--b--\n", BROKEN },
		{ "b\r\n" A "x\r\nb--", BROKEN },
		{ "--b\r\n" A "x", BROKEN },
		{ "--b\r\n" A "x\r\n--b\r\n", BROKEN },
		{ "--b\r\n" A "x\r\n--b", BROKEN },
		{ "--b\r\n" A "x\r\n--b-", BROKEN },
		{ "--b\r\n" A "x\r\n--b--y", BROKEN },
		{ "--b\r\n" A "x--b--\r\n", BROKEN },
		{ "--b\r\n--b--\r\n", BROKEN }, /* a part without its blank line */
		{ "--b\r\n" FORM_DATA "a" TAIL, BROKEN },
		{ "--b\r\n" FORM_DATA "a\r\nx" TAIL, BROKEN },
		{ "a=x&b=y", BROKEN },
		{ "{\"a\":\"x\"}", BROKEN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(read_text("b", rows[i].body), rows[i].said) != 0)
			fail_msg("%zu: %s\ninstead of %s", i, read_text("b", rows[i].body),
				rows[i].said);
}

static void
names_and_filenames(void **state)
{
	static const struct {
		const char *parameters, *said;
	} rows[] = {
		{ "; name=\"a\"", "a=x" },
		{ ";name=a", "a=x" },
		{ " ; \t name=a ; ", "a=x" },
		{ "; NAME=\"a\"", "a=x" },
		{ "; name=\"a b;c=d\"", "a b;c=d=x" },
		{ "; name=\"a\"; name=\"c\"", "a=x" },
		{ "; x=\"name=c\"; name=a", "a=x" },
		{ "; x; name=a", "a=x" },
		{ "; name=\"a\"x", "a=x" },
		{ "; filename=f; name=a", "a=x (f, application/octet-stream)" },
		{ "; name=a; filename=\"f; g\"", "a=x (f; g, application/octet-stream)" },
		{ "; name=a; filename=\"\\\"f\\\"\"", "a=x (\"f\", application/octet-stream)" },
		{ "; name=a; filename=\"%22f%22\"", "a=x (\"f\", application/octet-stream)" },
		{ "; name=a; filename=\"f%20%2\"", "a=x (f%20%2, application/octet-stream)" },
		{ "; name=a; filename=\"f\\\\\"", "a=x (f\\, application/octet-stream)" },
		{ "; name=a; filename=\"C:\\d\\f\"", "a=x (C:\\d\\f, application/octet-stream)" },
		{ "; name=a; filename=\"\xc3\xa4\"", "a=x (\xc3\xa4, application/octet-stream)" },
		{ "; name=a; filename=", "a=x (, application/octet-stream)" },
		{ "; name=a; filename*=UTF-8''f", "a=x" }, /* RFC 7578 section 4.2 */
		{ "; name=a; filename=f; filename=g; filename*=UTF-8''h",
			"a=x (f, application/octet-stream)" },
		{ "; name=\"%22\\\"\\\\\"", "\"\"\\=x" },
		/* no name, or none to be sure of */
		{ "", "" },
		{ "; filename=f", "" },
		{ "; name=", "" },
		{ "; name=\"\"", "" },
		{ "; name", "" },
		{ "; name =a", "" },
		{ "; name=\"a", "" },
		{ "; name=\"a\\\"", "" },
		{ "; name=a; filename=\"f", "" },
		{ "; =a", "" },
		{ "; name*=a", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *got = read_text("b",
			mem_print(m, "--b\r\nContent-Disposition: form-data%s\r\n\r\nx" TAIL,
				rows[i].parameters));

		if (strcmp(got, rows[i].said) != 0)
			fail_msg("%s: %s instead of %s", rows[i].parameters, got, rows[i].said);
	}
}

static void
other_headers(void **state)
{
	static const struct {
		const char *headers, *said;
	} rows[] = {
		{ "X: y\r\ncontent-disposition:form-data; name=a\r\nContent-Length: 9", "a=x" },
		{ FORM_DATA "a\r\n" FORM_DATA "c", "a=x" },
		{ "Content-Disposition: attachment; name=c\r\n" FORM_DATA "a", "" },
		{ "Content-Disposition: form-data-x; name=a", "" },
		{ "Content-Disposition: form-dat; name=a", "" },
		{ "Content-Disposition: Form-Data; name=a", "a=x" },
		{ "Content-Disposition form-data; name=a", "" },
		{ "Content-Disposition: form-data;\r\n name=a", "" }, /* no folded lines */
		{ FORM_DATA "a\r\nno header\r\n: y", "a=x" },
		{ FORM_DATA "a\r\nContent-Type: text/plain; charset=utf-8", "a=x" },
		{ FORM_DATA "a\r\nContent-Type: multipart/mixed; boundary=c", "" },
		{ FORM_DATA "a; filename=f\r\nContent-Type: Multipart/x", "" },
		{ FORM_DATA "a; filename=f\r\nCONTENT-TYPE:\timage/SVG+xml;x=y",
			"a=x (f, image/svg+xml)" },
		{ FORM_DATA "a; filename=f\r\nContent-Type: a/b\r\nContent-Type: c/d",
			"a=x (f, a/b)" },
		{ FORM_DATA "a; filename=f\r\nContent-Type: image",
			"a=x (f, application/octet-stream)" },
		{ FORM_DATA "a; filename=f\r\nContent-Type: image/",
			"a=x (f, application/octet-stream)" },
		{ FORM_DATA "a; filename=f\r\nContent-Type: /png",
			"a=x (f, application/octet-stream)" },
		{ FORM_DATA "a; filename=f\r\nContent-Type: a/b/c",
			"a=x (f, application/octet-stream)" },
		{ FORM_DATA "a; filename=f\r\nContent-Type: a/\xc3\xa4",
			"a=x (f, application/octet-stream)" },
		{ FORM_DATA "a; filename=f\r\nContent-Type:", "a=x (f, application/octet-stream)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *got =
			read_text("b", mem_print(m, "--b\r\n%s\r\n\r\nx" TAIL, rows[i].headers));

		if (strcmp(got, rows[i].said) != 0)
			fail_msg("%s: %s instead of %s", rows[i].headers, got, rows[i].said);
	}
	assert_string_equal(
		read_text("b",
			mem_print(m,
				"--b\r\n" FORM_DATA
				"a; filename=f\r\nContent-Type: a/%0125d\r\n\r\nx"
				"\r\n--b\r\n" FORM_DATA "c; filename=f\r\nContent-Type: a/%0126d"
				"\r\n\r\nx" TAIL,
				0, 0)),
		mem_print(m, "a=x (f, a/%0125d)|c=x (f, application/octet-stream)", 0));
}

/* A NUL is taken in data, and makes the headers of a part worthless. */
static void
nul_bytes(void **state)
{
	static const char data[] = "--b\r\n" FORM_DATA "a; filename=f\r\n\r\nx\0y\0" TAIL,
			  header[] = "--b\r\n" FORM_DATA "a\0b\r\n\r\nx\r\n--b\r\n" A "y" TAIL;
	const struct http_pair *pairs;
	size_t count;

	(void)state;
	assert_int_equal(multipart_read(m, "b", data, sizeof data - 1, &pairs, &count), ERR_NONE);
	assert_int_equal(count, 1);
	assert_int_equal(pairs[0].value_length, 4);
	assert_memory_equal(pairs[0].value, "x\0y\0", 4);
	assert_string_equal(read_bytes("b", header, sizeof header - 1), "a=y");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_browsers_write_them),
		cmocka_unit_test(delimiters),
		cmocka_unit_test(names_and_filenames),
		cmocka_unit_test(other_headers),
		cmocka_unit_test(nul_bytes),
	};

	return cmocka_run_group_tests(tests, up, down);
}
