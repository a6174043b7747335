/* SPDX-License-Identifier: ISC */
/* text_slug: the name of a title in addresses. Knows Latin letters alone: others are left out. */
#include "text.h"

#include <string.h>

/* U+00C0 to U+017F without their marks, in lower case; blank = no letter, 1 to 5 = two of them. */
static const char plain[] = "aaaaaa1ceeeeiiiidnooooo ouuuuy23aaaaaa1ceeeeiiiidnooooo ouuuuy2y"
			    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii44jjkkklllllll"
			    "lllnnnnnnnnnoooooo55rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static const char pairs[][3] = { "ae", "th", "ss", "ij", "oe" };

enum {
	FIRST = 0xc0,
	LAST = 0x17f
};
_Static_assert(sizeof plain == LAST - FIRST + 2, "one of each");

/* The letters of the character at *s, which is passed; "" if it has none. */
static const char *
letters(const char **s, char single[2])
{
	unsigned char c = (unsigned char)*(*s)++;
	unsigned code = c;

	if (c >= 'A' && c <= 'Z')
		code = c + ('a' - 'A');
	if (c >= 0xc2 && c <= 0xdf)
		code = (c & 31U) << 6 | ((unsigned char)*(*s)++ & 63U);
	else
		while (((unsigned char)**s & 0xc0) == 0x80)
			(*s)++;
	if (code >= FIRST && code <= LAST && c < 0xe0)
		code = (unsigned char)plain[code - FIRST];
	if (code >= '1' && code <= '5' && c >= 0xc2)
		return pairs[code - '1'];
	single[0] = (char)code;
	single[1] = '\0';
	return (code >= 'a' && code <= 'z') || (code >= '0' && code <= '9' && c < 0x80) ? single
											: "";
}

/* What may stand within a word without dividing it: "don't" is one. */
static size_t
apostrophe(const char *s)
{
	return *s == '\'' ? 1 : strncmp(s, "\xe2\x80\x99", 3) == 0 ? 3 : 0;
}

size_t
text_slug(char *out, size_t size, const char *title)
{
	size_t n = 0;
	bool gap = false;

	while (*title != '\0') {
		size_t skip = apostrophe(title), more;
		char single[2];
		const char *word;

		if (skip > 0) {
			title += skip;
			continue;
		}
		word = letters(&title, single);
		more = strlen(word);
		if (n + (gap && n > 0) + more >= size)
			break;
		if (more > 0 && gap && n > 0)
			out[n++] = '-';
		gap = more == 0;
		memcpy(out + n, word, more);
		n += more;
	}
	out[n] = '\0';
	return n;
}
