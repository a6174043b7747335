/* SPDX-License-Identifier: ISC */
/*
 * pass: how many hashes run at once on a machine, and in what kind of thread. The other holders of
 * slots are child processes.
 */
#include "pass_parts.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	COST = 9,
	CAN_BE_BLOCKED = 0x7ffbfeff /* signals 1 to 31 but KILL and STOP */
};

#define HORSE    "correct horse"
#define BCRYPT_5 "$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2"

static char folder[64];
static int nice_at_start;

static double
ms_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* A child that holds slot `i` until it is killed; returns when it has it. */
static pid_t
holder(int i)
{
	char path[128], byte;
	int ready[2];
	pid_t child;

	snprintf(path, sizeof path, "%s/slot-%d", folder, i);
	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int fd = open(path, O_RDWR | O_CREAT, 0600);

		if (fd < 0 || flock(fd, LOCK_EX) != 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		alarm(60);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

static void
end(pid_t child)
{
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void
A14_busy_after_the_wait(void **state)
{
	const struct pass_rules rules = { .cost = 4, .locks = folder, .slots = 1, .wait = 100 };
	pid_t child = holder(0);
	char out[PASS_HASH_MAX];
	double start = ms_of(CLOCK_MONOTONIC), took;
	bool busy = false;

	(void)state;
	assert_int_equal(pass_check(&rules, BCRYPT_5, HORSE, strlen(HORSE)), PASS_BUSY);
	took = ms_of(CLOCK_MONOTONIC) - start;
	assert_true(took >= 99 && took < 3000);
	assert_int_equal(pass_check(&rules, NULL, HORSE, strlen(HORSE)), PASS_BUSY);
	assert_false(pass_hash(&rules, out, HORSE, strlen(HORSE), &busy));
	assert_true(busy);
	assert_string_equal(out, "");
	end(child);
	assert_int_equal(pass_check(&rules, BCRYPT_5, HORSE, strlen(HORSE)), PASS_RIGHT);
}

static void
A14_death_frees_a_slot(void **state)
{
	const struct pass_rules rules = { .cost = 4, .locks = folder, .slots = 1, .wait = 20000 };
	pid_t child = holder(0), killer = fork();

	(void)state;
	assert_true(killer >= 0);
	if (killer == 0) {
		usleep(50000);
		kill(child, SIGKILL);
		_exit(0);
	}
	assert_int_equal(pass_check(&rules, BCRYPT_5, HORSE, strlen(HORSE)), PASS_RIGHT);
	assert_int_equal(waitpid(killer, NULL, 0), killer);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void
A14_another_slot_is_taken(void **state)
{
	const struct pass_rules rules = { .cost = 4, .locks = folder, .slots = 2, .wait = 0 };
	pid_t first = holder(0), second;

	(void)state;
	assert_int_equal(pass_check(&rules, BCRYPT_5, HORSE, strlen(HORSE)), PASS_RIGHT);
	second = holder(1);
	assert_int_equal(pass_check(&rules, BCRYPT_5, HORSE, strlen(HORSE)), PASS_BUSY);
	end(first);
	assert_int_equal(pass_check(&rules, BCRYPT_5, HORSE, strlen(HORSE)), PASS_RIGHT);
	end(second);
}

/* With one slot the CPU time of two processes is spent one after the other. */
static void
A14_one_slot_serves_one_at_a_time(void **state)
{
	const struct pass_rules rules = {
		.cost = COST, .locks = folder, .slots = 1, .wait = 60000
	};
	double start = ms_of(CLOCK_MONOTONIC), wall, cpu;
	struct rusage before, after;
	int status;

	(void)state;
	getrusage(RUSAGE_CHILDREN, &before);
	for (int i = 0; i < 2; i++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child != 0)
			continue;
		for (int n = 0; n < 4; n++)
			if (pass_check(&rules, NULL, "x", 1) != PASS_WRONG)
				_exit(1);
		_exit(0);
	}
	for (int i = 0; i < 2; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	wall = ms_of(CLOCK_MONOTONIC) - start;
	getrusage(RUSAGE_CHILDREN, &after);
	cpu = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1e3 +
		(double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1e3;
	assert_true(cpu > 0);
	if (wall < 0.9 * cpu)
		fail_msg("%.0f ms of CPU in %.0f ms", cpu, wall);
}

static void
A14_slot_files(void **state)
{
	const struct pass_rules rules = { .cost = 4, .locks = folder, .slots = 1 };
	struct stat st;
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "%s/slot-0", folder);
	unlink(path);
	assert_int_equal(pass_check(&rules, BCRYPT_5, HORSE, strlen(HORSE)), PASS_RIGHT);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
A14_one_slot_for_every_two_cores(void **state)
{
	static const struct {
		long cores;
		int slots;
	} rows[] = { { -1, 1 }, { 0, 1 }, { 1, 1 }, { 2, 1 }, { 3, 1 }, { 4, 2 }, { 5, 2 },
		{ 64, 32 } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(pass_slots(rows[i].cores), rows[i].slots);
}

static void
no_folder_no_limit(void **state)
{
	const struct pass_rules none = { .cost = 4, .slots = 1 },
				empty = { .cost = 4, .locks = "", .slots = 1 };

	(void)state;
	assert_int_equal(pass_check(&none, BCRYPT_5, HORSE, strlen(HORSE)), PASS_RIGHT);
	assert_int_equal(pass_check(&empty, BCRYPT_5, HORSE, strlen(HORSE)), PASS_RIGHT);
}

/* A folder that cannot be used stops logins, and says so; it does not lift the limit. */
static void
A14_no_folder_is_busy(void **state)
{
	const struct pass_rules rules = {
		.cost = 4, .locks = "/nonexistent", .slots = 1, .wait = 5000
	};
	static char longest[5000];
	const struct pass_rules too_long = { .cost = 4, .locks = longest, .slots = 1 };
	int keep = dup(STDERR_FILENO), log[2];
	char line[512] = "";
	enum pass found;

	(void)state;
	assert_int_equal(pipe(log), 0);
	dup2(log[1], STDERR_FILENO);
	found = pass_check(&rules, BCRYPT_5, HORSE, strlen(HORSE));
	dup2(keep, STDERR_FILENO);
	close(log[1]);
	close(keep);
	assert_true(read(log[0], line, sizeof line - 1) > 0);
	close(log[0]);
	assert_int_equal(found, PASS_BUSY);
	assert_non_null(strstr(line, "/nonexistent/slot-0: No such file"));
	memset(longest, 'x', sizeof longest - 1);
	assert_int_equal(pass_check(&too_long, BCRYPT_5, HORSE, strlen(HORSE)), PASS_BUSY);
}

static atomic_bool over, low, hears; /* low, hears: what was seen of the hashing thread */

/* Is there a signal that the thread `task` of this process would take? */
static bool
hears_signals(const char *task)
{
	char path[64], line[128];
	bool any = false;
	FILE *status;

	snprintf(path, sizeof path, "/proc/self/task/%.20s/status", task);
	if ((status = fopen(path, "r")) == NULL)
		return false;
	while (fgets(line, sizeof line, status) != NULL)
		if (strncmp(line, "SigBlk:", 7) == 0)
			any = (~strtoull(line + 7, NULL, 16) & CAN_BE_BLOCKED) != 0;
	fclose(status);
	return any;
}

static bool
is_low(const char *task)
{
	return getpriority(PRIO_PROCESS, (id_t)strtol(task, NULL, 10)) == 10;
}

static void *
watch(void *unused)
{
	while (!over) {
		DIR *tasks = opendir("/proc/self/task");
		struct dirent *task;

		while ((task = readdir(tasks)) != NULL) {
			if (!is_low(task->d_name))
				continue;
			low = true;
			/* A thread that ends meanwhile is said to block nothing. */
			if (hears_signals(task->d_name) && is_low(task->d_name))
				hears = true;
		}
		closedir(tasks);
		usleep(1000);
	}
	return unused;
}

static void
A14_low_priority_and_no_signals(void **state)
{
	const struct pass_rules rules = { .cost = COST };
	pthread_t watcher;
	sigset_t mask;

	(void)state;
	if (nice_at_start >= 10)
		skip();
	assert_int_equal(pthread_create(&watcher, NULL, watch, NULL), 0);
	for (int i = 0; i < 3 || (!low && i < 40); i++)
		assert_int_equal(pass_check(&rules, NULL, "x", 1), PASS_WRONG);
	over = true;
	pthread_join(watcher, NULL);
	assert_true(low);
	assert_false(hears);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), nice_at_start);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
	assert_false(sigismember(&mask, SIGTERM));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(A14_busy_after_the_wait),
		cmocka_unit_test(A14_death_frees_a_slot),
		cmocka_unit_test(A14_another_slot_is_taken),
		cmocka_unit_test(A14_one_slot_serves_one_at_a_time),
		cmocka_unit_test(A14_slot_files),
		cmocka_unit_test(A14_one_slot_for_every_two_cores),
		cmocka_unit_test(no_folder_no_limit),
		cmocka_unit_test(A14_no_folder_is_busy),
		cmocka_unit_test(A14_low_priority_and_no_signals),
	};
	char path[128];
	int failed;

	nice_at_start = getpriority(PRIO_PROCESS, 0);
	snprintf(folder, sizeof folder, "/tmp/test_pass.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/slot-%d", folder, i);
		unlink(path);
	}
	rmdir(folder);
	return failed;
}
