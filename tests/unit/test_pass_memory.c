/* SPDX-License-Identifier: ISC */
/* pass: without memory, a thread or randomness, and with a cost that is none. */
#include "fail_help.h"
#include "pass.h"

#define HORSE "correct horse"

static const struct pass_rules quick = { .cost = 4 };

static const char bcrypt[] = "$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2";

/* What a child says of the hash `what` of HORSE. */
static void
check(const void *what)
{
	fprintf(stderr, "%d", (int)pass_check(&quick, what, HORSE, strlen(HORSE)));
}

static void
check_without_memory(const void *what)
{
	limit_memory(32 << 20);
	check(what);
}

static void
check_without_thread(const void *what)
{
	fail_call(SYS_clone3, EAGAIN);
	fail_call(SYS_clone, EAGAIN);
	check(what);
}

static enum pass
found(void (*run)(const void *), const char *hash)
{
	char said[100];

	assert_int_equal(in_child(run, hash, said, sizeof said), 0);
	assert_int_equal(strlen(said), 1);
	return (enum pass)(said[0] - '0');
}

/* Then nothing was checked, and nobody is told that a right password is wrong. */
static void
F11_no_memory_is_busy(void **state)
{
	static const char yescrypt[] =
		"$y$jCT$k2XAnEHBqQ1Ct2aMXFKNa/$rXrflxSwptJ2mXq/vWqF8TI7qjh/a.sPpTS8H30cCm/";
	static const char *const werkzeugs[] = {
		"scrypt:1024:8:1$x$71c213460ed28355dad893500ba93e7e28aa3a53a442982a1af51055d3e38d0f"
		"a0d92840ffeafb6c5c135e4cd79e17cd08fbcab668a4f93f9dcdd40f640c28bb",
		"pbkdf2:sha256:1000$bY18bY18bY18bY18$1f4169a1b7b2017d23698e213d1fa286430468159"
		"12c116fb6e937b446a9d093",
	};

	(void)state;
	assert_int_equal(found(check, yescrypt), PASS_WEAK);
	assert_int_equal(found(check_without_memory, yescrypt), PASS_BUSY);
	assert_int_equal(found(check_without_memory, "$y$jCT$k2XAnEHBqQ1C!2a$x"), PASS_WRONG);
	for (size_t i = 0; i < COUNT(werkzeugs); i++) {
		long busy = 0, nth = 0;

		do {
			enum pass now;

			fail_at = nth++;
			now = pass_check(&quick, werkzeugs[i], HORSE, strlen(HORSE));
			assert_true(now == PASS_WEAK || now == PASS_BUSY);
			busy += now == PASS_BUSY;
		} while (fail_at == 0);
		assert_true(busy > 0);
	}
}

static void
no_thread_is_no_hindrance(void **state)
{
	(void)state;
	assert_int_equal(found(check_without_thread, bcrypt), PASS_RIGHT);
	assert_int_equal(found(check_without_thread, "$2b$"), PASS_WRONG);
}

static void
hash_without_randomness(const void *unused)
{
	char out[PASS_HASH_MAX] = "x";
	bool busy = true, done;

	(void)unused;
	fail_call(SYS_getrandom, ENOSYS);
	done = pass_hash(&quick, out, HORSE, strlen(HORSE), &busy);
	fprintf(stderr, "%d %d '%s'", done, busy, out);
}

static void
F12_no_hash_without_randomness(void **state)
{
	char said[100];

	(void)state;
	assert_int_equal(in_child(hash_without_randomness, NULL, said, sizeof said), 0);
	assert_string_equal(said, "0 1 ''"); /* as if there were no room: 503 */
}

static void
check_at_cost(const void *cost)
{
	const struct pass_rules rules = { .cost = *(const int *)cost };

	pass_check(&rules, bcrypt, HORSE, strlen(HORSE));
}

static void
a_cost_out_of_range_ends_the_process(void **state)
{
	static const int costs[] = { -1, 0, 3, 16, 31 };

	(void)state;
	for (size_t i = 0; i < COUNT(costs); i++)
		assert_aborts(check_at_cost, &costs[i], "pass: the cost is out of range");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(F11_no_memory_is_busy),
		cmocka_unit_test(no_thread_is_no_hindrance),
		cmocka_unit_test(F12_no_hash_without_randomness),
		cmocka_unit_test(a_cost_out_of_range_ends_the_process),
	};

	fail_set_up();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
