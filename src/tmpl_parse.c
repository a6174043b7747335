/* SPDX-License-Identifier: ISC */
/*
 * tmpl_parse: the text of one file becomes nodes. Owns the syntax of Mustache: tags, delimiters,
 * lines that vanish because nothing but a tag stands on them, indentation. What HTML forbids is not
 * its matter.
 */
#include "tmpl_parts.h"

#include <string.h>

static bool list(struct tmpl_parse *p, const struct tmpl_tag *opener, struct tmpl_node **head);

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct tmpl_node *
make(struct tmpl_parse *p, enum tmpl_kind kind, const char *at)
{
	struct tmpl_node *node = mem_get(p->m, sizeof *node);

	*node = (struct tmpl_node){ .kind = kind, .file = p->file, .line = tmpl_line(p, at) };
	return node;
}

static struct tmpl_node *
add(struct tmpl_parse *p, struct tmpl_node *node)
{
	*p->tail = node;
	p->tail = &node->next;
	return node;
}

/* Up to `strip` white space at `line` passed over. */
static const char *
stripped(const struct tmpl_parse *p, const char *line, const char *until)
{
	size_t n = 0;

	while (n < p->strip && line + n < until && blank(line[n]))
		n++;
	return line + n;
}

/* Text as it is; line by line, if white space is to go. */
static void
put_text(struct tmpl_parse *p, const char *from, const char *until)
{
	for (const char *end; from < until; from = end) {
		struct tmpl_node *node;

		end = p->strip > 0 ? memchr(from, '\n', (size_t)(until - from)) : NULL;
		end = end != NULL ? end + 1 : until;
		if (from == p->start || from[-1] == '\n')
			from = stripped(p, from, end);
		if (from == end)
			continue;
		node = add(p, make(p, TMPL_TEXT, from));
		node->text = from;
		node->length = (size_t)(end - from);
	}
}

/* The white space before the tag, for what comes in its place. */
static void
indent(const struct tmpl_parse *p, const struct tmpl_tag *tag, struct tmpl_node *node)
{
	node->indent = stripped(p, tag->line, tag->from);
	node->indent_length = (size_t)(tag->from - node->indent);
}

/* Find the file that a partial or parent names: beside this one, with the same ending. */
static bool
other_file(struct tmpl_parse *p, const struct tmpl_tag *tag, struct tmpl_node *node)
{
	const char *name = mem_copy(p->m, tag->name, tag->length);
	const char *dot = strrchr(p->file->name, '.'), *file;

	if (!tmpl_words(name, "./"))
		return tmpl_wrong(p, tag->from, "this is no name for a template");
	file = mem_print(p->m, "%s%s", name, dot != NULL ? dot : "");
	if ((node->from = tmpl_load(p->set, file)) == NULL && !p->set->lenient)
		return tmpl_wrong(p, tag->from, "there is no template %s", file);
	if (node->from == NULL || node->from->why == NULL)
		return true;
	p->file->why = node->from->why;
	return false;
}

/* The whole parent, to its end, counts as one tag: it may have its lines for itself. */
static bool
parent(struct tmpl_parse *p, const struct tmpl_tag *tag)
{
	struct tmpl_node *node = make(p, TMPL_PARENT, tag->from);
	struct tmpl_tag whole = *tag;
	const struct tmpl_frame frame = { .parent = node }, *found;
	const char *before = p->at;
	size_t strip = p->strip;

	p->at = tag->to;
	p->strip = 0;
	if (!other_file(p, tag, node) || !list(p, tag, &node->inside))
		return false;
	for (const struct tmpl_node *n = node->inside; n != NULL; n = n->next)
		if (n->kind == TMPL_BLOCK && tmpl_override(n, &frame, &found) != n)
			return tmpl_wrong(p, tag->from, "block %s stands twice", n->text);
	p->strip = strip;
	whole.to = p->at;
	tmpl_tag_around(p, &whole);
	put_text(p, before, whole.alone ? whole.line : tag->from);
	node->alone = whole.alone;
	if (node->alone) {
		indent(p, tag, node);
		p->at = whole.next;
	}
	add(p, node);
	return true;
}

/* A block that a parent tag passes on: its own indentation goes. */
static bool
argument(struct tmpl_parse *p, const struct tmpl_tag *tag, struct tmpl_node *node)
{
	size_t strip = p->strip;
	bool good;

	p->strip = 0;
	if (tag->next != NULL) {
		p->at = tag->next;
		while (p->at + p->strip < p->end && blank(p->at[p->strip]))
			p->strip++;
	}
	good = list(p, tag, &node->inside);
	p->strip = strip;
	return good;
}

/* A place that can be overridden. What comes there is indented as the default is, or the tag. */
static bool
place(struct tmpl_parse *p, const struct tmpl_tag *tag, struct tmpl_node *node)
{
	size_t open = strlen(p->open);
	const char *from, *s;

	if (tag->alone) {
		for (s = from = stripped(p, tag->next, p->end); s < p->end && blank(*s); s++)
			;
		if ((size_t)(p->end - s) <= open || memcmp(s, p->open, open) != 0 ||
			s[open] != '/') {
			node->indent = from;
			node->indent_length = (size_t)(s - from);
		}
	}
	return list(p, tag, &node->inside);
}

static bool
closes(struct tmpl_parse *p, const struct tmpl_tag *tag)
{
	const struct tmpl_tag *opener = p->opener;

	if (opener == NULL)
		return tmpl_wrong(p, tag->from, "this closes nothing");
	if (tag->length != opener->length || memcmp(tag->name, opener->name, tag->length) != 0)
		return tmpl_wrong(p, tag->from, "this does not close %.*s of line %d",
			(int)opener->length, opener->name, tmpl_line(p, opener->from));
	return true;
}

/* What is before the tag, without the white space of a line that vanishes; then go behind it. */
static void
pass(struct tmpl_parse *p, const struct tmpl_tag *tag)
{
	const struct tmpl_tag *opener = tag->kind == '/' ? p->opener : NULL;
	const char *until = tag->alone ? tag->line : tag->from;
	const char *next = tag->alone ? tag->next : tag->to;

	if (opener != NULL && opener->argument && tag->line != NULL)
		until = tag->line;
	if (opener != NULL && (opener->argument || opener->kind == '<'))
		next = tag->to;
	put_text(p, p->at, until);
	p->at = next;
}

/* One tag that does not close anything. */
static bool
one(struct tmpl_parse *p, const struct tmpl_tag *tag)
{
	bool raw = tag->kind == '{' || tag->kind == '&';
	struct tmpl_node *node;

	if (tag->kind == '<')
		return parent(p, tag);
	pass(p, tag);
	if (tag->kind == '!' || tag->kind == '=')
		return tag->kind == '!' || tmpl_tag_delimiters(p, tag);
	node = add(p, make(p, raw ? TMPL_VALUE : (enum tmpl_kind)tag->kind, tag->from));
	node->raw = raw || p->file->plain;
	node->alone = tag->alone;
	if (tag->alone || (node->kind == TMPL_BLOCK && tag->line != NULL))
		indent(p, tag, node);
	if (node->kind == TMPL_PARTIAL)
		return other_file(p, tag, node);
	if (!tmpl_tag_name(p, tag, node))
		return false;
	if (node->kind == TMPL_VALUE)
		return true;
	if (node->kind == TMPL_BLOCK)
		return tag->argument ? argument(p, tag, node) : place(p, tag, node);
	return list(p, tag, &node->inside);
}

/* Nodes up to the tag that closes p->opener, or to the end of the file. */
static bool
nodes(struct tmpl_parse *p)
{
	struct tmpl_tag tag;

	while (tmpl_tag_read(p, &tag)) {
		if (tag.from == NULL && p->opener != NULL)
			return tmpl_wrong(p, p->opener->from, "%.*s is not closed",
				(int)p->opener->length, p->opener->name);
		if (tag.from == NULL) {
			put_text(p, p->at, p->end);
			return true;
		}
		if (tag.kind == '/') {
			pass(p, &tag);
			return closes(p, &tag);
		}
		if (!one(p, &tag))
			return false;
	}
	return false;
}

/* What the opener holds. */
static bool
list(struct tmpl_parse *p, const struct tmpl_tag *opener, struct tmpl_node **head)
{
	const struct tmpl_tag *outer = p->opener;
	struct tmpl_node **tail = p->tail;

	if (++p->depth > TMPL_NESTED)
		return tmpl_wrong(
			p, opener->from, "sections are nested more than %d deep", TMPL_NESTED);
	p->opener = opener;
	p->tail = head;
	if (!nodes(p))
		return false;
	p->tail = tail;
	p->opener = outer;
	p->depth--;
	return true;
}

void
tmpl_parse(struct tmpls *set, struct tmpl *t, const char *source, size_t length)
{
	struct tmpl_parse p = { .set = set,
		.m = set->mem,
		.file = t,
		.start = source,
		.at = source,
		.end = source + length,
		.counted = source,
		.line = 1,
		.open = "{{",
		.close = "}}",
		.tail = &t->nodes };

	t->lines = nodes(&p) ? tmpl_line(&p, p.end) : 0;
}
