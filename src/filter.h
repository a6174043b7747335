/* SPDX-License-Identifier: ISC */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What a filter made: up to `room` bytes of it, and its end as waitpid(2) tells it. */
struct filtered {
	char *at;
	size_t room, length;
	int status;
};

/*
 * Run this program with one option between these bytes and what it makes of them, without settings,
 * environment or descriptors. False if there is no process to be had, or its pipes failed.
 */
bool filter_apart(const char *option, const void *bytes, size_t length, struct filtered *made);

/* In the filter: bounds on memory and on seconds of a processor, and nothing more is opened. */
void filter_confine(size_t memory, unsigned seconds);

/* read(2) until the end or `size` bytes: their number is added to *total. False if it fails. */
bool filter_read(int fd, char *to, size_t size, size_t *total);
