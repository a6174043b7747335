/* SPDX-License-Identifier: ISC */
/*
 * json: a result as text. jansson's own dump decodes and judges every character anew, which was a
 * quarter of the work of a small answer (make bench); the strings of a json_t are known to be
 * UTF-8, so here they are copied in runs up to the next character that must be escaped.
 */
#include "json.h"

#include <stdbool.h>
#include <string.h>

struct out {
	struct mem *m;
	char *text;
	size_t used, size;
};

/* Room for `n` more bytes; where they go. */
static char *
room(struct out *o, size_t n)
{
	if (n > o->size - o->used) {
		char *old = o->text;

		o->size = 2 * o->size + n;
		o->text = mem_get(o->m, o->size);
		memcpy(o->text, old, o->used);
	}
	return o->text + o->used;
}

static void
put(struct out *o, const char *bytes, size_t n)
{
	memcpy(room(o, n), bytes, n);
	o->used += n;
}

/* What may not stand in a string as it is (RFC 8259 section 7). */
static const bool escaped[256] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, ['"'] = 1, ['\\'] = 1 };

/* Whether one of eight bytes may be such; they are looked at together. */
static bool
escaped_among(const char *eight)
{
	const uint64_t each = 0x0101010101010101, top = 0x80 * each;
	uint64_t bytes, quote, slash;

	memcpy(&bytes, eight, sizeof bytes);
	quote = bytes ^ each * '"';
	slash = bytes ^ each * '\\';
	return (((bytes - each * ' ') & ~bytes) | ((quote - each) & ~quote) |
		       ((slash - each) & ~slash)) &
		top;
}

/* The first of the bytes up to `end` that has to be escaped, or `end`. */
static const char *
plain_until(const char *s, const char *end)
{
	while (end - s >= 8 && !escaped_among(s))
		s += 8;
	while (s < end && !escaped[(unsigned char)*s])
		s++;
	return s;
}

static void
put_escape(struct out *o, char c)
{
	static const char hex[] = "0123456789abcdef", short_for[] = "\bb\ff\nn\rr\tt\"\"\\\\";
	char escape[6] = { '\\', 'u', '0', '0', hex[c >> 4 & 15], hex[c & 15] };
	const char *known = short_for;

	while (*known != '\0' && *known != c)
		known += 2;
	if (*known != '\0')
		escape[1] = known[1];
	put(o, escape, *known != '\0' ? 2 : 6);
}

static void
put_string(struct out *o, const char *s, size_t n)
{
	const char *end = s + n;

	put(o, "\"", 1);
	for (; s < end; s++) {
		const char *stop = plain_until(s, end);

		put(o, s, (size_t)(stop - s));
		if ((s = stop) == end)
			break;
		put_escape(o, *s);
	}
	put(o, "\"", 1);
}

static void
put_number(struct out *o, json_t *json)
{
	char text[64];
	size_t n = json_dumpb(json, text, sizeof text, JSON_ENCODE_ANY);

	if (n == 0 || n > sizeof text)
		mem_abort("a number that cannot be written");
	put(o, text, n);
}

static void
put_any(struct out *o, json_t *json)
{
	const char *name, *before = "";
	json_t *value;
	size_t i;

	switch (json_typeof(json)) {
	case JSON_OBJECT:
		put(o, "{", 1);
		json_object_foreach(json, name, value)
		{
			put(o, before, strlen(before));
			put_string(o, name, strlen(name));
			put(o, ":", 1);
			put_any(o, value);
			before = ",";
		}
		put(o, "}", 1);
		break;
	case JSON_ARRAY:
		put(o, "[", 1);
		json_array_foreach(json, i, value)
		{
			put(o, i > 0 ? "," : "", i > 0);
			put_any(o, value);
		}
		put(o, "]", 1);
		break;
	case JSON_STRING: put_string(o, json_string_value(json), json_string_length(json)); break;
	case JSON_INTEGER:
	case JSON_REAL: put_number(o, json); break;
	case JSON_TRUE: put(o, "true", 4); break;
	case JSON_FALSE: put(o, "false", 5); break;
	case JSON_NULL: put(o, "null", 4); break;
	}
}

const char *
json_text(struct mem *m, json_t *json, size_t *length)
{
	struct out o = { .m = m, .text = mem_get(m, 1024), .size = 1024 };

	put_any(&o, json);
	put(&o, "", 1);
	*length = o.used - 1;
	return o.text;
}

json_t *
json_lines(const char *text, size_t length)
{
	json_t *array = json_array();
	const char *end = text + length;

	while (text < end) {
		const char *at = memchr(text, '\n', (size_t)(end - text));

		at = at != NULL ? at : end;
		if (json_array_append_new(array, json_stringn(text, (size_t)(at - text))) != 0)
			return NULL;
		text = at + 1;
	}
	return array;
}

/* `width` digits of a number, with zeros before it. */
static void
digits(char *to, size_t width, unsigned long n)
{
	while (width-- > 0) {
		to[width] = (char)('0' + n % 10);
		n /= 10;
	}
}

json_t *
json_moment(const unsigned part[6], unsigned long milliseconds, bool day)
{
	static const struct {
		size_t at, width;
	} places[] = { { 0, 4 }, { 5, 2 }, { 8, 2 }, { 11, 2 }, { 14, 2 }, { 17, 2 } };
	char text[] = "0000-00-00T00:00:00.000Z";

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		digits(text + places[i].at, places[i].width, part[i]);
	digits(text + 20, 3, milliseconds);
	return json_stringn_nocheck(text, day ? strlen("0000-00-00") : strlen(text));
}

bool
row_put(json_t *row, const char *name, const char *member, json_t *value)
{
	json_t *to = row;

	if (member != NULL && (to = json_object_get(row, name)) == NULL) {
		to = json_object();
		json_object_set_new_nocheck(row, name, to);
	}
	return json_object_set_new_nocheck(to, member != NULL ? member : name, value) == 0;
}

const char *
row_text(json_t *row, const char *name)
{
	return json_string_value(json_object_get(row, name));
}

int64_t
row_number(json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}

int64_t
row_id(json_t *row)
{
	return row_number(row, "id");
}
