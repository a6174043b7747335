/* SPDX-License-Identifier: ISC */
/* json: what is written reads back the same, whatever characters and sizes. */
#include "json.h"

#include "arena.h"

static void
as_written(void **state)
{
	static const char *const rows[] = { "null", "true", "false", "0", "-9223372036854775808",
		"9223372036854775807", "0.5", "1.0", "-2.5", "\"\"", "\"a\"", "[]", "{}",
		"[null,[1,[]],{\"a\":{}}]", "{\"b\":1,\"a\":[true,false],\"\":\"\"}",
		"\"\\b\\f\\n\\r\\t\\\"\\\\/\x7f\"", "\"\\u0001\\u001f\"",
		"\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"", "{\"\\n\":\"</script>\xe2\x80\xa8\"}" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *json = mem_json(m, json_loads(rows[i], JSON_DECODE_ANY, NULL));
		size_t length;
		const char *text = json_text(m, json, &length);

		assert_string_equal(text, rows[i]);
		assert_int_equal(length, strlen(rows[i]));
	}
}

/* Every character up to U+07FF, alone and between others, and a NUL. */
static void
every_character(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 0x800; c++) {
		char bytes[] = { 'x', (char)(c < 0x80 ? c : 0xc0 | c >> 6),
			(char)(c < 0x80 ? 'y' : 0x80 | (c & 63)), 'z' };
		json_t *json = mem_json(m, json_stringn(bytes, sizeof bytes)), *back;
		size_t length;
		const char *text = json_text(m, json, &length);

		back = mem_json(
			m, json_loadb(text, length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL));
		assert_int_equal(json_string_length(back), sizeof bytes);
		assert_memory_equal(json_string_value(back), bytes, sizeof bytes);
	}
}

/* Longer than the first piece of memory, in many small and a few large parts. */
static void
large(void **state)
{
	json_t *list = mem_json(m, json_array()), *back;
	char *long_text = mem_get(m, 100001);
	size_t length;
	const char *text;

	(void)state;
	memset(long_text, '"', 100000);
	for (int i = 0; i < 5000; i++)
		json_array_append_new(list, json_integer(i));
	for (int i = 0; i < 3; i++)
		json_array_append_new(list, json_string(long_text + 40000 * i));
	text = json_text(m, list, &length);
	assert_int_equal(length, strlen(text));
	back = mem_json(m, json_loadb(text, length, 0, NULL));
	assert_true(json_equal(list, back));
}

static void
moments(void **state)
{
	static const unsigned now[] = { 2026, 1, 31, 23, 59, 8 }, zero[6], old[6] = { 7, 12, 1 };
	static const struct {
		const unsigned *part;
		unsigned long milliseconds;
		bool day;
		const char *text;
	} rows[] = {
		{ now, 7, false, "2026-01-31T23:59:08.007Z" },
		{ now, 999, true, "2026-01-31" },
		{ zero, 0, false, "0000-00-00T00:00:00.000Z" },
		{ old, 0, true, "0007-12-01" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(
			json_string_value(mem_json(
				m, json_moment(rows[i].part, rows[i].milliseconds, rows[i].day))),
			rows[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_written),
		cmocka_unit_test(every_character),
		cmocka_unit_test(large),
		cmocka_unit_test(moments),
	};

	return cmocka_run_group_tests(tests, up, down);
}
