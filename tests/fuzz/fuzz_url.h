/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Where a browser and a web server end up for an address, written from the URL standard and from
 * what nginx does to a path, not from our own code.
 */

#include "fuzz.h"

/* What the URL standard does before it parses: blanks and controls at both ends are stripped, tabs
 * and line breaks go. */
static inline char *
url_stripped(struct mem *m, const char *s)
{
	size_t n = strlen(s);
	char *out = mem_get(m, n + 1), *to = out;

	while (n > 0 && (unsigned char)s[n - 1] <= ' ')
		n--;
	while (n > 0 && (unsigned char)*s <= ' ')
		s++, n--;
	for (; n > 0; s++, n--)
		if (strchr("\t\n\r", *s) == NULL)
			*to++ = *s;
	return out;
}

/* True if `s`, in a page of this site, is an address of this site and no other. For a special
 * scheme a backslash is a slash, and two of them begin a host. */
static inline bool
url_stays(struct mem *m, const char *s)
{
	const char *at = url_stripped(m, s);
	size_t scheme = strcspn(at, ":/\\?#");

	if (at[scheme] == ':')
		return false;
	return strchr("/\\", at[0]) == NULL || strchr("/\\", at[1]) == NULL || at[0] == '\0' ||
		at[1] == '\0';
}

static inline int
url_hex(char c)
{
	return c >= '0' && c <= '9'    ? c - '0'
		: c >= 'a' && c <= 'f' ? c - 'a' + 10
		: c >= 'A' && c <= 'F' ? c - 'A' + 10
				       : -1;
}

/* The path that the web server finds behind `s`: decoded, slashes merged, dots resolved. */
static inline const char *
url_served(struct mem *m, const char *s)
{
	const char *at = url_stripped(m, s);
	size_t n = strcspn(at, "?#"), length = 0;
	bool closed = false; /* it ends in a slash */
	char *text = mem_get(m, n + 2), *out = mem_get(m, n + 3);

	for (size_t i = 0; i < n; i++) {
		char c = at[i];

		if (c == '%' && n - i > 2 && url_hex(at[i + 1]) >= 0 && url_hex(at[i + 2]) >= 0) {
			c = (char)(url_hex(at[i + 1]) << 4 | url_hex(at[i + 2]));
			i += 2;
		}
		text[length++] = c == '\\' ? '/' : c;
	}
	length = 0;
	for (const char *part = text; *part != '\0';) {
		size_t size = strcspn(part, "/");

		closed = part[size] == '/' || (size > 0 && size < 3 && strspn(part, ".") == size);
		if (size == 2 && memcmp(part, "..", 2) == 0)
			while (length > 0 && out[--length] != '/')
				;
		else if (size > 0 && (size != 1 || *part != '.')) {
			out[length++] = '/';
			memcpy(out + length, part, size);
			length += size;
		}
		part += size;
		part += *part == '/';
	}
	if (length == 0 || closed)
		out[length++] = '/';
	out[length] = '\0';
	return out;
}

/* What input_local promises of a text that it takes. */
static inline void
url_is_local(struct mem *m, const char *s)
{
	static const char *const circles[] = { "/login", "/register", "/logout" };
	const char *served = url_served(m, s);

	HOLDS(fuzz_utf8(s, strlen(s)) && !fuzz_control(s));
	HOLDS(s[0] == '/' && url_stays(m, s));
	HOLDS(url_stays(m, served)); /* whoever decodes it first and then looks at it */
	HOLDS(fuzz_utf8(served, strlen(served)) && !fuzz_control(served));
	for (size_t i = 0; i < COUNT(circles); i++)
		HOLDS(strcmp(served, circles[i]) != 0);
}
