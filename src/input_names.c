/* SPDX-License-Identifier: ISC */
/*
 * input_names: texts with a form of their own: usernames, mail and web addresses, slugs, dates,
 * colours, paths of this site.
 * Owns those forms; knows nothing of where a value came from.
 */
#include "input_check.h"
#include "text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	EMAIL_BYTES = 254, /* RFC 5321 section 4.5.3.1.3 less the angle brackets */
	LOCAL_BYTES = 64,
	LABEL_BYTES = 63,
	LOCAL_PATH_BYTES = 2000, /* with the query */
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

/* Whether dots stand between other characters alone (RFC 5322 section 3.2.3): to any other address
 * no mail can be written. */
static bool
has_good_dots(const char *local, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (local[i] == '.' && (i == 0 || i + 1 == n || local[i + 1] == '.'))
			return false;
	return true;
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
	if (local == 0 || local > LOCAL_BYTES || s[local] != '@' || !has_good_dots(s, local) ||
		!is_domain(s + local + 1))
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

json_t *
check_color(const struct check *c)
{
	const char *s = c->v->text;
	char *lower;

	if (c->v->length != 7 || s[0] != '#' || strspn(s + 1, "0123456789abcdefABCDEF") != 6)
		return check_wrong(c, ERR_COLOR, 0);
	lower = mem_copy(c->m, s, 7);
	text_lower(lower);
	return mem_json(c->m, json_string(lower));
}

/* No segment that is empty (but the last), "." or "..": servers and browsers take those away. */
static bool
plain_segments(const char *path, size_t length)
{
	const char *end = path + length;

	for (const char *s = path; s < end;) {
		const char *slash;
		size_t n;

		s++; /* behind the slash */
		slash = memchr(s, '/', (size_t)(end - s));
		n = (size_t)((slash != NULL ? slash : end) - s);
		if ((n == 0 && slash != NULL) || (n == 1 && s[0] == '.') ||
			(n == 2 && s[0] == '.' && s[1] == '.'))
			return false;
		s += n;
	}
	return true;
}

/* The path as the web server will decode it, into `out`. False for an escape that is broken or
 * hides what a path is judged by. */
static bool
decode_path(char *out, const char *path, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char c = path[i];

		if (c == '%') {
			if (length - i < 3 || !text_unhex(&c, 1, path + i + 1, 2))
				return false;
			if (strchr("/\\.%", c) != NULL) /* or a NUL, which ends that text */
				return false;
			i += 2;
		}
		*out++ = c;
	}
	*out = '\0';
	return true;
}

bool
input_local(const char *s)
{
	static const char *const circles[] = { "/login", "/register", "/logout" };
	size_t length = strlen(s), path = strcspn(s, "?");
	char decoded[LOCAL_PATH_BYTES + 1];

	if (length > LOCAL_PATH_BYTES || s[0] != '/' || !text_utf8(s, length) ||
		check_has_control(s) || strpbrk(s, "\\#") != NULL ||
		s[length - 1] == ' ') /* a browser takes the last blank away: "/login " */
		return false;
	if (!plain_segments(s, path) || !decode_path(decoded, s, path) ||
		!text_utf8(decoded, strlen(decoded)) || check_has_control(decoded))
		return false;
	for (size_t i = 0; i < sizeof circles / sizeof circles[0]; i++)
		if (strcmp(decoded, circles[i]) == 0)
			return false;
	return true;
}

static const char *other_sites = "";

void
input_let_next(const char *sites)
{
	other_sites = sites;
}

bool
input_next(const char *s)
{
	for (const char *site = other_sites; *site != '\0'; site += *site == ' ') {
		size_t n = strcspn(site, " ");

		if (strncmp(s, site, n) == 0 && s[n] == '/')
			return input_local(s + n);
		site += n;
	}
	return input_local(s);
}
