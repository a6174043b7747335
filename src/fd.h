/* SPDX-License-Identifier: ISC */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Write all of `bytes` to a descriptor that blocks. False with errno set if it cannot be. */
bool fd_write(int fd, const char *bytes, size_t length);
