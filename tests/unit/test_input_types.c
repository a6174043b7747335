/* SPDX-License-Identifier: ISC */
/* input_types: for each type what is taken, what it becomes, and the exact text of a refusal. */
#include "input_help.h"

/* A value, as JSON (with ' for ") or as the text of a form; what becomes of it: JSON, or "!" and a
 * text. */
struct row {
	const char *value, *said;
};

static void
check(struct field f, const char *type, const struct row *rows, size_t count)
{
	const struct field fields[] = { f, { 0 } };

	for (size_t i = 0; i < count; i++) {
		bool json = strcmp(type, JSON) == 0, bad = rows[i].said[0] == '!';
		const char *body = quoted(mem_print(m, json ? "{'v':%s}" : "v=%s", rows[i].value));
		const char *want = bad ? mem_print(m, "! v %s", rows[i].said + 1)
				       : quoted(mem_print(m, "{'v':%s}", rows[i].said));
		const char *got = read_body(fields, NULL, type, body);

		if (strcmp(got, want) != 0)
			fail_msg("%s: %s instead of %s", body, got, want);
	}
}

#define CHECK(kind, rows, ...)                                                                     \
	check((struct field){ .name = "v", __VA_ARGS__ }, kind, rows, COUNT(rows))

#define BLANK    "!can't be blank"
#define ENCODING "!must be UTF-8 without NUL"
#define LINES    "!must be one line without control characters"

static void
line_and_text(void **state)
{
	static const struct row line[] = { { "'a b'", "'a b'" }, { "'  a '", "'  a '" },
		{ "'\\u00e4\\u20ac\\ud83d\\ude00!'", "'\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80!'" },
		{ "'a'", "!is too short (minimum is 2 characters)" },
		{ "'\xc3\xa4'", "!is too short (minimum is 2 characters)" },
		{ "'12345'", "!is too long (maximum is 4 characters)" }, { "'a\\nb'", LINES },
		{ "'a\\tb'", LINES }, { "'a\\u007f'", LINES }, { "'a\\u0085b'", LINES },
		{ "'a\\u009f'", LINES }, { "'a\\u00a0'", "'a\xc2\xa0'" }, { "''", BLANK },
		{ "' \\t\\n'", BLANK }, { "'\\u3000\\u200b'", BLANK }, { "null", BLANK },
		{ "1", BLANK }, { "true", BLANK }, { "[]", BLANK }, { "{}", BLANK },
		{ "['ab']", BLANK } };
	static const struct row text[] = { { "'a\\r\\n\\tb'", "'a\\r\\n\\tb'" },
		{ "'\\u001b'", "'\\u001b'" }, { "' a'", "' a'" }, { "'\\n'", BLANK } };
	static const struct row form[] = { { "a+b", "'a b'" }, { "%C3%A4b", "'\xc3\xa4\x62'" },
		{ "", BLANK }, { "%20+", BLANK }, { "%ff%fe", ENCODING }, { "a%00b", ENCODING },
		{ "%c0%80", ENCODING }, { "%ed%a0%80", ENCODING }, { "a%0d%0a", LINES } };

	(void)state;
	CHECK(JSON, line, LINE, .min = 2, .max = 4);
	CHECK(JSON, text, TEXT);
	CHECK(FORM, form, LINE, .min = 2, .max = 4);
}

/* `null` takes what is blank for null, and tells other types apart. */
static void
nullable(void **state)
{
	static const struct row json[] = { { "null", "null" }, { "''", "null" },
		{ "' \\n'", "null" }, { "'a'", "'a'" }, { "1", "!must be text" },
		{ "[]", "!must be text" }, { "false", "!must be text" } };
	static const struct row form[] = { { "", "null" }, { "+", "null" }, { "a", "'a'" },
		{ "%ff", ENCODING } };
	static const struct row number[] = { { "null", "null" }, { "7", "7" } };

	(void)state;
	CHECK(JSON, json, TEXT, .null = true);
	CHECK(FORM, form, TEXT, .null = true);
	CHECK(JSON, number, INT, .null = true);
}

static void
N1_N3_integer(void **state)
{
	static const char whole[] = "!must be a whole number";
	static const struct row json[] = { { "0", "0" }, { "-5", "-5" }, { "-0", "0" },
		{ "100", "100" }, { "101", "!must be at most 100" },
		{ "-6", "!must be at least -5" }, { "9223372036854775807", "!must be at most 100" },
		{ "1.0", whole }, { "1e2", whole }, { "'1'", whole }, { "null", whole },
		{ "true", whole }, { "[1]", whole }, { "{}", whole } };
	static const struct row form[] = { { "0", "0" }, { "-5", "-5" }, { "100", "100" },
		{ "101", "!must be at most 100" }, { "-6", "!must be at least -5" }, { "", whole },
		{ "-0", whole }, { "+1", whole }, { "%2B1", whole }, { "1+", whole },
		{ "0x10", whole }, { "1e2", whole }, { "1.0", whole }, { "01", whole },
		{ "9223372036854775808", whole }, { "%D9%A1", whole }, { "1%00", ENCODING } };
	static const struct row any[] = { { "-9223372036854775808", "-9223372036854775808" },
		{ "9223372036854775807", "9223372036854775807" } };
	static const struct row from_5[] = { { "4", "!must be at least 5" },
		{ "5000000000", "5000000000" } };

	(void)state;
	CHECK(JSON, json, INT, .min = -5, .max = 100);
	CHECK(FORM, form, INT, .min = -5, .max = 100);
	CHECK(JSON, any, INT);
	CHECK(FORM, any, INT);
	CHECK(FORM, from_5, INT, .min = 5, .max = 4);
}

static void
N1_N3_number(void **state)
{
	static const char nan[] = "!must be a number";
	static const struct row json[] = { { "0.5", "0.5" }, { "1", "1.0" }, { "-0", "0.0" },
		{ "1e1", "10.0" }, { "10.5", "!must be at most 10" },
		{ "-1.5", "!must be at least -1" }, { "1e308", "!must be at most 10" },
		{ "'1'", nan }, { "null", nan }, { "true", nan }, { "[]", nan } };
	static const struct row form[] = { { "0.5", "0.5" }, { "1", "1.0" }, { "1e1", "10.0" },
		{ "%2B.5", "0.5" }, { "10.01", "!must be at most 10" },
		{ "-2", "!must be at least -1" }, { "", nan }, { "+1", nan }, { "1+", nan },
		{ "0x1", nan }, { "inf", nan }, { "nan", nan }, { "-", nan }, { ".", nan },
		{ "1e", nan }, { "1.2.3", nan }, { "1e400", nan }, { "1,5", nan } };

	(void)state;
	CHECK(JSON, json, NUMBER, .min = -1, .max = 10);
	CHECK(FORM, form, NUMBER, .min = -1, .max = 10);
}

static void
boolean(void **state)
{
	static const char bad[] = "!must be true or false";
	static const struct row json[] = { { "true", "true" }, { "false", "false" },
		{ "'true'", bad }, { "1", bad }, { "null", bad }, { "''", bad } };
	static const struct row form[] = { { "true", "true" }, { "on", "true" }, { "1", "true" },
		{ "yes", "true" }, { "false", "false" }, { "off", "false" }, { "0", "false" },
		{ "no", "false" }, { "", "false" }, { "True", bad }, { "2", bad }, { "y", bad },
		{ "+on", bad } };

	(void)state;
	CHECK(JSON, json, BOOL);
	CHECK(FORM, form, BOOL);
}

static void
A6_username(void **state)
{
	static const char bad[] =
		"!may hold letters a to z, digits, _ - . (first a letter or digit)";
	static const char reserved[] = "!is reserved",
			  longer[] = "!is too long (maximum is 30 "
				     "characters)";
	static const struct row rows[] = { { "'a'", "'a'" }, { "'Ada'", "'Ada'" },
		{ "'0-_.x'", "'0-_.x'" }, { "'a-'", "'a-'" }, { "'a_'", "'a_'" },
		{ "'123456789012345678901234567890'", "'123456789012345678901234567890'" },
		{ "'1234567890123456789012345678901'", longer }, { "'a.'", bad }, { "'.a'", bad },
		{ "'-a'", bad }, { "'_a'", bad }, { "'..'", bad }, { "'ada '", bad },
		{ "' ada'", bad }, { "'a b'", bad }, { "'a@b'", bad }, { "'a/b'", bad },
		{ "'\\u00e1dmin'", bad }, { "'\\uff41da'", bad }, { "'a\\u200bb'", bad },
		{ "'\\u202eada'", bad }, { "'\\u0430da'", bad }, { "'\\u0131'", bad },
		{ "'\\u00df'", bad }, { "'ada\\n'", bad }, { "'admin'", reserved },
		{ "'Admin'", reserved }, { "'API'", reserved }, { "'login'", reserved },
		{ "'root'", reserved }, { "'admins'", "'admins'" }, { "''", BLANK },
		{ "7", BLANK } };

	(void)state;
	CHECK(JSON, rows, NAME, .max = 30);
}

static void
A6_email(void **state)
{
	static const char bad[] = "!is not a mail address";
	static const struct row rows[] = { { "'a@b.c'", "'a@b.c'" },
		{ "'Ada.L+x@Example.ORG'", "'Ada.L+x@Example.ORG'" },
		{ "'!#$%&*/=?^_`{|}~-@x-1.y'", "'!#$%&*/=?^_`{|}~-@x-1.y'" }, { "'a'", bad },
		{ "'@b.c'", bad }, { "'a@'", bad }, { "'a@b'", bad }, { "'a@.c'", bad },
		{ "'a@b.'", bad }, { "'a@b..c'", bad }, { "'a@-b.c'", bad }, { "'a@b-.c'", bad },
		{ "'a@b_c.d'", bad }, { "'a@b.c@d'", bad }, { "'a b@c.d'", bad },
		{ "' a@b.c'", bad }, { "'a@b.c '", bad }, { "'a@b.c\\r\\nBcc: x@y.z'", bad },
		{ "'a@b.c,d@e.f'", bad }, { "'<a@b.c>'", bad }, { "'\\'a\\'@b.c'", bad },
		{ "'a@[127.0.0.1]'", bad }, { "'.a@b.c'", bad }, { "'a.@b.c'", bad },
		{ "'a..b@c.d'", bad }, { "'a.b.c@d.e'", "'a.b.c@d.e'" }, { "'\\u00e4@b.c'", bad },
		{ "'a@\\u00e4.c'", bad }, { "''", BLANK }, { "1", BLANK } };
	struct row bounds[4];
	const char *labels = mem_print(m, "%063d.%063d.%059d", 0, 0, 0); /* 187 bytes */

	(void)state;
	CHECK(JSON, rows, EMAIL);
	bounds[0].value = mem_print(m, "'%064d@%s.c'", 0, labels); /* 254 bytes */
	bounds[0].said = bounds[0].value;
	bounds[1] = (struct row){ mem_print(m, "'%064d@%s.cd'", 0, labels),
		"!is too long (maximum is 254 characters)" };
	bounds[2] = (struct row){ mem_print(m, "'%065d@b.c'", 0), bad };
	bounds[3] = (struct row){ mem_print(m, "'a@%064d.c'", 0), bad };
	CHECK(JSON, bounds, EMAIL);
}

static void
url(void **state)
{
	static const char bad[] = "!is not a web address";
	static const struct row rows[] = { { "'https://a.example/b?c=d#e'",
						   "'https://a.example/b?c=d#e'" },
		{ "'HTTP://a'", "'HTTP://a'" }, { "'/a/b.png'", "'/a/b.png'" },
		{ "'a.png'", "'a.png'" }, { "'?a=b:c'", "'?a=b:c'" }, { "'a/b:c'", "'a/b:c'" },
		{ "'https://\xc3\xa4'", "'https://\xc3\xa4'" }, { "'javascript:alert(1)'", bad },
		{ "'JavaScript:alert(1)'", bad }, { "'java\\nscript:alert(1)'", bad },
		{ "' javascript:alert(1)'", bad }, { "'\\u0001javascript:alert(1)'", bad },
		{ "'data:text/html,x'", bad }, { "'vbscript:x'", bad }, { "'ftp://a'", bad },
		{ "'http:a'", bad }, { "'https:/a'", bad }, { "':a'", bad },
		{ "'12345678901234567890123456789012345678901'",
			"!is too long (maximum is 40 characters)" } };

	(void)state;
	CHECK(JSON, rows, URL, .max = 40);
}

static void
slug_date_choice(void **state)
{
	static const char bad_slug[] = "!is not a slug", bad_date[] = "!is not a date (YYYY-MM-DD)";
	static const char bad_choice[] = "!is not one of the choices";
	static const char *const colours[] = { "red", "green", NULL };
	static const struct row slug[] = { { "a", "'a'" }, { "a-b-2", "'a-b-2'" }, { "0", "'0'" },
		{ "-a", bad_slug }, { "a-", bad_slug }, { "a--b", bad_slug }, { "A", bad_slug },
		{ "a_b", bad_slug }, { "a.b", bad_slug }, { "a/b", bad_slug },
		{ "%C3%A4", bad_slug }, { "a%0A", bad_slug }, { "..", bad_slug }, { "", BLANK },
		{ "123456789", "!is too long (maximum is 8 characters)" } };
	static const struct row date[] = { { "2024-02-29", "'2024-02-29'" },
		{ "2000-02-29", "'2000-02-29'" }, { "2023-02-28", "'2023-02-28'" },
		{ "0001-01-01", "'0001-01-01'" }, { "9999-12-31", "'9999-12-31'" },
		{ "2023-02-29", bad_date }, { "1900-02-29", bad_date }, { "2024-04-31", bad_date },
		{ "2024-13-01", bad_date }, { "2024-00-01", bad_date }, { "2024-01-00", bad_date },
		{ "0000-01-01", bad_date }, { "2024-1-1", bad_date }, { "24-01-01", bad_date },
		{ "2024/01/01", bad_date }, { "2024-01-01 ", bad_date }, { "+024-01-01", bad_date },
		{ "2024-01-1x", bad_date }, { "2024-01-011", bad_date }, { "", BLANK } };
	static const struct row choice[] = { { "red", "'red'" }, { "green", "'green'" },
		{ "Red", bad_choice }, { "re", bad_choice }, { "redd", bad_choice },
		{ "red+", bad_choice }, { "", BLANK }, { "red%00", ENCODING } };

	(void)state;
	CHECK(FORM, slug, SLUG, .max = 8);
	CHECK(FORM, date, DATE);
	CHECK(FORM, choice, CHOICE, .choices = colours);
}

static void
A4_password(void **state)
{
	static const char brief[] = "!is too short (minimum is 8 characters)";
	static const struct row rows[] = { { "'12345678'", "'12345678'" },
		{ "'p\\r\\n\\u001b 6 8'", "'p\\r\\n\\u001b 6 8'" }, { "'1234567'", brief },
		{ "'\\u00e4234567'", brief }, { "'        '", BLANK }, { "''", BLANK },
		{ "null", BLANK }, { "12345678", BLANK } };
	const char *any_length = mem_print(m, "'%0200d'", 0);
	const struct row any[] = { { "'1'", "'1'" }, { any_length, any_length } };
	const char *emoji = "'", *bytes_72 = mem_print(m, "'%072d'", 0);
	const struct row lengths[] = { { bytes_72, bytes_72 },
		{ mem_print(m, "'%073d'", 0), "!is too long (maximum is 72 bytes)" },
		{ mem_print(m, "'%0200d'", 0), "!is too long (maximum is 72 bytes)" },
		{ mem_print(m, "'%01000000d'", 0), "!is too long (maximum is 72 bytes)" } };
	struct row emojis[2];

	(void)state;
	CHECK(JSON, rows, PASSWORD, .min = 8, .max = 72);
	CHECK(JSON, lengths, PASSWORD, .min = 8, .max = 72);
	for (int i = 0; i < 18; i++)
		emoji = mem_print(m, "%s\xf0\x9f\x98\x80", emoji);
	emojis[0].value = emojis[0].said = mem_print(m, "%s'", emoji); /* 72 bytes */
	emojis[1] =
		(struct row){ mem_print(m, "%sx'", emoji), "!is too long (maximum is 72 bytes)" };
	CHECK(JSON, emojis, PASSWORD, .min = 8, .max = 72);
	CHECK(JSON, any, PASSWORD);
}

static void
tags_are_sorted_and_unique(void **state)
{
	static const char list[] = "!must be a list",
			  many[] = "!has too many entries (maximum is 3)";
	static const struct row json[] = { { "[]", "[]" }, { "['b','a']", "['a','b']" },
		{ "['a','b','a']", "['a','b']" },
		{ "['b','B','\xc3\xa4']", "['B','b','\xc3\xa4']" },
		{ "['a,b','c d']", "['a,b','c d']" }, { "[1]", BLANK }, { "[null]", BLANK },
		{ "[['a']]", BLANK }, { "['a','']", BLANK }, { "[' ']", BLANK },
		{ "['a\\nb']", LINES }, { "['a','b','c','d']", many }, { "null", list },
		{ "'a'", list }, { "{}", list }, { "1", list } };
	static const struct row form[] = { { "", "[]" }, { "b,a", "['a','b']" },
		{ "+b+,,+a+b%09+,%09", "['a b','b']" }, { ",", "[]" }, { "a,b,c,d", many },
		{ "a%00", ENCODING }, { "a,%0Db", LINES } };
	static const struct row four[] = { { "['d','c','b','a']", "['a','b','c','d']" } };
	static const struct row four_sent[] = { { "d,c,b,a", "['a','b','c','d']" } };
	const struct row lengths[] = { { mem_print(m, "['%060d']", 0),
					       mem_print(m, "['%060d']", 0) },
		{ mem_print(m, "['%061d']", 0), "!is too long (maximum is 60 characters)" } };

	(void)state;
	CHECK(JSON, json, TAGS, .max = 3);
	CHECK(FORM, form, TAGS, .max = 3);
	CHECK(JSON, four, TAGS);
	CHECK(FORM, four_sent, TAGS);
	CHECK(JSON, lengths, TAGS, .max = 3);
}

static void
widgets_and_labels(void **state)
{
	static const struct {
		struct field field;
		const char *widget;
	} types[] = { { { "a", LINE }, "text" }, { { "a", NAME }, "text" },
		{ { "a", SLUG }, "text" }, { { "a", URL }, "text" }, { { "a", TEXT }, "textarea" },
		{ { "a", INT }, "number" }, { { "a", NUMBER }, "number" },
		{ { "a", BOOL }, "checkbox" }, { { "a", EMAIL }, "email" },
		{ { "a", TAGS }, "tags" }, { { "a", DATE }, "date" }, { { "a", CHOICE }, "select" },
		{ { "a", PASSWORD }, "password" }, { { "a", UPLOAD }, "file" },
		{ { "a", COLOR }, "color" }, { { "a", NEXT }, "hidden" },
		{ { "a", INT, .widget = "radio" }, "radio" } };
	static const struct {
		struct field field;
		const char *label;
	} labels[] = { { { .name = "email" }, "Email" },
		{ { .name = "current_password" }, "Current password" },
		{ { .name = "tagList" }, "Tag list" }, { { .name = "a-b_2" }, "A b 2" },
		{ { .name = "bio", .label = "About you" }, "About you" } };

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++)
		assert_string_equal(input_widget(&types[i].field), types[i].widget);
	assert_null(input_widget(&(struct field){ "a", OBJECT, .need = true }));
	assert_null(input_widget(&(struct field){ "a", LIST, .need = true }));
	for (size_t i = 0; i < COUNT(labels); i++)
		assert_string_equal(input_label(m, &labels[i].field), labels[i].label);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_and_text),
		cmocka_unit_test(nullable),
		cmocka_unit_test(N1_N3_integer),
		cmocka_unit_test(N1_N3_number),
		cmocka_unit_test(boolean),
		cmocka_unit_test(A6_username),
		cmocka_unit_test(A6_email),
		cmocka_unit_test(url),
		cmocka_unit_test(slug_date_choice),
		cmocka_unit_test(A4_password),
		cmocka_unit_test(tags_are_sorted_and_unique),
		cmocka_unit_test(widgets_and_labels),
	};

	return cmocka_run_group_tests(tests, up, down);
}
