/* SPDX-License-Identifier: ISC */
/* fuzz_picture: a profile picture: whatever the file, a square or a refusal, the same each time,
 * and what comes out goes in again. Larger pictures are left out: they take time, and no other way.
 */
#include "fuzz.h"
#include "picture_parts.h"

enum {
	PIXELS = 1 << 17
};

static const struct picture_kind *const kinds[] = { &picture_jpeg, &picture_png, &picture_webp };

/* The outline of a file lies within it. */
static bool
small(const struct picture_kind *kind, const uint8_t *data, size_t size)
{
	struct picture_look look = { 0 };
	unsigned orientation;

	if (kind->look(data, size, &look) != ERR_NONE)
		return true;
	if (look.exif != NULL)
		HOLDS(look.exif > data && look.exif_length <= (size_t)(data + size - look.exif));
	orientation = picture_orientation(&look);
	HOLDS(orientation >= 1 && orientation <= 8);
	return (uint64_t)look.width * look.height <= PIXELS;
}

static void
convert(const uint8_t *data, size_t size)
{
	void *webp = NULL, *again = NULL;
	size_t length = 0, second = 0;
	enum err e = picture_convert(data, size, &webp, &length);

	HOLDS((e == ERR_NONE) == (webp != NULL));
	if (e != ERR_NONE) {
		HOLDS(e >= ERR_PICTURE_KIND && e <= ERR_PICTURE_BROKEN);
		return;
	}
	HOLDS(length > 20 && length <= PICTURE_BYTES && memcmp(webp, "RIFF", 4) == 0);
	HOLDS(picture_convert(data, size, &again, &second) == ERR_NONE);
	HOLDS(second == length && memcmp(webp, again, length) == 0);
	free(again);
	HOLDS(picture_convert(webp, length, &again, &second) == ERR_NONE);
	free(again);
	free(webp);
}

/* All but the writing, which is most of the work and the same for all. */
static void
read_in(const struct picture_kind *kind, const uint8_t *data, size_t size)
{
	static uint8_t rgba[4 * PICTURE_SIDE * PICTURE_SIDE];
	struct picture_look look = { 0 };
	struct picture_scale *scale;

	if (kind->look(data, size, &look) != ERR_NONE || look.width == 0 || look.height == 0)
		return;
	scale = picture_scale_new();
	if (kind->read(data, size, &look, scale))
		picture_scale_end(scale, picture_orientation(&look), rgba);
	picture_scale_free(scale);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool whole = size % 16 == 0;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (!kinds[i]->is(data, size))
			continue;
		if (!small(kinds[i], data, size))
			return 0;
		if (!whole)
			read_in(kinds[i], data, size);
	}
	if (whole)
		convert(data, size);
	return 0;
}
