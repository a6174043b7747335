/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * What the fuzz targets share: one entry for libFuzzer and for replay.c, a memory that is dropped
 * before each input, and HOLDS, the assertion of a property.
 */

#include "mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOLDS(what)  ((what) ? (void)0 : fuzz_failed(#what, __FILE__, __LINE__))
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The entry that libFuzzer knows (its name, and 0, are libFuzzer's). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn static inline void
fuzz_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

/* Memory for one input: what the last one took is poisoned. */
static inline struct mem *
fuzz_mem(void)
{
	static struct mem *m;

	if (m == NULL) {
		m = mem_new();
		json_object_seed(1); /* the same input takes the same way each time */
	}
	mem_drop(m);
	return m;
}

/* Take what stands before the next `stop` off the input, as a text in `m`; all if there is none. */
static inline const char *
fuzz_take(struct mem *m, const char **at, size_t *left, char stop)
{
	const char *from = *at, *end = *left > 0 ? memchr(from, stop, *left) : NULL;
	size_t n = end != NULL ? (size_t)(end - from) : *left;

	*at += n + (end != NULL);
	*left -= n + (end != NULL);
	return mem_copy(m, from, n);
}

/* Well-formed UTF-8 without a NUL, by jansson's judgement instead of ours. */
static inline bool
fuzz_utf8(const char *s, size_t length)
{
	json_t *json = json_stringn(s, length);
	bool good = json != NULL && memchr(s, '\0', length) == NULL;

	json_decref(json);
	return good;
}

/* True if a control character (C0, DEL, C1) is in the UTF-8 text `s`. */
static inline bool
fuzz_control(const char *s)
{
	for (const unsigned char *p = (const unsigned char *)s; *p != '\0'; p++)
		if (*p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0))
			return true;
	return false;
}

/* The characters of a UTF-8 text. */
static inline long
fuzz_chars(const char *s)
{
	long n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}
