/* SPDX-License-Identifier: ISC */
/*
 * pass: what a failed check costs. Costs are CPU times, compared loosely: the exact figures belong
 * to a quiet machine.
 */
#include "pass.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum {
	COST = 8
};

#define HORSE    "correct horse"
#define BCRYPT_5 "$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2"

static const char sha512[] =
	"$6$saltsalt$hRM5XZ86KXEw9UOmjigeVqFgULtFB2sgpC9lXQDfMib3Zgw7mEiUvBJI2E"
	"plzfAqxL5Vvwp2scFtv/uamSo5z0";
static const char yescrypt[] =
	"$y$j75$k2XAnEHBqQ1Ct2aMXFKNa/$E9XAySfP6N2THWdzNKesSVmhpcmhNusa8y5TMfT668.";
static const char heavier[] =
	"$y$j9T$k2XAnEHBqQ1Ct2aMXFKNa/$Ry7oZ9ThqkDutyuKduodO92iRCkOPEVA3D3cGUEN1J1";
static const char scrypt[] =
	"scrypt:1024:8:1$x$71c213460ed28355dad893500ba93e7e28aa3a53a442982a1af51055d3e38"
	"d0fa0d92840ffeafb6c5c135e4cd79e17cd08fbcab668a4f93f9dcdd40f640c28bb";
static const char pbkdf2[] =
	"pbkdf2:sha256:1000$bY18bY18bY18bY18$1f4169a1b7b2017d23698e213d1fa286430468159"
	"12c116fb6e937b446a9d093";

/* CPU milliseconds of one failed check. */
static double
failing(int cost, const char *hash, const char *password, size_t length)
{
	const struct pass_rules rules = { .cost = cost };
	struct timespec a, b;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	assert_int_equal(pass_check(&rules, hash, password, length), PASS_WRONG);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	return (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
}

/* Both are measured by turns and their least times compared, as the machine's speed may change. */
static void
compare(int cost, const char *hash, const char *password, size_t length)
{
	double unknown = 1e9, ms = 1e9;

	for (int i = 0; i < 5; i++) {
		double u = failing(cost, NULL, "x", 1), m = failing(cost, hash, password, length);

		unknown = u < unknown ? u : unknown;
		ms = m < ms ? m : ms;
	}
	if (ms < unknown * 0.8 || ms > unknown * 1.25)
		fail_msg("%.1f ms instead of %.1f: %s", ms, unknown, hash);
}

static void
assert_as_unknown(const char *hash, const char *password, size_t length)
{
	compare(COST, hash, password, length);
}

static void
A1_wrong_costs_as_much_as_unknown(void **state)
{
	const struct pass_rules rules = { .cost = COST };
	char hash[PASS_HASH_MAX];
	bool busy;

	(void)state;
	assert_true(pass_hash(&rules, hash, HORSE, strlen(HORSE), &busy));
	assert_as_unknown(hash, "wrong", 5);
}

static void
A2_older_hashes_are_topped_up(void **state)
{
	static const char *const older[] = { BCRYPT_5, sha512, yescrypt, scrypt, pbkdf2 };

	(void)state;
	for (size_t i = 0; i < sizeof older / sizeof older[0]; i++)
		assert_as_unknown(older[i], "wrong", 5);
	compare(10, heavier, "wrong", 5); /* takes about half of it by itself */
}

static void
A4_long_passwords_cost_the_same(void **state)
{
	char k[2000];

	(void)state;
	memset(k, 'k', sizeof k);
	assert_as_unknown(NULL, k, 73);
	assert_as_unknown(BCRYPT_5, k, 73);
	assert_as_unknown(BCRYPT_5, k, sizeof k);
	assert_as_unknown(BCRYPT_5, "a\0b", 3);
	assert_as_unknown(BCRYPT_5, "", 0);
	assert_as_unknown(scrypt, k, sizeof k);
}

static void
A13_damaged_hashes_cost_the_same(void **state)
{
	static const char *const damaged[] = { "", "*0", "!", "$2b$", "$2b$05$tooshort",
		"$2b$16$abcdefghijklmnopqrstuuN1zDYnS8knH.5ajGV9KBmCO0Lwk.8xm",
		"$2b$05$abcdefghij!lmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2", "$6$a:b$x",
		"$y$jZT$x$x", "scrypt:1:1:1$x$x", "pbkdf2:sha256:0$x$x" };

	(void)state;
	for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++)
		assert_as_unknown(damaged[i], HORSE, strlen(HORSE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(A1_wrong_costs_as_much_as_unknown),
		cmocka_unit_test(A2_older_hashes_are_topped_up),
		cmocka_unit_test(A4_long_passwords_cost_the_same),
		cmocka_unit_test(A13_damaged_hashes_cost_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
