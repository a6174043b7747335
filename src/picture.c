/* SPDX-License-Identifier: ISC */
/*
 * picture: from an untrusted file to a profile picture. Owns which kinds are taken and how large
 * they may be; the kinds are in files of their own, each with its library, which knows nothing of
 * the others. All that comes out was painted anew, so nothing of a file but its colours survives:
 * no place, no thumbnail, no script.
 */
#include "picture_parts.h"

#include <stdint.h>
#include <stdlib.h>

static const struct picture_kind *const kinds[] = { &picture_jpeg, &picture_png, &picture_webp };

static const struct picture_kind *
kind_of(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i]->is(bytes, length))
			return kinds[i];
	return NULL;
}

static void *
paint(const struct picture_scale *s, unsigned orientation, size_t *size)
{
	uint8_t *rgba = malloc((size_t)4 * PICTURE_SIDE * PICTURE_SIDE);
	void *webp;

	if (rgba == NULL)
		mem_abort("out of memory");
	picture_scale_end(s, orientation, rgba);
	webp = picture_webp_write(rgba, size);
	free(rgba);
	return webp;
}

enum err
picture_convert(const void *bytes, size_t length, void **webp, size_t *size)
{
	const struct picture_kind *kind = kind_of(bytes, length);
	struct picture_look look = { 0 };
	struct picture_scale *s;
	enum err e;

	if (kind == NULL)
		return ERR_PICTURE_KIND;
	if ((e = kind->look(bytes, length, &look)) != ERR_NONE)
		return e;
	if (look.width == 0 || look.height == 0)
		return ERR_PICTURE_BROKEN;
	if ((uint64_t)look.width * look.height > PICTURE_PIXELS)
		return ERR_PICTURE_PIXELS;
	s = picture_scale_new();
	*webp = NULL;
	if (kind->read(bytes, length, &look, s))
		*webp = paint(s, picture_orientation(&look), size);
	picture_scale_free(s);
	return *webp != NULL ? ERR_NONE : ERR_PICTURE_BROKEN;
}
