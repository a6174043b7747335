/* SPDX-License-Identifier: ISC */
/*
 * pass: new hashes, what counts as weak, and the passwords that bcrypt would take for one another.
 * test_pass_known.c has the formats, test_pass_cost.c the time that a check takes.
 */
#include "pass.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HORSE "correct horse"

/* What bcrypt makes of HORSE at cost 5, but for the four characters in front. */
#define HORSE_05 "05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2"

/* of 511 times "k" */
static const char sha512_of_511[] =
	"$6$rounds=1000$saltsalt$haz0QD0bknC69Hgp.oGrjrxePzGOfKaMURgk8omMrTOTHs"
	"uNqPtQNyX0alhXbUw6uxGf4aUTjXH.hvXnLpXkS/";

static const struct pass_rules quick = { .cost = 4 };

static enum pass
check(const char *hash, const char *password)
{
	return pass_check(&quick, hash, password, strlen(password));
}

/* A libcrypt that fails twice answers "*0" or "*1" twice: two failures are not a match. */
static void
A13_failures_do_not_match(void **state)
{
	char long_one[600];

	(void)state;
	memset(long_one, 'k', sizeof long_one);
	assert_int_equal(check("*0", "*0"), PASS_WRONG);
	assert_int_equal(check("*1", "*0"), PASS_WRONG);
	assert_int_equal(pass_check(&quick, "*0", long_one, sizeof long_one), PASS_WRONG);
	assert_int_equal(pass_check(&quick, "*1", long_one, sizeof long_one), PASS_WRONG);
	assert_int_equal(pass_check(&quick, sha512_of_511, long_one, sizeof long_one), PASS_WRONG);
}

static void
A1_unknown_user(void **state)
{
	(void)state;
	assert_int_equal(check(NULL, HORSE), PASS_WRONG);
	assert_int_equal(check(NULL, "-"), PASS_WRONG);
	assert_int_equal(check(NULL, ""), PASS_WRONG);
	assert_int_equal(pass_check(&quick, NULL, NULL, 0), PASS_WRONG);
}

static void
A2_weak(void **state)
{
	const struct pass_rules six = { .cost = 6 }, five = { .cost = 5 };

	(void)state;
	assert_int_equal(pass_check(&five, "$2b$" HORSE_05, HORSE, strlen(HORSE)), PASS_RIGHT);
	assert_int_equal(pass_check(&quick, "$2b$" HORSE_05, HORSE, strlen(HORSE)), PASS_RIGHT);
	assert_int_equal(pass_check(&six, "$2b$" HORSE_05, HORSE, strlen(HORSE)), PASS_WEAK);
	assert_int_equal(pass_check(&five, "$2a$" HORSE_05, HORSE, strlen(HORSE)), PASS_WEAK);
	assert_int_equal(pass_check(&five, "$2y$" HORSE_05, HORSE, strlen(HORSE)), PASS_WEAK);
}

static void
hash_and_check(void **state)
{
	const struct pass_rules five = { .cost = 5 };
	char first[PASS_HASH_MAX], second[PASS_HASH_MAX];
	bool busy = true;

	(void)state;
	assert_true(pass_hash(&five, first, HORSE, strlen(HORSE), &busy));
	assert_false(busy);
	assert_true(pass_hash(&five, second, HORSE, strlen(HORSE), &busy));
	assert_int_equal(strlen(first), 60);
	assert_memory_equal(first, "$2b$05$", 7);
	assert_string_not_equal(first, second);
	assert_int_equal(pass_check(&five, first, HORSE, strlen(HORSE)), PASS_RIGHT);
	assert_int_equal(pass_check(&five, second, HORSE, strlen(HORSE)), PASS_RIGHT);
	/* `length` decides, not a NUL */
	assert_true(pass_hash(&quick, first, HORSE, 7, &busy));
	assert_int_equal(check(first, "correct"), PASS_RIGHT);
	assert_int_equal(check(first, HORSE), PASS_WRONG);
}

static void
A4_hash_refuses(void **state)
{
	static char big[1 << 20];
	char out[PASS_HASH_MAX];
	bool busy;

	(void)state;
	memset(big, 'a', sizeof big);
	for (size_t length = 0; length <= sizeof big; length = length == 0 ? 73 : length * 2) {
		memset(out, 'x', sizeof out);
		busy = true;
		assert_false(pass_hash(&quick, out, big, length, &busy));
		assert_false(busy);
		assert_string_equal(out, "");
	}
	assert_false(pass_hash(&quick, out, "ab\0cd", 5, &busy));
	assert_false(pass_hash(&quick, out, "\0", 1, &busy));
	assert_false(pass_hash(&quick, out, "ab\0", 3, &busy));
	assert_true(pass_hash(&quick, out, big, 72, &busy));
	assert_int_equal(pass_check(&quick, out, big, 72), PASS_RIGHT);
}

static void
A4_never_two_passwords_equal(void **state)
{
	/* of 72 times "a", of "ab", of nothing, of "-" */
	static const char bcrypt_72[] =
		"$2b$05$abcdefghijklmnopqrstuuGUnCqbfgs3htOkLrFduUjAyLBw1Rq/u";
	static const char bcrypt_ab[] =
		"$2b$05$abcdefghijklmnopqrstuu0EJam7uq2UHswNA05epRm6fJdiFmbUi";
	static const char bcrypt_empty[] =
		"$2b$05$abcdefghijklmnopqrstuu0oImNDIy4flhldV9YqunRgBAePKmw7m";
	static const char bcrypt_dash[] =
		"$2b$05$abcdefghijklmnopqrstuuSLSyUevfyNdEDFVS5Et/H8CvRFSPnyW";
	char a[200], b[200];

	(void)state;
	memset(a, 'a', sizeof a);
	memcpy(b, a, sizeof b);
	b[72] = 'b';
	b[199] = 'b';
	/* what is hashed in the place of a password that cannot be right is no password */
	assert_int_equal(check(bcrypt_dash, "-"), PASS_RIGHT);
	assert_int_equal(check(bcrypt_dash, ""), PASS_WRONG);
	assert_int_equal(pass_check(&quick, bcrypt_dash, a, 73), PASS_WRONG);
	assert_int_equal(pass_check(&quick, bcrypt_72, a, 72), PASS_RIGHT);
	assert_int_equal(pass_check(&quick, bcrypt_72, a, 71), PASS_WRONG);
	assert_int_equal(pass_check(&quick, bcrypt_72, a, 73), PASS_WRONG);
	assert_int_equal(pass_check(&quick, bcrypt_72, b, 73), PASS_WRONG);
	assert_int_equal(pass_check(&quick, bcrypt_72, a, 200), PASS_WRONG);
	assert_int_equal(pass_check(&quick, bcrypt_72, b, 200), PASS_WRONG);
	/* bcrypt sees a password over and over with its NUL: "ab" is "ab\0ab" to it */
	assert_int_equal(pass_check(&quick, bcrypt_ab, "ab", 2), PASS_RIGHT);
	assert_int_equal(pass_check(&quick, bcrypt_ab, "ab\0", 3), PASS_WRONG);
	assert_int_equal(pass_check(&quick, bcrypt_ab, "ab\0ab", 5), PASS_WRONG);
	assert_int_equal(pass_check(&quick, bcrypt_ab, "ab\0cd", 5), PASS_WRONG);
	assert_int_equal(check(bcrypt_ab, "ab\r\n"), PASS_WRONG);
	assert_int_equal(check(bcrypt_empty, ""), PASS_WRONG);
}

static void
A4_long_passwords_of_other_formats(void **state)
{
	static const char *const of_1024[] = {
		"scrypt:2:1:1$longlonglong$edc5c722f64e4ed63aba73af35bfcd8cf6243"
		"8aba1bdb097b247de50bbc32ca1eb16f"
		"270f6b0f91d8e2d8f5bd49e1ff064b9f410ffc66b02b39c14c0f7493faf",
		"pbkdf2:sha256:1$longlonglong$1d43b991c651401ce210a32e00ad748447"
		"d365634a95b9cb7b82b32ccd442ff6",
	};
	char k[1025];

	(void)state;
	memset(k, 'k', sizeof k);
	for (size_t i = 0; i < sizeof of_1024 / sizeof of_1024[0]; i++) {
		assert_int_equal(pass_check(&quick, of_1024[i], k, 1024), PASS_WEAK);
		assert_int_equal(pass_check(&quick, of_1024[i], k, 1023), PASS_WRONG);
		assert_int_equal(pass_check(&quick, of_1024[i], k, 1025), PASS_WRONG);
	}
	assert_int_equal(pass_check(&quick, sha512_of_511, k, 511), PASS_WEAK);
	assert_int_equal(pass_check(&quick, sha512_of_511, k, 512), PASS_WRONG);
	k[100] = '\0';
	for (size_t i = 0; i < sizeof of_1024 / sizeof of_1024[0]; i++)
		assert_int_equal(pass_check(&quick, of_1024[i], k, 1024), PASS_WRONG);
	assert_int_equal(pass_check(&quick, sha512_of_511, k, 511), PASS_WRONG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(A13_failures_do_not_match),
		cmocka_unit_test(A1_unknown_user),
		cmocka_unit_test(A2_weak),
		cmocka_unit_test(hash_and_check),
		cmocka_unit_test(A4_hash_refuses),
		cmocka_unit_test(A4_never_two_passwords_equal),
		cmocka_unit_test(A4_long_passwords_of_other_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
