/* SPDX-License-Identifier: ISC */
/*
 * multipart_coming: a multipart body that is read as it comes, for a file of any length in a form
 * that is small (RFC 7578). Owns the window that it is seen through; what a part's headers say is
 * multipart.c's.
 */
#include "multipart_parts.h"

#include <stdio.h>
#include <string.h>

enum {
	WINDOW = 64 * 1024,
	BLANKS = 128, /* behind a delimiter, to the end of its line: more is data */
};

struct multipart {
	struct mem *m;
	const struct http_coming *from;
	char delimiter[sizeof "\r\n--" + BOUNDARY_CHARS];
	size_t length; /* of the delimiter */
	char *window;
	size_t at, end;     /* what of the window is not done yet */
	const char *behind; /* the delimiter that stands at `at`; NULL: none does */
	bool last;          /* … and it is the closing one */
	bool closed;        /* that was passed */
	bool ended;         /* no more comes */
	size_t form, parts; /* bytes that are no file's; parts so far */
	enum err wrong;
};

static bool
fails(struct multipart *s, enum err e)
{
	if (s->wrong == ERR_NONE)
		s->wrong = e;
	return false;
}

/* Have at least `want` bytes in the window, or all there are. */
static bool
fill(struct multipart *s, size_t want)
{
	if (s->end - s->at >= want || s->ended)
		return true;
	memmove(s->window, s->window + s->at, s->end - s->at);
	s->end -= s->at;
	s->at = 0;
	while (s->end < want) {
		ssize_t n = s->from->read(s->from->source, s->window + s->end, WINDOW - s->end);

		if (n < 0)
			return fails(s, ERR_BODY_LENGTH);
		if (n == 0) {
			s->ended = true;
			return true;
		}
		s->end += (size_t)n;
	}
	return true;
}

/* Behind the line of the delimiter at `at`; NULL if there is none, but data. */
static const char *
line_of(const struct multipart *s, const char *at, bool *last)
{
	const char *end = s->window + s->end;

	if ((size_t)(end - at) < s->length || memcmp(at, s->delimiter, s->length) != 0)
		return NULL;
	return multipart_line(at + s->length, end, last);
}

/* How many bytes lie before the next delimiter, or before where it could begin, and are data for
 * sure; 0 with s->behind set if it is here. */
static size_t
look(struct multipart *s)
{
	const char *start = s->window + s->at, *end = s->window + s->end, *at = start, *behind;
	bool last;

	for (; (at = memchr(at, '\r', (size_t)(end - at))) != NULL; at++) {
		if ((size_t)(end - at) < s->length + BLANKS && !s->ended)
			break;
		if ((behind = line_of(s, at, &last)) == NULL)
			continue;
		if (at == start) {
			s->behind = behind;
			s->last = last;
		}
		break;
	}
	return (size_t)((at != NULL ? at : end) - start);
}

/* How many bytes of the present part's data lie at s->at; 0 at its end, or on error. */
static size_t
data(struct multipart *s)
{
	size_t n;

	if (s->behind != NULL || s->wrong != ERR_NONE || !fill(s, s->length + BLANKS))
		return 0;
	n = look(s);
	if (n == 0 && s->behind == NULL)
		fails(s, ERR_MULTIPART); /* no more comes, and this is no delimiter */
	return n;
}

/* Bytes that are no file's. */
static bool
spend(struct multipart *s, size_t n)
{
	return (s->form += n) <= MULTIPART_FORM_BYTES || fails(s, ERR_BODY_LARGE);
}

/* Go past the data of this part and the delimiter behind it. */
static bool
pass(struct multipart *s)
{
	size_t n;

	while ((n = data(s)) > 0) {
		s->at += n;
		if (!spend(s, n))
			return false;
	}
	if (s->behind == NULL)
		return false;
	n = (size_t)(s->behind - s->window) - s->at;
	s->at += n;
	s->behind = NULL;
	s->closed = s->last;
	return spend(s, n);
}

/* What stands behind the last delimiter does not count, but for the length of the body. */
static bool
finish(struct multipart *s)
{
	while (!s->ended) {
		size_t n = s->end - s->at;

		s->at = s->end;
		if (!spend(s, n) || !fill(s, 1))
			return false;
	}
	return true;
}

/* Where the headers of the part at s->at end, and its value begins; NULL with an error noted. The
 * blank line between them may be the line break of the delimiter that follows. */
static const char *
headers_end(struct multipart *s, const char **value)
{
	const char *start, *blank, *at;
	size_t most;
	bool last;

	if (!fill(s, MULTIPART_HEADER_BYTES + s->length + BLANKS))
		return NULL;
	start = at = s->window + s->at;
	most = s->end - s->at;
	if (most > MULTIPART_HEADER_BYTES)
		most = MULTIPART_HEADER_BYTES;
	blank = memmem(start, most, "\r\n\r\n", 4);
	while ((at = memmem(at, most - (size_t)(at - start), s->delimiter, s->length)) != NULL &&
		line_of(s, at, &last) == NULL)
		at++;
	if (blank == NULL || (at != NULL && at < blank)) {
		fails(s, ERR_MULTIPART);
		return NULL;
	}
	*value = line_of(s, blank + 2, &last) != NULL ? blank + 2 : blank + 4;
	return blank;
}

/* The value of a text. */
static bool
take_text(struct multipart *s, struct http_pair *part)
{
	const char *text = "";
	size_t n;

	while ((n = data(s)) > 0) {
		char *more = mem_get(s->m, part->value_length + n + 1);

		if (!spend(s, n + part->value_length)) /* copying counts, too */
			return false;
		memcpy(more, text, part->value_length);
		memcpy(more + part->value_length, s->window + s->at, n);
		text = more;
		part->value_length += n;
		s->at += n;
	}
	part->value = text;
	return s->wrong == ERR_NONE;
}

/* Read the headers of the part at s->at, and a text's value. False on error; without a name it is
 * to be passed over. */
static bool
take_part(struct multipart *s, struct http_pair *part)
{
	const char *blank, *value;
	struct part p;
	size_t n;

	*part = (struct http_pair){ 0 };
	if (++s->parts > MULTIPART_PARTS)
		return fails(s, ERR_MANY);
	if (!fill(s, 2) || (s->end - s->at >= 2 && memcmp(s->window + s->at, "\r\n", 2) == 0))
		return s->wrong == ERR_NONE; /* no header: nothing that names it */
	if ((blank = headers_end(s, &value)) == NULL)
		return false;
	p = multipart_headers(s->m, s->window + s->at, blank);
	n = (size_t)(value - s->window) - s->at;
	s->at += n;
	if (!spend(s, n))
		return false;
	if (!multipart_counts(&p))
		return true;
	*part = multipart_pair(&p);
	if (part->filename == NULL)
		return take_text(s, part);
	part->value = "";
	part->value_length = data(s);
	return s->wrong == ERR_NONE;
}

struct multipart *
multipart_open(struct mem *m, const char *boundary, const struct http_coming *from)
{
	struct multipart *s;

	if (!multipart_boundary(boundary))
		return NULL;
	s = mem_get(m, sizeof *s);
	*s = (struct multipart){ .m = m, .from = from, .window = mem_get(m, WINDOW), .end = 2 };
	s->length = (size_t)snprintf(s->delimiter, sizeof s->delimiter, "\r\n--%s", boundary);
	memcpy(s->window, "\r\n", 2); /* the first delimiter may lack its line break */
	return s;
}

enum err
multipart_next(struct multipart *s, struct http_pair *part)
{
	*part = (struct http_pair){ 0 };
	do {
		if (!s->closed && !pass(s))
			return s->wrong;
		if (s->closed)
			return finish(s) ? ERR_NONE : s->wrong;
		if (!take_part(s, part))
			return s->wrong;
	} while (part->name == NULL);
	return ERR_NONE;
}

ssize_t
multipart_some(struct multipart *s, char *to, size_t size)
{
	size_t n = data(s);

	if (n > size)
		n = size;
	memcpy(to, s->window + s->at, n);
	s->at += n;
	return s->wrong != ERR_NONE ? -1 : (ssize_t)n;
}

enum err
multipart_wrong(const struct multipart *s)
{
	return s->wrong;
}
