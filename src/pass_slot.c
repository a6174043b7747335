/* SPDX-License-Identifier: ISC */
/*
 * pass, the slots: how many hashes may be computed at once on this machine, over all processes. A
 * slot is an flock(2) on a file, so the kernel frees it however its holder ends. Knows nothing of
 * passwords.
 */
#include "pass_parts.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum {
	STEP_MS = 10, /* between two rounds over the slots; a hash takes some hundred */
	TAKEN = -1,
	BROKEN = -2
};

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int
pass_slots(long cores)
{
	return cores < 4 ? 1 : (int)(cores / 2);
}

/*
 * The descriptor of slot `i`, locked; or TAKEN, or BROKEN. It is opened anew each time: the lock
 * belongs to the open file, so a descriptor kept over a fork would be one slot held twice.
 */
static int
claim(const char *folder, int i)
{
	char path[PATH_MAX];
	int fd, n = snprintf(path, sizeof path, "%s/slot-%d", folder, i);

	if ((size_t)n >= sizeof path)
		return BROKEN;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		log_error("hashing slot %s: %s", path, strerror(errno));
		return BROKEN;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return TAKEN;
}

bool
pass_slot_take(const struct pass_rules *rules, int *slot)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };
	int slots = rules->slots > 0 ? rules->slots : pass_slots(sysconf(_SC_NPROCESSORS_ONLN));
	int64_t end = now_ms() + rules->wait;

	*slot = -1;
	if (rules->locks == NULL || *rules->locks == '\0')
		return true;
	for (;;) {
		for (int i = 0; i < slots; i++) {
			*slot = claim(rules->locks, i);
			if (*slot != TAKEN)
				return *slot != BROKEN;
		}
		if (now_ms() >= end)
			return false;
		nanosleep(&step, NULL);
	}
}

void
pass_slot_drop(int slot)
{
	if (slot >= 0)
		close(slot);
}
