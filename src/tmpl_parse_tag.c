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
	tag->alone = tag->line != NULL && tag->next != NULL && strchr("v{&", tag->kind) == NULL;
}

bool
tmpl_tag_read(struct tmpl_parse *p, struct tmpl_tag *tag)
{
	const char *s, *end, *close = p->close;

	*tag = (struct tmpl_tag){ .from = seek(p->at, p->end, p->open), .kind = 'v' };
	if (tag->from == NULL)
		return true;
	s = tag->from + strlen(p->open);
	if (s < p->end && strchr("#^/!><$={&", *s) != NULL)
		tag->kind = *s++;
	if (tag->kind == '{' || tag->kind == '=')
		close = mem_print(p->m, "%c%s", tag->kind == '{' ? '}' : '=', close);
	if ((end = seek(s, p->end, close)) == NULL)
		return tmpl_wrong(p, tag->from, "this tag is not closed: %s is missing", close);
	tag->to = end + strlen(close);
	while (s < end && space(*s))
		s++;
	while (s < end && space(end[-1]))
		end--;
	tag->name = s;
	tag->length = (size_t)(end - s);
	tag->argument = tag->kind == '$' && p->opener != NULL && p->opener->kind == '<';
	tmpl_tag_around(p, tag);
	return true;
}

bool
tmpl_tag_name(struct tmpl_parse *p, const struct tmpl_tag *tag, struct tmpl_node *node)
{
	char *s = mem_copy(p->m, tag->name, tag->length);

	node->text = mem_copy(p->m, tag->name, tag->length);
	node->length = tag->length;
	if (strcmp(s, ".") == 0 && tag->kind != '$')
		return true;
	if (!tmpl_words(s, "."))
		return tmpl_wrong(p, tag->from, "%s",
			strstr(s, p->open) != NULL
				? "this tag is not closed"
				: "a name has letters, digits, _ and -, and dots between");
	node->parts = mem_get(p->m, (tag->length / 2 + 1) * sizeof *node->parts);
	for (char *part; (part = strsep(&s, ".")) != NULL;)
		node->parts[node->count++] = part;
	return true;
}

bool
tmpl_tag_delimiters(struct tmpl_parse *p, const struct tmpl_tag *tag)
{
	char *s = mem_copy(p->m, tag->name, tag->length);
	const char *words[3];
	size_t n = 0;

	for (char *word; n < 3 && (word = strsep(&s, " \t\r\n\f")) != NULL;)
		if (*word != '\0')
			words[n++] = word;
	if (n != 2 || memchr(tag->name, '=', tag->length) != NULL)
		return tmpl_wrong(p, tag->from, "delimiters are two words without =");
	p->open = words[0];
	p->close = words[1];
	return true;
}
