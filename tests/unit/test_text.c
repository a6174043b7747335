/* SPDX-License-Identifier: ISC */
/* text: UTF-8, form decoding, base64url, hexadecimal, digests, MACs, durations and whole numbers.
 */
#include "text.h"

#include "child.h"

/* A string literal with the bytes behind its NULs. */
#define S(literal) literal, sizeof(literal) - 1

static void
N2_utf8(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		bool good;
	} rows[] = {
		{ S(""), true },
		{ S("a\n\t\x7f"), true },
		{ S("\xc2\x80\xdf\xbf"), true },
		{ S("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"), true },
		{ S("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), true },
		{ S("\xef\xbf\xbe"), true },              /* U+FFFE is a code point like others */
		{ S("\0"), false },                       /* NUL */
		{ S("a\0b"), false },                     /* NUL inside */
		{ S("\x80"), false },                     /* continuation alone */
		{ S("\xbf\xbf"), false },                 /* … two of them */
		{ S("\xc2"), false },                     /* cut short */
		{ S("\xe2\x82"), false },                 /* … of three */
		{ S("\xf0\x9f\x98"), false },             /* … of four */
		{ S("\xc3("), false },                    /* followed by ASCII */
		{ S("\xe2\x28\xa1"), false },             /* … in the middle */
		{ S("\xc0\x80"), false },                 /* over-long NUL */
		{ S("\xc1\xbf"), false },                 /* over-long in two */
		{ S("\xe0\x9f\xbf"), false },             /* over-long in three */
		{ S("\xf0\x8f\xbf\xbf"), false },         /* over-long in four */
		{ S("\xed\xa0\x80"), false },             /* first surrogate */
		{ S("\xed\xbf\xbf"), false },             /* last surrogate */
		{ S("\xf4\x90\x80\x80"), false },         /* over U+10FFFF */
		{ S("\xf5\x80\x80\x80"), false },         /* over that */
		{ S("\xf8\x88\x80\x80\x80"), false },     /* five bytes */
		{ S("\xfc\x84\x80\x80\x80\x80"), false }, /* six bytes */
		{ S("\xfe"), false },
		{ S("\xff"), false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (text_utf8(rows[i].bytes, rows[i].length) != rows[i].good)
			fail_msg("row %zu", i);
	assert_true(text_utf8("ab\xc3", 2)); /* no byte behind the end is looked at */
}

/* Every code point, encoded by hand, is taken, but for NUL and the surrogates. */
static void
N2_utf8_every_code_point(void **state)
{
	(void)state;
	for (uint32_t c = 0; c <= 0x110000; c++) {
		bool good = c != 0 && c < 0x110000 && (c < 0xd800 || c > 0xdfff);
		const char *bytes = (char[]){ (char)(0xf0 | c >> 18),
			(char)(c < 0x10000 ? 0xe0 | c >> 12 : 0x80 | (c >> 12 & 0x3f)),
			(char)(c < 0x800 ? 0xc0 | c >> 6 : 0x80 | (c >> 6 & 0x3f)),
			(char)(c < 0x80 ? c : 0x80 | (c & 0x3f)) };
		size_t skip = c < 0x80 ? 3 : c < 0x800 ? 2 : c < 0x10000 ? 1 : 0;

		if (text_utf8(bytes + skip, 4 - skip) != good)
			fail_msg("U+%04X", c);
	}
}

static void
length_blank_lower(void **state)
{
	static const char *const blanks[] = { "", " ", "\t\r\n\v\f", "\xc2\xa0", "\xc2\x85",
		"\xe1\x9a\x80", "\xe2\x80\x80\xe2\x80\x8b\xe2\x80\x8d", "\xe2\x80\xa8\xe2\x80\xa9",
		"\xe2\x81\xa0", "\xe3\x80\x80", "\xef\xbb\xbf", " \xe3\x80\x80\n" };
	static const char *const words[] = { "a", " a", "\xc3\xa4", "\xe2\x80\x8e", "\x1f", "\xff",
		" \xc2" };
	char name[] = "ABZ@[`az09\xc3\x84";

	(void)state;
	for (size_t i = 0; i < COUNT(blanks); i++)
		assert_true(text_blank(blanks[i]));
	for (size_t i = 0; i < COUNT(words); i++)
		assert_false(text_blank(words[i]));
	assert_int_equal(text_length(""), 0);
	assert_int_equal(text_length("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), 4);
	text_lower(name);
	assert_string_equal(name, "abz@[`az09\xc3\x84");
}

static void
lists(void **state)
{
	static const struct {
		const char *words, *word;
		bool found;
	} rows[] = {
		{ "a bc d", "bc", true },
		{ "a,bc,\td", "D", true },
		{ "A", "a", true },
		{ " , a", "a", true },
		{ "ab", "a", false },
		{ "a", "ab", false },
		{ "a b", "a b", false },
		{ "a b", "", false },
		{ "", "", false },
		{ "", "a", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (text_lists(rows[i].words, rows[i].word, strlen(rows[i].word)) != rows[i].found)
			fail_msg("row %zu", i);
	assert_true(text_lists("ab", "abc", 2)); /* nothing behind the end */
}

static void
unescape(void **state)
{
	static const struct {
		const char *from, *to;
		ssize_t length;
	} rows[] = {
		{ "", "", 0 },
		{ "a+b%20c", "a b c", 5 },
		{ "%41%62%2B%2b%25", "Ab++%", 5 },
		{ "%C3%a4", "\xc3\xa4", 2 },
		{ "%2541", "%41", 3 }, /* decoded once */
		{ "a%00b", "a\0b", 3 },
		{ "%ff", "\xff", 1 },
		{ "%", NULL, -1 },
		{ "a%4", NULL, -1 },
		{ "%4g", NULL, -1 },
		{ "%g4", NULL, -1 },
		{ "% 41", NULL, -1 },
		{ "%+1", NULL, -1 },
		{ "%%41", NULL, -1 },
		{ "%u0041", NULL, -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *bytes = strdup(rows[i].from);
		ssize_t n = text_unescape(bytes, strlen(bytes));

		assert_int_equal(n, rows[i].length);
		if (n >= 0)
			assert_memory_equal(bytes, rows[i].to, (size_t)n);
		free(bytes);
	}
	assert_int_equal(text_unescape((char[]){ "%41" }, 2), -1); /* nothing behind the end */
}

static void
same(void **state)
{
	(void)state;
	assert_true(text_same("", 0, "", 0));
	assert_true(text_same("a\0b", 3, "a\0b", 3));
	assert_false(text_same("a\0b", 3, "a\0c", 3));
	assert_false(text_same("ab", 2, "a", 1));
	assert_false(text_same("ab", 1, "ab", 2));
}

/* RFC 4648 section 10, without its padding. */
static void
base64url(void **state)
{
	static const char *const known[][2] = { { "", "" }, { "f", "Zg" }, { "fo", "Zm8" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" },
		{ "foobar", "Zm9vYmFy" }, { "\xfb\xff\xfe", "-__-" } };
	static const char *const bad[] = { "A", "AAAAA", "Zg==", "Zh", "Zm9", "Zg ", " Zg", "Zm\n8",
		"+A", "/w", "Z.", "Zm8\xc3" };
	uint8_t bytes[64], back[64];
	char text[text_base64url_size(sizeof bytes)];

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		size_t n = strlen(known[i][0]);

		assert_int_equal(text_base64url(text, known[i][0], n), strlen(known[i][1]));
		assert_string_equal(text, known[i][1]);
	}
	assert_true(text_random(bytes, sizeof bytes));
	for (size_t n = 0; n <= sizeof bytes; n++) {
		size_t chars = text_base64url(text, bytes, n);

		assert_true(chars < text_base64url_size(n));
		assert_int_equal(text_unbase64url(back, text, chars), n);
		assert_memory_equal(back, bytes, n);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		if (text_unbase64url(back, bad[i], strlen(bad[i])) != -1)
			fail_msg("%s was taken", bad[i]);
	assert_int_equal(text_unbase64url(back, "Zg\0A", 4), -1);
}

static void
hexadecimal(void **state)
{
	static const char *const bad[] = { "", "0", "012", "01234", "0g12", "g012", "0x12", " 012",
		"-112" };
	uint8_t back[2];
	char text[5];

	(void)state;
	text_hex(text, "\x01\xaf", 2);
	assert_string_equal(text, "01af");
	assert_true(text_unhex(back, 2, "01aF", 4));
	assert_memory_equal(back, "\x01\xaf", 2);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(text_unhex(back, 2, bad[i], strlen(bad[i])));
}

/* FIPS 180-4: the examples of SHA-256, and a million times "a". */
static void
sha256(void **state)
{
	static char a[1000000];
	const struct {
		const char *bytes;
		size_t length;
		const char *digest;
	} rows[] = {
		{ "", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ a, sizeof a, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	};
	uint8_t digest[32];
	char text[65];

	(void)state;
	memset(a, 'a', sizeof a);
	for (size_t i = 0; i < COUNT(rows); i++) {
		text_sha256(digest, rows[i].bytes, rows[i].length);
		text_hex(text, digest, sizeof digest);
		assert_string_equal(text, rows[i].digest);
	}
}

/* RFC 4231, the cases whose key and data are texts, and a key of no bytes. */
static void
hmac(void **state)
{
	static char eleven[21], many[21], data[51], key[132];
	const struct {
		const char *key, *what, *mac;
	} rows[] = {
		{ eleven, "Hi There",
			"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ "Jefe", "what do ya want for nothing?",
			"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ many, data, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
		{ key, "Test Using Larger Than Block-Size Key - Hash Key First",
			"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
		{ "", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
	};
	uint8_t mac[32];
	char text[65];

	(void)state;
	memset(eleven, 0x0b, sizeof eleven - 1);
	memset(many, 0xaa, sizeof many - 1);
	memset(data, 0xdd, sizeof data - 1);
	memset(key, 0xaa, sizeof key - 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		text_hmac(mac, rows[i].key, rows[i].what);
		text_hex(text, mac, sizeof mac);
		assert_string_equal(text, rows[i].mac);
	}
}

static void
random_bytes(void **state)
{
	static uint8_t a[100000], b[100000];

	(void)state;
	assert_true(text_random(a, sizeof a) && text_random(b, sizeof b));
	assert_memory_not_equal(a, b, 32);
	assert_memory_not_equal(a + sizeof a - 32, b + sizeof b - 32, 32);
}

static void
duration(void **state)
{
	static const struct {
		const char *text;
		long seconds; /* -1 = refused */
	} rows[] = { { "0", 0 }, { "90", 90 }, { "90s", 90 }, { "15m", 900 }, { "12h", 43200 },
		{ "7d", 604800 }, { "007d", 604800 }, { "3660d", 316224000 },
		{ "316224000", 316224000 }, { "3661d", -1 }, { "316224001", -1 },
		{ "99999999999999999999", -1 }, { "99999999999999999999d", -1 }, { "", -1 },
		{ "d", -1 }, { "-1", -1 }, { "+1", -1 }, { " 1", -1 }, { "1 ", -1 }, { "1 d", -1 },
		{ "1w", -1 }, { "1D", -1 }, { "1dd", -1 }, { "1h30m", -1 }, { "1.5h", -1 },
		{ "0x10", -1 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		long seconds = -1;

		if (!text_duration(rows[i].text, &seconds))
			seconds = -1;
		if (seconds != rows[i].seconds)
			fail_msg("%s: %ld", rows[i].text, seconds);
	}
}

static void
N3_whole_numbers(void **state)
{
	static const struct {
		const char *text;
		int64_t value;
	} good[] = { { "0", 0 }, { "7", 7 }, { "-1", -1 }, { "100", 100 },
		{ "9223372036854775807", INT64_MAX }, { "-9223372036854775808", INT64_MIN } };
	static const char *const bad[] = { "", "-", "-0", "00", "01", "-01", "+1", " 1", "1 ",
		"1abc", "0x10", "1e3", "1.0", "--1", "9223372036854775808", "-9223372036854775809",
		"18446744073709551616", "99999999999999999999999999", "\xd9\xa1", "\n1" };
	int64_t value;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(text_int(good[i].text, &value));
		assert_true(value == good[i].value);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		if (text_int(bad[i], &value))
			fail_msg("%s was taken", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(N2_utf8),
		cmocka_unit_test(N2_utf8_every_code_point),
		cmocka_unit_test(length_blank_lower),
		cmocka_unit_test(lists),
		cmocka_unit_test(unescape),
		cmocka_unit_test(same),
		cmocka_unit_test(base64url),
		cmocka_unit_test(hexadecimal),
		cmocka_unit_test(sha256),
		cmocka_unit_test(hmac),
		cmocka_unit_test(random_bytes),
		cmocka_unit_test(duration),
		cmocka_unit_test(N3_whole_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
