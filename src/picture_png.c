/* SPDX-License-Identifier: ISC */
/*
 * picture_png: PNG (ISO 15948) by libpng. The one file that includes its header. Rows go into the
 * square as they come, those of the seven passes of an interlaced picture too, so that memory does
 * not grow with the picture. Texts, colour profiles and the like are never unpacked.
 */
#include "picture_parts.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

enum {
	SIGNATURE = 8,
	CHUNK = 12,        /* a chunk's length, type and check sum */
	SIDE_MAX = 0xffff, /* a row stays small */
	CHUNKS_BYTES = 64 * 1024,
	PASSES = 7,
};

static bool
is(const uint8_t *bytes, size_t length)
{
	return length >= SIGNATURE && memcmp(bytes, "\x89PNG\r\n\x1a\n", SIGNATURE) == 0;
}

static bool
called(const uint8_t *chunk, const char *type)
{
	return memcmp(chunk + 4, type, 4) == 0;
}

/* Whether a chunk acTL says that there is more than one frame. */
static bool
moves(const uint8_t *chunk, size_t size)
{
	return called(chunk, "acTL") && size >= 8 && picture_u32(chunk + 8) > 1;
}

static enum err
look(const uint8_t *bytes, size_t length, struct picture_look *l)
{
	const uint8_t *at = bytes + SIGNATURE, *end = bytes + length;
	bool moving = false;

	if (length < SIGNATURE + CHUNK + 13 || picture_u32(at) != 13 || !called(at, "IHDR"))
		return ERR_PICTURE_BROKEN;
	l->width = picture_u32(at + 8);
	l->height = picture_u32(at + 12);
	for (;;) {
		size_t size;

		if (end - at < CHUNK || (size = picture_u32(at)) > (size_t)(end - at) - CHUNK)
			return ERR_PICTURE_BROKEN;
		if (called(at, "IEND"))
			return moving ? ERR_PICTURE_MOVES : ERR_NONE;
		moving = moving || moves(at, size);
		if (called(at, "eXIf") && l->exif == NULL) {
			l->exif = at + 8;
			l->exif_length = size;
		}
		at += CHUNK + size;
	}
}

struct source {
	const uint8_t *at;
	size_t left;
};

static void
give(png_structp png, png_bytep to, size_t size)
{
	struct source *source = png_get_io_ptr(png);

	if (size > source->left)
		png_error(png, "the end");
	memcpy(to, source->at, size);
	source->at += size;
	source->left -= size;
}

static void
give_up(png_structp png, png_const_charp why)
{
	(void)why;
	png_longjmp(png, 1);
}

static void
hear(png_structp png, png_const_charp what)
{
	(void)png;
	(void)what;
}

/* Whatever it is, as four bytes a pixel. */
static void
want_rgba(png_structp png, png_infop info)
{
	png_set_expand(png);
	png_set_scale_16(png);
	png_set_gray_to_rgb(png);
	png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
	png_read_update_info(png, info);
}

static void
read_rows(png_structp png, const struct picture_look *l, bool interlaced, uint8_t *row,
	struct picture_scale *to)
{
	picture_scale_begin(to, l->width, l->height);
	for (uint32_t y = 0; y < l->height && !interlaced; y++) {
		png_read_row(png, row, NULL);
		picture_scale_row(to, y, 0, 1, row);
	}
	for (unsigned pass = 0; pass < PASSES && interlaced; pass++) {
		uint32_t x = PNG_PASS_START_COL(pass), step = 1U << PNG_PASS_COL_SHIFT(pass);
		uint32_t y = PNG_PASS_START_ROW(pass), down = 1U << PNG_PASS_ROW_SHIFT(pass);

		for (; x < l->width && y < l->height; y += down) {
			png_read_row(png, row, NULL);
			picture_scale_row(to, y, x, step, row);
		}
	}
}

/* Everything that may jump out: nothing here has to be freed. */
static void
read_all(png_structp png, png_infop info, const struct picture_look *l, uint8_t *row,
	struct picture_scale *to)
{
	png_set_user_limits(png, SIDE_MAX, SIDE_MAX);
	png_set_chunk_malloc_max(png, CHUNKS_BYTES);
	png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
	png_read_info(png, info);
	want_rgba(png, info);
	if (png_get_rowbytes(png, info) != (size_t)l->width * 4)
		png_error(png, "not as expected");
	read_rows(png, l, png_get_interlace_type(png, info) == PNG_INTERLACE_ADAM7, row, to);
}

static bool
read(const uint8_t *bytes, size_t length, const struct picture_look *l, struct picture_scale *to)
{
	struct source source = { bytes, length };
	png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, give_up, hear);
	png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
	uint8_t *volatile row = l->width <= SIDE_MAX ? malloc((size_t)l->width * 4) : NULL;
	volatile bool whole = false;

	if (info != NULL && row != NULL && setjmp(png_jmpbuf(png)) == 0) {
		png_set_read_fn(png, &source, give);
		read_all(png, info, l, row, to);
		whole = true;
	}
	png_destroy_read_struct(&png, &info, NULL);
	free(row);
	return whole;
}

const struct picture_kind picture_png = { is, look, read };
