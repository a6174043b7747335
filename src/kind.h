/* SPDX-License-Identifier: ISC */
#pragma once

#include "mem.h"

#include <stddef.h>

enum {
	KIND_BYTES = 16 * 1024 /* of a file's beginning, which say what it is */
};

/* The media type of a file by how it begins, in `m`; "application/octet-stream" if that says
 * nothing. By a process of its own, this program's as kind_filter. */
const char *kind_of(struct mem *m, const void *bytes, size_t length);

/* The main of `PROGRAM --kind < file`: its media type, and 0; else another exit status. */
int kind_filter(void);
