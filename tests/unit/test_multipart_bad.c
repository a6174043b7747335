/* SPDX-License-Identifier: ISC */
/* multipart: what is broken, cut, nested or too much, and that a hostile body costs little. */
#include "multipart_help.h"

#include <time.h>

static void
U4_boundaries(void **state)
{
	static const char *const bad[] = { "", " ", "b ", "b\tb", "b\"", "b;c", "b*", "b\\",
		"b\r\n", "b\xc3\xa4", "<b>", "b&c" };
	static const char every[] = "aZ09'()+_,-./:=? b";

	(void)state;
	assert_string_equal(read_text(NULL, "--b\r\n" A "x" TAIL), BROKEN);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_string_equal(
			read_text(bad[i],
				mem_print(m, "--%s\r\n" A "x\r\n--%s--\r\n", bad[i], bad[i])),
			BROKEN);
	assert_string_equal(
		read_text(every, mem_print(m, "--%s\r\n" A "x\r\n--%s--\r\n", every, every)),
		"a=x");
	for (int n = 70; n <= 200; n += n == 70 ? 1 : 43) {
		const char *boundary = mem_print(m, "%0*d", n, 0);

		assert_string_equal(
			read_text(boundary,
				mem_print(m, "--%s\r\n" A "x\r\n--%s--\r\n", boundary, boundary)),
			n == 70 ? "a=x" : BROKEN);
	}
}

/* What stands in a multipart within a part stays there, whatever its own boundary is. */
static void
U4_nested_multipart(void **state)
{
	static const char inner[] = "--c\r\n" FORM_DATA "inner\r\n\r\nz\r\n--c--\r\n";
	const char *deep = inner;

	(void)state;
	assert_string_equal(
		read_text("b",
			mem_print(m,
				"--b\r\n" FORM_DATA "files\r\n"
				"Content-Type: multipart/mixed; boundary=c\r\n\r\n%s\r\n--b\r\n" A
				"x" TAIL,
				inner)),
		"a=x");
	assert_string_equal(read_text("b", mem_print(m, "--b\r\n" A "%s" TAIL, inner)),
		mem_print(m, "a=%s", inner));
	for (int i = 0; i < 200; i++)
		deep = mem_print(m,
			"--c%d\r\nContent-Type: multipart/form-data; boundary=c%d\r\n\r\n%s"
			"\r\n--c%d--\r\n",
			i, i - 1, deep, i);
	assert_string_equal(read_text("c199", deep), "");
	/* one with the boundary of its parent ends it: what follows is an epilogue */
	assert_string_equal(read_text("b",
				    "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
				    "--b\r\n" A "x\r\n--b--\r\n\r\n--b\r\n" A "y" TAIL),
		"a=x");
}

/* Cut anywhere it is an error, until the closing delimiter is there; and no byte behind the end is
 * looked at (under ASan). */
static void
U4_cut_anywhere(void **state)
{
	static const char body[] =
		"preamble\r\n--bound\r\n" FORM_DATA "\"a\"\r\n\r\none\r\n--bound \r\n" FORM_DATA
		"\"f\"; filename=\"x%22\\\"y\"\r\nContent-Type: image/png\r\n\r\n\r\n--boun\r\n-\r"
		"\r\n--bound\r\n\r\nunnamed\r\n--bound\r\n" FORM_DATA "z\r\n\r\n--bound-- \r\nend";
	size_t length = sizeof body - 1, whole = length - strlen(" \r\nend");

	(void)state;
	for (size_t n = 0; n <= length; n++) {
		char *copy = malloc(n > 0 ? n : 1);
		const char *said;

		memcpy(copy, body, n);
		said = read_bytes("bound", copy, n);
		free(copy);
		/* half a line break behind the closing delimiter makes it no delimiter */
		if (n < whole || body[n - 1] == '\r')
			assert_string_equal(said, BROKEN);
		else
			assert_string_equal(
				said, "a=one|f=\r\n--boun\r\n-\r (x\"\"y, image/png)|z=");
	}
}

/* Any one byte changed: an answer or an error, whatever it is. */
static void
any_byte_changed(void **state)
{
	static const char body[] = "--b\r\n" FORM_DATA "\"a\"; filename=\"f\\\"%22\"\r\n"
				   "Content-Type: a/b; c=d\r\n\r\nx\r\n--b\r\n" A "y" TAIL;
	static const char bytes[] = "\0\r\n\t \"%;=:\\-/bx\x7f\xff";
	size_t length = sizeof body - 1, fine = 0;

	(void)state;
	for (size_t at = 0; at < length; at++)
		for (size_t i = 0; i < sizeof bytes - 1; i++) {
			char *copy = malloc(length);

			memcpy(copy, body, length);
			copy[at] = bytes[i];
			fine += read_bytes("b", copy, length)[0] != '!';
			free(copy);
		}
	assert_in_range(fine, length, length * sizeof bytes);
}

/* `n` copies of `text` between two others. */
static const char *
between(const char *before, size_t n, const char *text, const char *after)
{
	size_t head = strlen(before), each = strlen(text);
	char *all = mem_get(m, head + n * each + strlen(after) + 1);

	memcpy(all, before, head);
	for (size_t i = 0; i < n; i++)
		memcpy(all + head + i * each, text, each);
	memcpy(all + head + n * each, after, strlen(after));
	return all;
}

static void
limits(void **state)
{
	static const char many[] = "! 422 has too many entries (maximum is 1000)",
			  large[] = "! 413 is too large";
	const char *texts = between("--b\r\n" A, MULTIPART_TEXT_BYTES / 2, "x",
		"\r\n--b\r\n" FORM_DATA "f; filename=f\r\n\r\n");
	const char *rest = between("\r\n--b\r\n" A, MULTIPART_TEXT_BYTES / 2, "y", TAIL);
	const char *line = "--b\r\n" FORM_DATA "a\r\nX: ";
	int room = MULTIPART_HEADER_BYTES - (int)strlen(line) + (int)strlen("--b\r\n") - 4;

	(void)state;
	/* 1000 parts, also those that are skipped */
	assert_int_equal(
		strlen(read_text("b", between("", HTTP_PAIRS, "--b\r\n" A "x\r\n", "--b--"))),
		HTTP_PAIRS * strlen("a=x|") - 1);
	assert_string_equal(
		read_text("b", between("", HTTP_PAIRS + 1, "--b\r\n" A "x\r\n", "--b--")), many);
	assert_string_equal(
		read_text("b", between("", HTTP_PAIRS + 1, "--b\r\n\r\nx\r\n", "--b--")), many);
	/* half a megabyte of text; files do not count */
	assert_int_equal(strlen(read_text("b", between(texts, MULTIPART_TEXT_BYTES, "z", rest))),
		2 * MULTIPART_TEXT_BYTES + strlen("a=|f= (f, application/octet-stream)|a="));
	assert_string_equal(
		read_text("b", between(texts, 1, "z", between("\r\n--b\r\n" A "y", 1, rest, ""))),
		large);
	/* 8 KB of headers */
	assert_string_equal(
		read_text("b", mem_print(m, "%s%0*d\r\n\r\nx" TAIL, line, room, 0)), "a=x");
	assert_string_equal(
		read_text("b", mem_print(m, "%s%0*d\r\n\r\nx" TAIL, line, room + 1, 0)), BROKEN);
}

/* What would be most work: each in less than 50 ms of processor, and nearly all in one or two. */
static void
U4_costly_bodies_are_cheap(void **state)
{
	static const size_t mega = 1 << 20;
	const char *dashes = between("", 70, "-", ""), *near = mem_print(m, "\r\n--%.69s", dashes);
	const struct {
		const char *boundary, *body;
	} rows[] = {
		{ "b", between("--b\r\n" FORM_DATA "a\r\nX: ", mega, "x", "\r\n\r\nx" TAIL) },
		{ "b", between("--b\r\n" FORM_DATA "\"", mega, "\\\"", "\"\r\n\r\nx" TAIL) },
		{ "b", between("", 10000, "--b\r\n" A "x\r\n", "--b--") },
		{ "b", between("", 10000, "--b\r\n\r\nx\r\n", "--b--") },
		{ "b", between("--b\r\n" A, mega, "-", "") },
		{ "b", between("--b\r\n" A, mega / 2, "\r\n", "") },
		{ "b", between("--b\r\n" A, mega, "\r", "") },
		{ "b", between("--b\r\n" A, mega / 4, "\r\n--", "") },
		{ "b", between("--b\r\n" A, mega / 5, "\r\n--b", "") },
		{ "b", between("--b\r\n" A, mega / 6, "\r\n--b ", "") },
		{ "b", between("--b\r\n" A "\r\n--b", mega, " ", "x") },
		{ "b", between("", mega, "-", "") },
		{ "b", between("", mega / 2, "\r\n", "") },
		{ dashes, between("", mega, "-", "") },
		{ dashes, between("", mega / strlen(near), near, "") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t length = strlen(rows[i].body), count;
		const struct http_pair *pairs;
		clock_t start = clock(), spent;
		enum err e =
			multipart_read(m, rows[i].boundary, rows[i].body, length, &pairs, &count);

		spent = clock() - start;
		assert_true(e == ERR_MULTIPART || e == ERR_MANY);
		if (spent > CLOCKS_PER_SEC / 20)
			fail_msg("row %zu: %ld µs", i, (long)(spent * 1000000 / CLOCKS_PER_SEC));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(U4_boundaries),
		cmocka_unit_test(U4_nested_multipart),
		cmocka_unit_test(U4_cut_anywhere),
		cmocka_unit_test(any_byte_changed),
		cmocka_unit_test(limits),
		cmocka_unit_test(U4_costly_bodies_are_cheap),
	};

	return cmocka_run_group_tests(tests, up, down);
}
