/* SPDX-License-Identifier: ISC */
/*
 * input_names: texts with a form of their own: usernames, mail and web addresses, slugs, dates.
 * Owns those forms; knows nothing of where a value came from.
 */
#include "input_check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	EMAIL_BYTES = 254, /* RFC 5321 section 4.5.3.1.3 less the angle brackets */
	LOCAL_BYTES = 64,
	LABEL_BYTES = 63,
};

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* Names that would pass for the site itself. */
static const char *const reserved[] = { "admin", "administrator", "api", "hostmaster", "login",
	"logout", "moderator", "postmaster", "register", "root", "security", "settings", "support",
	"system", "webmaster", NULL };

json_t *
check_name(const struct check *c)
{
	const char *s = c->v->text;

	if (!check_fits(c))
		return NULL;
	if (strchr(ALNUM, s[0]) == NULL || s[strspn(s, ALNUM "_-.")] != '\0' ||
		s[strlen(s) - 1] == '.')
		return check_wrong(c, ERR_NAME, 0);
	for (size_t i = 0; reserved[i] != NULL; i++)
		if (strcasecmp(s, reserved[i]) == 0)
			return check_wrong(c, ERR_RESERVED, 0);
	return check_as_text(c);
}

/* A domain of two labels or more, letters, digits and inner hyphens (RFC 1123 section 2.1). */
static bool
is_domain(const char *s)
{
	int labels = 0;

	for (;; s++) {
		size_t n = strcspn(s, ".");

		if (n == 0 || n > LABEL_BYTES || s[0] == '-' || s[n - 1] == '-')
			return false;
		for (size_t i = 0; i < n; i++)
			if (s[i] != '-' && strchr(ALNUM, s[i]) == NULL)
				return false;
		labels++;
		s += n;
		if (*s == '\0')
			return labels >= 2;
	}
}

/* The addresses that people have: those of HTML's email input, with a domain of two labels or more.
 */
json_t *
check_email(const struct check *c)
{
	const char *s = c->v->text;
	size_t local = strspn(s, ALNUM ".!#$%&'*+/=?^_`{|}~-");

	if (c->v->length > EMAIL_BYTES)
		return check_wrong(c, ERR_LONG, EMAIL_BYTES);
	if (local == 0 || local > LOCAL_BYTES || s[local] != '@' || !is_domain(s + local + 1))
		return check_wrong(c, ERR_EMAIL, 0);
	return check_as_text(c);
}

/* http, https or no scheme at all: "javascript:" and its like have one. */
json_t *
check_url(const struct check *c)
{
	const char *s = c->v->text;
	size_t scheme = strcspn(s, ":/?#");

	if (!check_fits(c))
		return NULL;
	if (check_has_control(s))
		return check_wrong(c, ERR_URL, 0);
	if (s[scheme] == ':' && strncasecmp(s, "http://", 7) != 0 &&
		strncasecmp(s, "https://", 8) != 0)
		return check_wrong(c, ERR_URL, 0);
	return check_as_text(c);
}

json_t *
check_slug(const struct check *c)
{
	const char *s = c->v->text;

	if (!check_fits(c))
		return NULL;
	for (size_t i = 0; s[i] != '\0'; i++) {
		bool hyphen = s[i] == '-';

		if (!hyphen && !islower((unsigned char)s[i]) && !isdigit((unsigned char)s[i]))
			return check_wrong(c, ERR_SLUG, 0);
		if (hyphen && (i == 0 || s[i + 1] == '-' || s[i + 1] == '\0'))
			return check_wrong(c, ERR_SLUG, 0);
	}
	return check_as_text(c);
}

json_t *
check_date(const struct check *c)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const char *s = c->v->text;
	char shape[11];
	int year, month, day;
	bool leap;

	for (size_t i = 0; i < 10 && i < c->v->length; i++)
		shape[i] = isdigit((unsigned char)s[i]) ? '0' : s[i];
	if (c->v->length != 10 || strncmp(shape, "0000-00-00", 10) != 0)
		return check_wrong(c, ERR_DATE, 0);
	year = (int)strtol(s, NULL, 10);
	month = (int)strtol(s + 5, NULL, 10);
	day = (int)strtol(s + 8, NULL, 10);
	leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > days[month - 1] ||
		(month == 2 && day == 29 && !leap))
		return check_wrong(c, ERR_DATE, 0);
	return check_as_text(c);
}
