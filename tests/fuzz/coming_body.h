/* SPDX-License-Identifier: ISC */
#pragma once

#include "http.h"

#include <string.h>

/* A body that comes in pieces of `step` bytes. */
struct coming_body {
	const char *at, *end;
	size_t step;
};

static inline ssize_t
more_of(void *source, char *to, size_t size)
{
	struct coming_body *b = source;
	size_t n = (size_t)(b->end - b->at);

	n = n < size ? n : size;
	n = n < b->step ? n : b->step;
	memcpy(to, b->at, n);
	b->at += n;
	return (ssize_t)n;
}
