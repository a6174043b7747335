/* SPDX-License-Identifier: ISC */
/* text_url: percent encoding (RFC 3986), and which addresses may stand in a page. */
#include "mem.h"
#include "text.h"

#include <string.h>
#include <strings.h>

static const char unreserved[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
static const char reserved[] = ":/?#[]@!$&'()*+,;=%"; /* and the sign of what is encoded already */

/* Percent-encode what is in neither set. */
static const char *
encode(struct mem *m, const char *s, const char *also)
{
	static const char digits[] = "0123456789ABCDEF";
	char *out = mem_get(m, 3 * strlen(s) + 1), *to = out;

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (strchr(unreserved, *s) != NULL || strchr(also, *s) != NULL) {
			*to++ = *s;
			continue;
		}
		*to++ = '%';
		*to++ = digits[c >> 4];
		*to++ = digits[c & 15];
	}
	return out;
}

const char *
text_escape(struct mem *m, const char *s)
{
	return encode(m, s, "");
}

/* Whether `s` begins with a scheme (RFC 3986 section 3.1), and not with one of those we know. */
static bool
strange_scheme(const char *s)
{
	static const char *const known[] = { "http:", "https:", "mailto:" };

	if (s[strcspn(s, ":/?#")] != ':')
		return false;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strncasecmp(s, known[i], strlen(known[i])) == 0)
			return false;
	return true;
}

const char *
text_url(struct mem *m, const char *s)
{
	/* Browsers skip blanks and control characters in front. */
	while (*s != '\0' && (unsigned char)*s <= ' ')
		s++;
	return strange_scheme(s) ? "#" : encode(m, s, reserved);
}
