/* SPDX-License-Identifier: ISC */
/* http_credential: name and password of a Basic credential, spelled in the one right way. */
#include "http.h"

#include "arena.h"

static void
name_and_password(void **state)
{
	static const struct {
		const char *text, *name, *password;
	} good[] = {
		{ "YTpi", "a", "b" },
		{ "YTo=", "a", "" },
		{ "OmI=", "", "b" },
		{ "Og==", "", "" },
		{ "YTpiOmM6", "a", "b:c:" },
		{ "w6Q6IOKCrCA=", "\xc3\xa4", " \xe2\x82\xac " },
		{ "Pz8+Pj86Pj8/", "?\?>>?", ">?\?" },
	};
	const char *name, *password;

	(void)state;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_true(http_basic(m, good[i].text, &name, &password));
		assert_string_equal(name, good[i].name);
		assert_string_equal(password, good[i].password);
	}
}

static void
anything_else(void **state)
{
	static const char *const bad[] = {
		"",
		"=",
		"====",
		"YQ==",
		"YTpi=",
		"YTpiYw",
		"YTpiYx==",
		"YTpi\n",
		"YTpi YTpi",
		"YTp_",
		"Pz8-Pj86Pj8_",
		"YTpi====",
		"YTo=YTo=",
		"/zp4",
		"7aCAOng=",
		"YQA6Yg==",
		"YQo6Yg==",
		"YX86Yg==",
		"YTpi,",
	};
	const char *name, *password;

	(void)state;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(http_basic(m, bad[i], &name, &password));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_and_password),
		cmocka_unit_test(anything_else),
	};

	return cmocka_run_group_tests(tests, up, down);
}
