/* SPDX-License-Identifier: ISC */
/*
 * tmpl_parse_tag: one tag of Mustache: where it begins and ends, what stands around it on its line,
 * whether its name is one. What it does is tmpl_parse's matter.
 */
#include "tmpl_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
space(char c)
{
	return blank(c) || c == '\n' || c == '\r' || c == '\f';
}

int
tmpl_line(struct tmpl_parse *p, const char *at)
{
	while (p->counted > at)
		p->line -= *--p->counted == '\n';
	for (; p->counted < at; p->counted++)
		p->line += *p->counted == '\n';
	return p->line;
}

bool
tmpl_wrong(struct tmpl_parse *p, const char *at, const char *format, ...)
{
	char what[400];
	va_list ap;

	va_start(ap, format);
	vsnprintf(what, sizeof what, format, ap);
	va_end(ap);
	p->file->why = mem_print(p->m, "%s:%d: %s", p->file->path, tmpl_line(p, at), what);
	return false;
}

static const char *
seek(const char *from, const char *end, const char *what)
{
	return memmem(from, (size_t)(end - from), what, strlen(what));
}

/* What stands around the tag on its line. */
void
tmpl_tag_around(const struct tmpl_parse *p, struct tmpl_tag *tag)
{
	const char *s = tag->from;

	while (s > p->start && blank(s[-1]))
		s--;
	tag->line = s == p->start || s[-1] == '\n' ? s : NULL;
	for (s = tag->to;
		s < p->end && (blank(*s) || (*s == '\r' && s + 1 < p->end && s[1] == '\n')); s++)
		;
	tag->next = s == p->end ? s : *s == '\n' ? s + 1 : NULL;
}

/* The next tag; *found tells whether there is one. False: it is broken. */
bool
tmpl_tag_read(struct tmpl_parse *p, struct tmpl_tag *tag, bool *found)
{
	char close[TMPL_DELIMITER + 2];
	const char *s, *end;

	*tag = (struct tmpl_tag){ .from = seek(p->at, p->end, p->open), .kind = 'v' };
	if (!(*found = tag->from != NULL))
		return true;
	s = tag->from + strlen(p->open);
	if (s < p->end && strchr("#^/!><$={&", *s) != NULL)
		tag->kind = *s++;
	snprintf(close, sizeof close, "%s%s",
		tag->kind == '{'           ? "}"
			: tag->kind == '=' ? "="
					   : "",
		p->close);
	if ((end = seek(s, p->end, close)) == NULL)
		return tmpl_wrong(p, tag->from, "this tag is not closed: %s is missing", close);
	tag->to = end + strlen(close);
	while (s < end && space(*s))
		s++;
	while (s < end && space(end[-1]))
		end--;
	tag->name = s;
	tag->length = (size_t)(end - s);
	tmpl_tag_around(p, tag);
	return true;
}

static bool
good_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '_' || c == '-';
}

/* The name of a value or a block: words with a dot between; "." alone is no block. */
static bool
good_name(const struct tmpl_tag *tag)
{
	if (tag->length == 1 && tag->name[0] == '.')
		return tag->kind != '$';
	for (size_t i = 0; i < tag->length; i++)
		if (tag->name[i] == '.' ? i == 0 || i + 1 == tag->length || tag->name[i - 1] == '.'
					: !good_char(tag->name[i]))
			return false;
	return tag->length > 0;
}

/* Put the tag's name into the node. */
bool
tmpl_tag_name(struct tmpl_parse *p, const struct tmpl_tag *tag, struct tmpl_node *node)
{
	char *s;

	if (!good_name(tag)) {
		if (memmem(tag->name, tag->length, p->open, strlen(p->open)) != NULL)
			return tmpl_wrong(p, tag->from, "this tag is not closed");
		return tmpl_wrong(
			p, tag->from, "a name has letters, digits, _ and -, and dots between");
	}
	node->text = mem_copy(p->m, tag->name, tag->length);
	node->length = tag->length;
	if (strcmp(node->text, ".") == 0)
		return true;
	node->parts = mem_get(p->m, (tag->length / 2 + 1) * sizeof *node->parts);
	s = mem_copy(p->m, tag->name, tag->length);
	for (char *part; (part = strsep(&s, ".")) != NULL;)
		node->parts[node->count++] = part;
	return true;
}

bool
tmpl_tag_delimiters(struct tmpl_parse *p, const struct tmpl_tag *tag)
{
	const char *s = tag->name, *end = s + tag->length, *close;
	size_t first = 0, second;

	while (s + first < end && !space(s[first]))
		first++;
	for (close = s + first; close < end && space(*close);)
		close++;
	second = (size_t)(end - close);
	if (first == 0 || second == 0 || first > TMPL_DELIMITER || second > TMPL_DELIMITER ||
		memchr(s, '=', tag->length) != NULL)
		return tmpl_wrong(p, tag->from,
			"delimiters are two words of up to %d characters without =",
			TMPL_DELIMITER);
	for (size_t i = 0; i < second; i++)
		if (space(close[i]))
			return tmpl_wrong(p, tag->from, "delimiters are two words");
	memset(p->open, 0, sizeof p->open);
	memset(p->close, 0, sizeof p->close);
	memcpy(p->open, s, first);
	memcpy(p->close, close, second);
	return true;
}

bool
tmpl_tag_closes(const struct tmpl_parse *p, const char *at)
{
	size_t n = strlen(p->open);

	return (size_t)(p->end - at) > n && memcmp(at, p->open, n) == 0 && at[n] == '/';
}
