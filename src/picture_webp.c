/* SPDX-License-Identifier: ISC */
/*
 * picture_webp: WebP (RFC 9649) by libwebp, read and written. The one file that includes its
 * headers. The decoder cuts and shrinks large pictures on its way; one without loss it holds whole.
 */
#include "picture_parts.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/encode.h>

enum {
	RIFF = 12, /* "RIFF", a length, "WEBP" */
	CHUNK = 8,
	QUALITY = 85,
};

static bool
is(const uint8_t *bytes, size_t length)
{
	return length > RIFF && memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "WEBP", 4) == 0;
}

static size_t
little(const uint8_t *at)
{
	return at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24;
}

static enum err
look(const uint8_t *bytes, size_t length, struct picture_look *l)
{
	const uint8_t *at = bytes + RIFF, *end;
	WebPBitstreamFeatures found;
	size_t size = little(bytes + 4);

	if (size > length - CHUNK || WebPGetFeatures(bytes, length, &found) != VP8_STATUS_OK)
		return ERR_PICTURE_BROKEN;
	if (found.has_animation)
		return ERR_PICTURE_MOVES;
	l->width = (uint32_t)found.width;
	l->height = (uint32_t)found.height;
	for (end = bytes + CHUNK + size; end - at >= CHUNK; at += size + (size & 1)) {
		size = little(at + 4);
		if (size > (size_t)(end - at) - CHUNK)
			return ERR_PICTURE_BROKEN;
		if (memcmp(at, "EXIF", 4) == 0 && l->exif == NULL) {
			l->exif = at + CHUNK;
			l->exif_length = size;
		}
		at += CHUNK;
		if ((size & 1) && at + size == end)
			break; /* without the byte that makes it even */
	}
	return ERR_NONE;
}

static bool
read(const uint8_t *bytes, size_t length, const struct picture_look *l, struct picture_scale *to)
{
	int side = (int)(l->width < l->height ? l->width : l->height);
	WebPDecoderConfig config;
	bool whole;

	if (!WebPInitDecoderConfig(&config))
		return false;
	config.options.use_cropping = 1;
	config.options.crop_left = ((int)l->width - side) / 2;
	config.options.crop_top = ((int)l->height - side) / 2;
	config.options.crop_width = config.options.crop_height = side;
	if (side > PICTURE_SIDE * PICTURE_SPARE) {
		side = PICTURE_SIDE * PICTURE_SPARE;
		config.options.use_scaling = 1;
		config.options.scaled_width = config.options.scaled_height = side;
	}
	config.output.colorspace = MODE_RGBA;
	whole = WebPDecode(bytes, length, &config) == VP8_STATUS_OK;
	if (whole) {
		const WebPRGBABuffer *out = &config.output.u.RGBA;

		picture_scale_begin(to, (uint32_t)side, (uint32_t)side);
		for (int y = 0; y < side; y++)
			picture_scale_row(
				to, (uint32_t)y, 0, 1, out->rgba + (ptrdiff_t)y * out->stride);
	}
	WebPFreeDecBuffer(&config.output);
	return whole;
}

const struct picture_kind picture_webp = { is, look, read };

void *
picture_webp_write(const uint8_t *rgba, size_t *size)
{
	uint8_t *out = NULL;

	*size = WebPEncodeRGBA(rgba, PICTURE_SIDE, PICTURE_SIDE, PICTURE_SIDE * 4, QUALITY, &out);
	return *size > 0 ? out : NULL;
}
