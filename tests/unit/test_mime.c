/* SPDX-License-Identifier: ISC */
/* mime: mailboxes that are read, headers that are folded and encoded, what is refused. What comes
 * of whole mails is read by Python's parser in tests/web/test_mail_send.py. */
#include "mime.h"

#include "arena.h"

#include <string.h>

static void
mailboxes(void **state)
{
	static const struct {
		const char *text, *name, *address; /* NULL: refused */
	} rows[] = {
		{ "a@b", "", "a@b" },
		{ "  a.b+c@example.org ", "", "a.b+c@example.org" },
		{ "Ada <ada@example.org>", "Ada", "ada@example.org" },
		{ "Ada  Love <ada@example.org> ", "Ada  Love", "ada@example.org" },
		{ "\"Love, \\\"Ada\\\"\" <ada@example.org>", "Love, \"Ada\"", "ada@example.org" },
		{ "\xc3\x84rztin <a@b.c>", "\xc3\x84rztin", "a@b.c" },
		{ "<a@b.c>", "", "a@b.c" },
		{ "x <y> <a@b.c>", "x <y>", "a@b.c" },
		{ "", NULL, NULL },
		{ "a", NULL, NULL },
		{ "@b", NULL, NULL },
		{ "a@", NULL, NULL },
		{ "a b@c", NULL, NULL },
		{ "a@b c", NULL, NULL },
		{ ".a@b", NULL, NULL },
		{ "a.@b", NULL, NULL },
		{ "a..b@c", NULL, NULL },
		{ "a@b..c", NULL, NULL },
		{ "a@-b.c", NULL, NULL },
		{ "a@b-", NULL, NULL },
		{ "a@[127.0.0.1]", NULL, NULL },
		{ "\"a b\"@c", NULL, NULL },
		{ "a@b,c@d", NULL, NULL },
		{ "a@b>", NULL, NULL },
		{ "A <a@b", NULL, NULL },
		{ "A <a@b> c", NULL, NULL },
		{ "\xc3\xa4@b.c", NULL, NULL },
		{ "a@\xc3\xa4.c", NULL, NULL },
		{ "a@b\r\nBcc: c@d", NULL, NULL },
		{ "A\nB <a@b>", NULL, NULL },
		{ "A\x7f <a@b>", NULL, NULL },
		{ "\xff <a@b>", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct mime_box box = { 0 };
		const char *why = mime_read_box(m, rows[i].text, &box);

		if ((why == NULL) != (rows[i].address != NULL))
			fail_msg("%s: %s", rows[i].text, why != NULL ? why : "was taken");
		if (why != NULL)
			continue;
		assert_string_equal(box.name, rows[i].name);
		assert_string_equal(box.address, rows[i].address);
	}
}

static void
lengths_of_addresses(void **state)
{
	const char *label = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff";

	(void)state;
	assert_null(mime_address_wrong(mem_print(m, "%s0123@b", label)));
	assert_non_null(mime_address_wrong(mem_print(m, "%s01234@b", label)));
	assert_null(mime_address_wrong(mem_print(m, "a@%s012", label)));
	assert_non_null(mime_address_wrong(mem_print(m, "a@%s0123", label)));
	assert_null(mime_address_wrong(
		mem_print(m, "aa@%s.%s.%s.%s.1234567", label, label, label, label)));
	assert_non_null(mime_address_wrong(
		mem_print(m, "aa@%s.%s.%s.%s.12345678", label, label, label, label)));
}

static struct mime
mail(void)
{
	return (struct mime){ .from = { "Site", "site@example.org" },
		.to = { "", "to@example.org" },
		.subject = "Hello",
		.text = "Text",
		.id = "1@example.org",
		.date = 1795289444 };
}

/* What is behind the name of a header, up to the next one. */
static const char *
header(const struct mime *written, const char *name)
{
	const char *why, *text, *at, *end;
	size_t length;

	text = mime_write(m, written, &length, &why);
	assert_non_null(text);
	assert_int_equal(strlen(text), length);
	at = strstr(text, mem_print(m, "%s:", name));
	assert_non_null(at);
	for (end = strstr(at, "\r\n"); end[2] == ' '; end = strstr(end + 2, "\r\n"))
		;
	at += strlen(name) + 1;
	return mem_copy(m, at, (size_t)(end - at));
}

static void
headers(void **state)
{
	struct mime one = mail();

	(void)state;
	assert_string_equal(header(&one, "Date"), " Sat, 21 Nov 2026 19:30:44 +0000");
	assert_string_equal(header(&one, "From"), " \"Site\" <site@example.org>");
	assert_string_equal(header(&one, "To"), " to@example.org");
	assert_string_equal(header(&one, "Message-ID"), " <1@example.org>");
	assert_string_equal(header(&one, "Subject"), " Hello");
	one.from.name = "A \"B\" \\ C";
	assert_string_equal(header(&one, "From"), " \"A \\\"B\\\" \\\\ C\" <site@example.org>");
	one.subject = "Gr\xc3\xbc\xc3\x9f"
		      "e";
	assert_string_equal(header(&one, "Subject"), " =?utf-8?B?R3LDvMOfZQ==?=");
	one.subject = "one two three four five six seven eight nine ten eleven twelve thirteen 14";
	assert_string_equal(header(&one, "Subject"),
		" one two three four five six seven eight nine ten eleven twelve\r\n thirteen 14");
	one.subject =
		"\xf0\x9f\x9a\xa3\xf0\x9f\x9a\xa3\xf0\x9f\x9a\xa3\xf0\x9f\x9a\xa3\xf0\x9f\x9a\xa3"
		"\xf0\x9f\x9a\xa3\xf0\x9f\x9a\xa3\xf0\x9f\x9a\xa3\xf0\x9f\x9a\xa3\xf0\x9f\x9a\xa3";
	assert_string_equal(header(&one, "Subject"),
		" =?utf-8?B?8J+ao/CfmqPwn5qj8J+ao/CfmqPwn5qj8J+ao/CfmqPwn5qj?=\r\n =?utf-8?B?8J+aow==?=");
}

static void
refused(void **state)
{
	static const char *const breaks[] = { "a\rb", "a\nb", "a\r\nBcc: x@y", "a\x01", "\xff" };
	const char *why;
	size_t length;

	(void)state;
	for (size_t i = 0; i < sizeof breaks / sizeof breaks[0]; i++) {
		struct mime mails[8];
		struct mime_file file = { breaks[i], "text/plain", "" },
				 typed = { "a", breaks[i], "" };
		struct mime_box copy = { breaks[i], "a@b" };

		for (size_t n = 0; n < 8; n++)
			mails[n] = mail();
		mails[0].subject = breaks[i];
		mails[1].from.name = breaks[i];
		mails[2].to.name = breaks[i];
		mails[3].to.address = breaks[i];
		mails[4].reply_to = copy;
		mails[5].copies = &copy, mails[5].copies_count = 1;
		mails[6].files = &file, mails[6].files_count = 1;
		mails[7].files = &typed, mails[7].files_count = 1;
		for (size_t n = 0; n < 8; n++) {
			assert_null(mime_write(m, &mails[n], &length, &why));
			assert_non_null(why);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mailboxes),
		cmocka_unit_test(lengths_of_addresses),
		cmocka_unit_test(headers),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, up, down);
}
