/* SPDX-License-Identifier: ISC */
/*
 * http_credential: what an Authorization header holds (RFC 9110 section 11.4): the token of RFC
 * 6750, or the name and password of RFC 7617. Knows nobody.
 */
#include "http.h"
#include "text.h"

#include <string.h>
#include <strings.h>

enum http_credential
http_authorization(const char *header, const char **value)
{
	size_t scheme;

	if (header == NULL)
		return HTTP_NO_CREDENTIAL;
	scheme = strcspn(header, " ");
	*value = header + scheme + 1;
	if (header[scheme] == '\0' || **value == '\0' || (*value)[strcspn(*value, " \t,")] != '\0')
		return HTTP_MALFORMED;
	if ((scheme == 6 && strncasecmp(header, "Bearer", 6) == 0) ||
		(scheme == 5 && strncasecmp(header, "Token", 5) == 0))
		return HTTP_BEARER;
	return scheme == 5 && strncasecmp(header, "Basic", 5) == 0 ? HTTP_BASIC : HTTP_MALFORMED;
}

/*
 * base64 with its padding (RFC 4648 section 4), in place. Canonical alone: one spelling a value.
 * The number of bytes, or -1.
 */
static ssize_t
unbase64(char *s)
{
	size_t n = strlen(s), padding = 0;

	if (n % 4 != 0 || strpbrk(s, "-_") != NULL)
		return -1;
	while (padding < 2 && padding < n && s[n - padding - 1] == '=')
		padding++;
	for (char *c = s; c < s + n; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
	return text_unbase64url(s, s, n - padding);
}

bool
http_basic(struct mem *m, const char *credential, const char **name, const char **password)
{
	char *text = mem_copy(m, credential, strlen(credential)), *colon;
	ssize_t n = unbase64(text);

	if (n < 0)
		return false;
	text[n] = '\0';
	if (!text_utf8(text, (size_t)n) || (colon = strchr(text, ':')) == NULL)
		return false;
	for (const char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	*colon = '\0';
	*name = text;
	*password = colon + 1;
	return true;
}
