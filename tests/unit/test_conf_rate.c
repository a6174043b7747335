/* SPDX-License-Identifier: ISC */
/* conf_rate: how a limit is written in the settings. */
#include "conf.h"
#include "conf_table.h"

#include "child.h"

static void
limits(void **state)
{
	static const struct {
		const char *text;
		long most, seconds;
	} rows[] = {
		{ "10/10m", 10, 600 },
		{ "1/1", 1, 1 },
		{ "150/5m", 150, 300 },
		{ "1000/1s", 1000, 1 },
		{ "1000000/1h", 1000000, 3600 },
		{ "3/366d", 3, 366 * 86400L },
		{ "off", 0, 0 },
		{ "0", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rate made = { -1, -1 };

		assert_true(conf_rate(rows[i].text, &made));
		assert_int_equal(made.most, rows[i].most);
		assert_int_equal(made.seconds, rows[i].seconds);
	}
}

static void
anything_else_is_refused(void **state)
{
	static const char *const rows[] = { "", "10", "10/", "/10m", "10/10x", "10/ 10m", "10 /10m",
		"-1/10m", "+1/10m", "01/10m", "0/10m", "1.5/10m", "10/10m/1", "10//10m", "10/-1",
		"10/0", "OFF", "on", "00", "1000001/1d", "12345678/1d", "99999999999999999999/1d",
		"1001/1", "x/1m", "10\\10m" };
	struct rate made;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (conf_rate(rows[i], &made))
			fail_msg("%s is %ld in %ld s", rows[i], made.most, made.seconds);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
