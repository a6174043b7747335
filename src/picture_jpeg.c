/* SPDX-License-Identifier: ISC */
/*
 * picture_jpeg: JPEG (ISO 10918-1) by libjpeg-turbo. The one file that includes its headers. The
 * decoder makes large pictures smaller on its way, which is fast; a progressive one it holds whole,
 * in coefficients. The markers are walked first: a file must have its end, and not more scans than
 * pictures have, each of which is work for all of the picture.
 */
#include "picture_parts.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

enum {
	SCANS = 50, /* progressive pictures have about ten */
	SOI = 0xd8,
	EOI = 0xd9,
	SOS = 0xda,
	DHT = 0xc4,
	JPG = 0xc8,
	DAC = 0xcc,
	APP1 = 0xe1,
};

static bool
is(const uint8_t *bytes, size_t length)
{
	return length > 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0;
}

/* Whether a marker begins a frame, whose size stands in it. */
static bool
is_frame(uint8_t marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != DHT && marker != JPG && marker != DAC;
}

/* What a marker's segment says; `length` is that of its content. False: broken. */
static bool
note(uint8_t marker, const uint8_t *at, size_t length, struct picture_look *look)
{
	if (is_frame(marker)) {
		if (length < 6 || look->width != 0)
			return false;
		look->height = picture_u16(at + 1);
		look->width = picture_u16(at + 3);
	} else if (marker == APP1 && look->exif == NULL && length > 6 &&
		memcmp(at, "Exif\0", 6) == 0) {
		look->exif = at;
		look->exif_length = length;
	}
	return true;
}

/* Behind the data of a scan: the next marker that is neither a restart nor a stuffed byte. */
static const uint8_t *
behind_scan(const uint8_t *at, const uint8_t *end)
{
	while (at < end && (at = memchr(at, 0xff, (size_t)(end - at))) != NULL) {
		if (end - at < 2)
			return NULL;
		if (at[1] != 0 && at[1] != 0xff && (at[1] & 0xf8) != 0xd0)
			return at;
		at += at[1] == 0xff ? 1 : 2;
	}
	return NULL;
}

static enum err
look(const uint8_t *bytes, size_t length, struct picture_look *l)
{
	const uint8_t *at = bytes + 2, *end = bytes + length;
	unsigned scans = 0;

	while (at != NULL && end - at >= 2 && at[0] == 0xff && at[1] != EOI) {
		uint8_t marker = at[1];
		size_t size;

		if (marker == 0xff) { /* a filling byte */
			at++;
			continue;
		}
		if (end - at < 4 || (size = picture_u16(at + 2)) < 2 ||
			size > (size_t)(end - at) - 2 || !note(marker, at + 4, size - 2, l))
			return ERR_PICTURE_BROKEN;
		at += 2 + size;
		if (marker != SOS)
			continue;
		if (++scans > SCANS)
			return ERR_PICTURE_BROKEN;
		at = behind_scan(at, end);
	}
	if (at == NULL || end - at < 2 || at[0] != 0xff || scans == 0)
		return ERR_PICTURE_BROKEN;
	return ERR_NONE;
}

/* libjpeg's record of errors, and the way out. */
struct errors {
	struct jpeg_error_mgr base;
	jmp_buf out;
};

static void
give_up(j_common_ptr jpeg)
{
	longjmp(((struct errors *)jpeg->err)->out, 1);
}

/* A warning (level -1): libjpeg would go on and paint grey. What no eye sees may pass. */
static void
hear(j_common_ptr jpeg, int level)
{
	int code = jpeg->err->msg_code;

	if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM &&
		code != JWRN_JFIF_MAJOR && code != JWRN_TOO_MUCH_DATA)
		give_up(jpeg);
}

/* The eighths that leave at least PICTURE_SPARE times the square. */
static unsigned
eighths(const struct picture_look *l)
{
	uint32_t side = l->width < l->height ? l->width : l->height;
	unsigned n = 8;

	while (n > 1 && side / 8 * (n / 2) >= PICTURE_SIDE * PICTURE_SPARE)
		n /= 2;
	return n;
}

/* Printers' inks to colours. Adobe, who alone writes such files, stores them upside down. */
static void
mix(uint8_t *pixels, size_t n, bool inverted)
{
	for (uint8_t *p = pixels; n > 0; n--, p += 4) {
		unsigned black = inverted ? p[3] : 255U - p[3];

		for (size_t c = 0; c < 3; c++)
			p[c] = (uint8_t)((inverted ? p[c] : 255U - p[c]) * black / 255);
		p[3] = 255;
	}
}

static void
read_rows(struct jpeg_decompress_struct *jpeg, struct picture_scale *to)
{
	JSAMPARRAY row;

	jpeg_start_decompress(jpeg);
	row = jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE, jpeg->output_width * 4, 1);
	picture_scale_begin(to, jpeg->output_width, jpeg->output_height);
	while (jpeg->output_scanline < jpeg->output_height) {
		uint32_t y = jpeg->output_scanline;

		jpeg_read_scanlines(jpeg, row, 1);
		if (jpeg->out_color_space == JCS_CMYK)
			mix(row[0], jpeg->output_width, jpeg->saw_Adobe_marker);
		picture_scale_row(to, y, 0, 1, row[0]);
	}
}

static bool
read(const uint8_t *bytes, size_t length, const struct picture_look *l, struct picture_scale *to)
{
	struct jpeg_decompress_struct jpeg = { 0 };
	struct errors errors;

	jpeg.err = jpeg_std_error(&errors.base);
	errors.base.error_exit = give_up;
	errors.base.emit_message = hear;
	if (setjmp(errors.out) != 0) {
		jpeg_destroy_decompress(&jpeg);
		return false;
	}
	jpeg_create_decompress(&jpeg);
	jpeg_mem_src(&jpeg, bytes, length);
	jpeg_read_header(&jpeg, TRUE);
	if (jpeg.image_width != l->width || jpeg.image_height != l->height)
		give_up((j_common_ptr)&jpeg);
	jpeg.scale_num = eighths(l);
	jpeg.scale_denom = 8;
	jpeg.out_color_space =
		jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK
		? JCS_CMYK
		: JCS_EXT_RGBA;
	read_rows(&jpeg, to);
	jpeg_destroy_decompress(&jpeg);
	return true;
}

const struct picture_kind picture_jpeg = { is, look, read };
