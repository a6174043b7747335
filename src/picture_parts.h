/* SPDX-License-Identifier: ISC */
#pragma once

/* What the files of picture share. */

#include "picture.h"

#include <stdbool.h>
#include <stdint.h>

/* What a file says of itself before anything is decoded. */
struct picture_look {
	uint32_t width, height;
	const uint8_t *exif; /* a TIFF structure, perhaps behind "Exif\0\0"; NULL = none */
	size_t exif_length;
};

/* The square in the making: see picture_scale.c. */
struct picture_scale;

/*
 * For each kind of picture: `is` by its first bytes; `look` at the outline of the file, which has
 * to be whole, before memory or time is spent on it: ERR_NONE or what is wrong; `read` it, row by
 * row, into the square. False: broken.
 */
struct picture_kind {
	bool (*is)(const uint8_t *bytes, size_t length);
	enum err (*look)(const uint8_t *bytes, size_t length, struct picture_look *look);
	bool (*read)(const uint8_t *bytes, size_t length, const struct picture_look *look,
		struct picture_scale *to);
};
extern const struct picture_kind picture_jpeg, picture_png, picture_webp;

/* How many times the square's side the rows of a picture should have, so that nothing is lost when
 * a decoder makes it smaller on its way. */
enum {
	PICTURE_SPARE = 2
};

/* A square out of the middle of a picture of this size; the process ends when memory has run out.
 */
struct picture_scale *picture_scale_new(void);
void picture_scale_free(struct picture_scale *s);

/* The size of the picture whose rows will come: before the first. */
void picture_scale_begin(struct picture_scale *s, uint32_t width, uint32_t height);

/*
 * Pixels of row `y`, four bytes each (red, green, blue, alpha), in any order of rows: the one at
 * `x`, and each `step`th from there to the end of the row.
 */
void picture_scale_row(
	struct picture_scale *s, uint32_t y, uint32_t x, uint32_t step, const uint8_t *rgba);

/* The square, turned by an orientation of EXIF: PICTURE_SIDE rows of as many pixels. */
void picture_scale_end(const struct picture_scale *s, unsigned orientation, uint8_t *rgba);

/* The orientation that EXIF data tells, 1 to 8; 1 if it tells none. */
unsigned picture_orientation(const struct picture_look *look);

/* The square as WebP, of malloc(3); NULL if memory has run out. */
void *picture_webp_write(const uint8_t *rgba, size_t *size);

/* Big endian numbers. */
static inline uint32_t
picture_u16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static inline uint32_t
picture_u32(const uint8_t *at)
{
	return picture_u16(at) << 16 | picture_u16(at + 2);
}
