/* SPDX-License-Identifier: ISC */
/*
 * cookie: names, values and attributes of cookies (RFC 6265bis). Owns their spelling; knows nothing
 * of what they stand for.
 */
#include "cookie.h"

#include <string.h>

const char *
cookie_name(struct mem *m, const char *what, const struct cookie_place *place)
{
	if (place->https)
		return mem_print(m, "__%s-%s", *place->domain != '\0' ? "Secure" : "Host", what);
	return mem_print(m, "%s-%s", what, place->port);
}

/* The value of the cookie `name` from *header on, which then points behind it; NULL = no more. */
static const char *
next_value(struct mem *m, const char **header, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = *header; *at != '\0';) {
		size_t length;

		at += strspn(at, "; \t");
		length = strcspn(at, ";");
		if (length > n && at[n] == '=' && memcmp(at, name, n) == 0) {
			const char *value = at + n + 1;

			*header = at + length;
			return mem_copy(m, value, strcspn(value, "; \t"));
		}
		at += length;
	}
	return NULL;
}

const char *
cookie_get(struct mem *m, const char *header, const char *name)
{
	return next_value(m, &header, name);
}

bool
cookie_twice(struct mem *m, const char *header, const char *name)
{
	const char *first = next_value(m, &header, name), *other;

	while (first != NULL && (other = next_value(m, &header, name)) != NULL)
		if (strcmp(first, other) != 0)
			return true;
	return false;
}

const char *
cookie_set(struct mem *m, const char *what, const char *value, long life,
	const struct cookie_place *place)
{
	const char *age = life == COOKIE_SESSION ? ""
		: life == COOKIE_REMOVE          ? "; Max-Age=0"
						 : mem_print(m, "; Max-Age=%ld", life);

	return mem_print(m, "%s=%s; Path=/%s%s%s; HttpOnly; SameSite=Lax%s",
		cookie_name(m, what, place), value, *place->domain != '\0' ? "; Domain=" : "",
		place->domain, age, place->https ? "; Secure" : "");
}
