/* SPDX-License-Identifier: ISC */
#pragma once

#include "err.h"
#include "mem.h"

#include <stddef.h>

enum {
	PICTURE_SIDE = 250,                /* of what comes out, in pixels */
	PICTURE_PIXELS = 40 * 1000 * 1000, /* of what goes in, at most */
	PICTURE_BYTES = 512 * 1024,        /* of what comes out, at most */
};

/*
 * A profile picture out of an untrusted JPEG, PNG or WebP, whatever it is called: upright (EXIF),
 * its middle cut out square, PICTURE_SIDE each way, as WebP with nothing of the file's own in it.
 * ERR_NONE with the bytes at *webp, the caller's to free(3); else ERR_PICTURE_…: not one of the
 * three, moving, too many pixels, or broken.
 */
enum err picture_convert(const void *bytes, size_t length, void **webp, size_t *size);

/*
 * The same by a process of its own, this program's as picture_filter: what breaks a decoder breaks
 * nothing else. The result is in `m`. Also ERR_BUSY if there is no process to be had.
 */
enum err
picture_apart(struct mem *m, const void *bytes, size_t length, const char **webp, size_t *size);

/*
 * The main of `PROGRAM --convert < picture > webp`, with tight limits on memory and time. The exit
 * status is 0; or what is wrong, by a line on standard error and by a number that picture_apart
 * knows.
 */
int picture_filter(void);
