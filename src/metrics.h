/* SPDX-License-Identifier: ISC */
#pragma once

#include "conf.h"
#include "mem.h"

#include <stdint.h>

/*
 * What a program counts, in a file of metrics.folder that all its workers have in their memory:
 * each adds to a number by one instruction, and waits for nobody. It outlives them, so that it
 * counts as well where each request is a process.
 */

/* What is counted beside requests. */
enum metric {
	METRIC_LOGIN,         /* the right password */
	METRIC_LOGIN_REFUSED, /* any other */
	METRIC_MAIL_SENT,
	METRIC_MAIL_LATER, /* it will be tried again */
	METRIC_MAIL_FAILED,
	METRICS,
	METRIC_BOUNDS = 12, /* of the histogram, one more bucket is above them */
	METRIC_STATUSES = 5,
};

/* A file of counts: numbers that only grow. */
struct metrics {
	uint64_t status[METRIC_STATUSES]; /* requests, by the first digit of their status */
	uint64_t bucket[METRIC_BOUNDS + 1];
	uint64_t microseconds; /* of all of them */
	uint64_t other[METRICS];
};

/* The upper bounds of the buckets, in microseconds. */
extern const uint32_t metric_bounds[METRIC_BOUNDS];

/* The end of the names of such files: another layout has another one. */
#define METRICS_END ".counts1"

/* Count into the program's file from now on. Without metrics.folder, or where it cannot be written
 * (one line in the log), what is counted is forgotten. */
void metrics_open(const struct conf *conf, const char *class, const char *program);

void metrics_request(int status, long microseconds);
void metrics_login(int status); /* of the answer to a try at a password */
void metrics_add(enum metric what);

/* All that is counted, in the text format of Prometheus 0.0.4, in `m`. */
const char *metrics_text(const struct conf *conf, struct mem *m);
