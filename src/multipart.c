/* SPDX-License-Identifier: ISC */
/*
 * multipart: the body of a form that may hold files (RFC 7578, RFC 2046 section 5.1), in one pass.
 * Owns what a part is and what its headers may cost; copies no file, looks into no multipart within
 * a part, and does not know what the members mean.
 */
#include "multipart_parts.h"

#include "text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	TYPE_CHARS = 127, /* of a media type: twice RFC 6838's 63 and the slash */
};

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define TOKEN ALNUM "!#$%&'*+-.^_`|~" /* RFC 9110 section 5.6.2 */

/* A body on its way: what lies before `at` is done. */
struct reader {
	struct mem *m;
	const char *at, *end;
	bool last; /* the delimiter before `at` was the closing one */
	char delimiter[sizeof "\r\n--" + BOUNDARY_CHARS];
	size_t length; /* of the delimiter */
	size_t text;   /* bytes of texts so far */
	struct http_pair *to;
};

bool
multipart_boundary(const char *s)
{
	size_t n = s != NULL ? strlen(s) : 0;

	return n > 0 && n <= BOUNDARY_CHARS && s[n - 1] != ' ' &&
		s[strspn(s, ALNUM "'()+_,-./:=? ")] == '\0';
}

const char *
multipart_line(const char *at, const char *end, bool *last)
{
	*last = end - at >= 2 && memcmp(at, "--", 2) == 0;
	if (*last)
		at += 2;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	if (*last && at == end)
		return at;
	return end - at >= 2 && memcmp(at, "\r\n", 2) == 0 ? at + 2 : NULL;
}

/* Go behind the next delimiter. Returns where it begins, or NULL if there is none. */
static const char *
next_delimiter(struct reader *r)
{
	const char *at = r->at, *behind;

	for (; (at = memchr(at, '\r', (size_t)(r->end - at))) != NULL; at++) {
		if ((size_t)(r->end - at) < r->length)
			return NULL;
		if (memcmp(at, r->delimiter, r->length) != 0 ||
			(behind = multipart_line(at + r->length, r->end, &r->last)) == NULL)
			continue;
		r->at = behind;
		return at;
	}
	return NULL;
}

/* Go behind the first delimiter: at the start of the body its line break is missing. */
static bool
first_delimiter(struct reader *r)
{
	const char *line = r->delimiter + 2, *behind;
	size_t n = r->length - 2;

	if ((size_t)(r->end - r->at) >= n && memcmp(r->at, line, n) == 0 &&
		(behind = multipart_line(r->at + n, r->end, &r->last)) != NULL) {
		r->at = behind;
		return true;
	}
	return next_delimiter(r) != NULL;
}

/*
 * Take a parameter's value out of a header, in place: a token, or quoted as browsers and curl write
 * it: a backslash stands for itself but before a quote or another one, %22 for a quote (HTML,
 * "multipart form data"). Returns what follows, or NULL if the quote never ends.
 */
static char *
take_value(char *s, char **value)
{
	char *to;

	*value = to = s;
	if (*s != '"') {
		s += strcspn(s, "; \t");
		if (*s != '\0')
			*s++ = '\0';
		return s;
	}
	for (s++; *s != '"'; s++) {
		char c = *s;

		if (c == '\0')
			return NULL;
		if (c == '\\' && (s[1] == '"' || s[1] == '\\')) {
			c = *++s;
		} else if (strncmp(s, "%22", 3) == 0) {
			c = '"';
			s += 2;
		}
		*to++ = c;
	}
	*to = '\0';
	return s + 1;
}

/* form-data; name="…"; filename="…". Other parameters (filename* too: RFC 7578 section 4.2) are
 * passed over. */
static void
read_disposition(struct part *p, char *s)
{
	size_t n = strcspn(s, "; \t");

	p->form = n == strlen("form-data") && strncasecmp(s, "form-data", n) == 0;
	for (s += n; *(s += strspn(s, "; \t")) != '\0';) {
		char *param = s, *value;

		s += strcspn(s, "=; \t");
		if (*s != '=')
			continue;
		*s++ = '\0';
		if ((s = take_value(s, &value)) == NULL) {
			p->form = false;
			return;
		}
		if (p->name == NULL && strcasecmp(param, "name") == 0)
			p->name = value;
		else if (p->filename == NULL && strcasecmp(param, "filename") == 0)
			p->filename = value;
	}
}

/* A media type without its parameters; what is none is no type. */
static void
read_type(struct part *p, char *s)
{
	size_t kind = strspn(s, TOKEN), n = kind + 1;

	if (kind == 0 || s[kind] != '/' || strspn(s + n, TOKEN) == 0)
		return;
	n += strspn(s + n, TOKEN);
	if (n > TYPE_CHARS || strchr("; \t", s[n]) == NULL)
		return;
	s[n] = '\0';
	text_lower(s);
	p->type = s;
}

struct part
multipart_headers(struct mem *m, const char *at, const char *end)
{
	struct part p = { 0 };
	char *line = mem_copy(m, at, (size_t)(end - at)), *next, *value;
	bool disposed = false;

	if (memchr(line, '\0', (size_t)(end - at)) != NULL)
		return p;
	for (; line != NULL; line = next) {
		if ((next = strstr(line, "\r\n")) != NULL) {
			*next = '\0';
			next += 2;
		}
		if ((value = strchr(line, ':')) == NULL)
			continue;
		*value++ = '\0';
		value += strspn(value, " \t");
		if (!disposed && strcasecmp(line, "Content-Disposition") == 0) {
			disposed = true;
			read_disposition(&p, value);
		} else if (p.type == NULL && strcasecmp(line, "Content-Type") == 0) {
			read_type(&p, value);
		}
	}
	return p;
}

bool
multipart_counts(const struct part *p)
{
	return p->form && p->name != NULL && *p->name != '\0' &&
		(p->type == NULL || strncmp(p->type, "multipart/", 10) != 0);
}

struct http_pair
multipart_pair(const struct part *p)
{
	bool file = p->filename != NULL;

	return (struct http_pair){ .name = p->name,
		.name_length = strlen(p->name),
		.filename = p->filename,
		.type = !file             ? NULL
			: p->type != NULL ? p->type
					  : "application/octet-stream" };
}

/* Note a part whose value lies from `at` to `end`. */
static enum err
keep(struct reader *r, const struct part *p, const char *at, const char *end)
{
	size_t length = (size_t)(end - at);

	if (!multipart_counts(p))
		return ERR_NONE;
	if (p->filename == NULL && (r->text += length) > MULTIPART_TEXT_BYTES)
		return ERR_BODY_LARGE;
	*r->to = multipart_pair(p);
	r->to->value = p->filename != NULL ? at : mem_copy(r->m, at, length);
	r->to->value_length = length;
	r->to++;
	return ERR_NONE;
}

/* The part at r->at. Its headers end with a blank line, which may be the delimiter's own. */
static enum err
read_part(struct reader *r)
{
	const char *start = r->at, *end = next_delimiter(r), *blank, *value;
	struct part p;
	size_t most;

	if (end == NULL)
		return ERR_MULTIPART;
	if (memcmp(start, "\r\n", 2) == 0) /* no header: nothing that names it */
		return ERR_NONE;
	most = (size_t)(end + 2 - start);
	if (most > MULTIPART_HEADER_BYTES)
		most = MULTIPART_HEADER_BYTES;
	if ((blank = memmem(start, most, "\r\n\r\n", 4)) == NULL)
		return ERR_MULTIPART;
	value = blank + 4 < end ? blank + 4 : end;
	p = multipart_headers(r->m, start, blank);
	return keep(r, &p, value, end);
}

enum err
multipart_read(struct mem *m, const char *boundary, const char *body, size_t length,
	const struct http_pair **pairs, size_t *count)
{
	struct reader r = { .m = m, .at = body, .end = body + length };
	enum err e = ERR_NONE;

	*count = 0;
	if (!multipart_boundary(boundary))
		return ERR_MULTIPART;
	r.length = (size_t)snprintf(r.delimiter, sizeof r.delimiter, "\r\n--%s", boundary);
	if (!first_delimiter(&r))
		return ERR_MULTIPART;
	*pairs = r.to = mem_get(m, HTTP_PAIRS * sizeof *r.to);
	for (size_t parts = 0; !r.last && e == ERR_NONE; parts++)
		e = parts < HTTP_PAIRS ? read_part(&r) : ERR_MANY;
	if (e == ERR_NONE)
		*count = (size_t)(r.to - *pairs);
	return e;
}
