/* SPDX-License-Identifier: ISC */
/*
 * metrics: counts what a program does. Owns the file that its workers share; knows nothing of who
 * reads it.
 */
#include "metrics.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const uint32_t metric_bounds[METRIC_BOUNDS] = { 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000,
	250000, 500000, 1000000, 2500000 };

static struct metrics nowhere, *counts = &nowhere;

/* Nobody reads them together, so the order in which they grow is no matter. */
static void
add(uint64_t *to, uint64_t n)
{
	__atomic_fetch_add(to, n, __ATOMIC_RELAXED);
}

void
metrics_request(int status, long microseconds)
{
	unsigned bound = 0;

	while (bound < METRIC_BOUNDS && microseconds > (long)metric_bounds[bound])
		bound++;
	add(&counts->bucket[bound], 1);
	add(&counts->status[(unsigned)(status / 100 - 1) % METRIC_STATUSES], 1);
	add(&counts->microseconds, (uint64_t)microseconds);
}

void
metrics_add(enum metric what)
{
	add(&counts->other[what], 1);
}

void
metrics_login(int status)
{
	if (status < 500)
		metrics_add(status < 400 ? METRIC_LOGIN : METRIC_LOGIN_REFUSED);
}

void
metrics_open(const struct conf *conf, const char *class, const char *program)
{
	char path[PATH_MAX];
	const char *folder = conf->metrics_folder;
	struct metrics *map = MAP_FAILED;
	int fd;

	if (*folder == '\0')
		return;
	/* The folders of classes are there already where these are different users. */
	mkdir(folder, 0755);
	snprintf(path, sizeof path, "%s/%s", folder, class);
	mkdir(path, 0755);
	snprintf(path, sizeof path, "%s/%s/%s" METRICS_END, folder, class, program);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd >= 0 && fchmod(fd, 0644) == 0 && ftruncate(fd, sizeof *map) == 0)
		map = mmap(NULL, sizeof *map, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map != MAP_FAILED)
		counts = map;
	else
		log_error("%s: %s, so nothing is counted (metrics.folder)", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}
