/* SPDX-License-Identifier: ISC */
/* picture_exif: which way up a picture is, by libexif. The one file that includes its headers. */
#include "picture_parts.h"

#include <libexif/exif-data.h>
#include <stdlib.h>
#include <string.h>

enum {
	EXIF_BYTES = 64 * 1024 /* what fits into a JPEG; more of it is not looked at */
};

static const uint8_t MARK[] = "Exif\0";

/* The value of the tag, 0 if it has none that counts. */
static unsigned
value_of(ExifData *data)
{
	ExifEntry *entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);

	if (entry == NULL || entry->format != EXIF_FORMAT_SHORT || entry->components != 1 ||
		entry->size < 2)
		return 0;
	return exif_get_short(entry->data, exif_data_get_byte_order(data));
}

unsigned
picture_orientation(const struct picture_look *look)
{
	const uint8_t *tiff = look->exif;
	size_t length = look->exif_length;
	unsigned orientation = 0;
	ExifData *data;
	uint8_t *copy;

	if (tiff == NULL || length > EXIF_BYTES)
		return 1;
	if (length >= sizeof MARK && memcmp(tiff, MARK, sizeof MARK) == 0) {
		tiff += sizeof MARK;
		length -= sizeof MARK;
	}
	/* libexif looks for this mark, which JPEG has and PNG has not. */
	if ((copy = malloc(sizeof MARK + length)) == NULL || (data = exif_data_new()) == NULL)
		mem_abort("out of memory");
	memcpy(copy, MARK, sizeof MARK);
	memcpy(copy + sizeof MARK, tiff, length);
	exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION); /* mend nothing */
	exif_data_load_data(data, copy, (unsigned)(sizeof MARK + length));
	orientation = value_of(data);
	exif_data_unref(data);
	free(copy);
	return orientation >= 1 && orientation <= 8 ? orientation : 1;
}
