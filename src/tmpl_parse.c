/* SPDX-License-Identifier: ISC */
/*
 * tmpl_parse: the text of one file becomes nodes. Owns the syntax of Mustache: tags, delimiters,
 * lines that vanish because nothing but a tag stands on them, indentation. What HTML forbids is not
 * its matter, except that raw output wants a name in Html.
 */
#include "tmpl_parts.h"

#include <string.h>

/* Where a list goes on. */
struct tail {
	struct tmpl_node **end;
};

static bool list(struct tmpl_parse *p, const struct tmpl_tag *opener, struct tmpl_node **head);

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct tmpl_node *
add(struct tmpl_parse *p, struct tail *to, enum tmpl_kind kind, const char *at)
{
	struct tmpl_node *node = mem_get(p->m, sizeof *node);

	node->kind = kind;
	node->line = tmpl_line(p, at);
	*to->end = node;
	to->end = &node->next;
	return node;
}

static void
add_text(struct tmpl_parse *p, struct tail *to, const char *from, const char *until)
{
	struct tmpl_node *node;

	if (from >= until)
		return;
	node = add(p, to, TMPL_TEXT, from);
	node->text = from;
	node->length = (size_t)(until - from);
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

static void
put_text(struct tmpl_parse *p, struct tail *to, const char *from, const char *until)
{
	const char *end;

	if (p->strip == 0)
		add_text(p, to, from, until);
	for (; p->strip > 0 && from < until; from = end) {
		if ((end = memchr(from, '\n', (size_t)(until - from))) == NULL)
			end = until;
		else
			end++;
		if (from == p->start || from[-1] == '\n')
			from = stripped(p, from, end);
		add_text(p, to, from, end);
	}
}

static bool
variable(struct tmpl_parse *p, const struct tmpl_tag *tag, struct tail *to)
{
	struct tmpl_node *node = add(p, to, TMPL_VALUE, tag->from);

	if (!tmpl_tag_name(p, tag, node))
		return false;
	node->raw = tag->kind != 'v';
	if (!node->raw || (node->length >= 4 && strcmp(node->text + node->length - 4, "Html") == 0))
		return true;
	return tmpl_wrong(p, tag->from,
		"raw output of %s: only a name that ends in Html may be raw", node->text);
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
	const char *slash = strrchr(p->file->name, '/'), *dot = strrchr(p->file->name, '.');
	const char *file;

	if (!tmpl_good_name(tag->name, tag->length))
		return tmpl_wrong(p, tag->from, "this is no name for a template");
	if (dot == NULL || (slash != NULL && dot < slash))
		dot = "";
	node->text = mem_copy(p->m, tag->name, tag->length);
	node->length = tag->length;
	file = mem_print(p->m, "%s%s", node->text, dot);
	if ((node->from = tmpl_load(p->set, file)) == NULL && !tmpl_lenient(p->set))
		return tmpl_wrong(p, tag->from, "there is no template %s", file);
	if (node->from == NULL || node->from->why == NULL)
		return true;
	p->file->why = node->from->why;
	return false;
}

static bool
section(struct tmpl_parse *p, const struct tmpl_tag *tag, struct tail *to)
{
	struct tmpl_node *node =
		add(p, to, tag->kind == '#' ? TMPL_SECTION : TMPL_INVERTED, tag->from);

	return tmpl_tag_name(p, tag, node) && list(p, tag, &node->inside);
}

/* Of what stands in a parent tag, the blocks alone count. */
static bool
keep_blocks(struct tmpl_parse *p, const struct tmpl_tag *tag, struct tmpl_node *parent)
{
	struct tmpl_node **end = &parent->inside;

	for (struct tmpl_node *n = parent->inside; n != NULL; n = n->next)
		if (n->kind == TMPL_BLOCK) {
			*end = n;
			end = &n->next;
		}
	*end = NULL;
	for (const struct tmpl_node *n = parent->inside; n != NULL; n = n->next)
		for (const struct tmpl_node *o = n->next; o != NULL; o = o->next)
			if (strcmp(o->text, n->text) == 0)
				return tmpl_wrong(p, tag->from, "block %s stands twice in %s",
					n->text, parent->text);
	return true;
}

/* The whole parent, to its end, counts as one tag: it may have its lines for itself. */
static bool
parent(struct tmpl_parse *p, const struct tmpl_tag *tag, struct tail *to)
{
	const char *before = p->at;
	struct tmpl_node *node = mem_get(p->m, sizeof *node);
	size_t strip = p->strip;
	struct tmpl_tag whole = *tag;

	node->kind = TMPL_PARENT;
	node->line = tmpl_line(p, tag->from);
	p->at = tag->to;
	p->strip = 0;
	if (!other_file(p, tag, node) || !list(p, tag, &node->inside) || !keep_blocks(p, tag, node))
		return false;
	p->strip = strip;
	whole.to = p->at;
	tmpl_tag_around(p, &whole);
	node->alone = whole.line != NULL && whole.next != NULL;
	put_text(p, to, before, node->alone ? whole.line : tag->from);
	if (node->alone) {
		indent(p, tag, node);
		p->at = whole.next;
	}
	*to->end = node;
	to->end = &node->next;
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
	const char *from, *s;

	node->alone = tag->line != NULL && tag->next != NULL;
	if (tag->line != NULL)
		indent(p, tag, node);
	if (node->alone) {
		for (s = from = stripped(p, tag->next, p->end); s < p->end && blank(*s); s++)
			;
		if (!tmpl_tag_closes(p, s)) {
			node->indent = from;
			node->indent_length = (size_t)(s - from);
		}
	}
	return list(p, tag, &node->inside);
}

static bool
partial(struct tmpl_parse *p, const struct tmpl_tag *tag, struct tail *to)
{
	struct tmpl_node *node = add(p, to, TMPL_PARTIAL, tag->from);

	node->alone = tag->line != NULL && tag->next != NULL;
	if (node->alone)
		indent(p, tag, node);
	return other_file(p, tag, node);
}

static bool
block(struct tmpl_parse *p, const struct tmpl_tag *tag, const struct tmpl_tag *opener,
	struct tail *to)
{
	struct tmpl_node *node = add(p, to, TMPL_BLOCK, tag->from);

	if (!tmpl_tag_name(p, tag, node))
		return false;
	return opener != NULL && opener->kind == '<' ? argument(p, tag, node) : place(p, tag, node);
}

static bool
closes(struct tmpl_parse *p, const struct tmpl_tag *tag, const struct tmpl_tag *opener)
{
	if (opener == NULL)
		return tmpl_wrong(p, tag->from, "this closes nothing");
	if (tag->length != opener->length || memcmp(tag->name, opener->name, tag->length) != 0)
		return tmpl_wrong(p, tag->from, "this does not close %.*s of line %d",
			(int)(opener->length < 100 ? opener->length : 100), opener->name,
			tmpl_line(p, opener->from));
	return true;
}

/* One tag that is neither a parent nor closes. */
static bool
one(struct tmpl_parse *p, const struct tmpl_tag *tag, const struct tmpl_tag *opener,
	struct tail *to)
{
	switch (tag->kind) {
	case '!': return true;
	case '=': return tmpl_tag_delimiters(p, tag);
	case '#':
	case '^': return section(p, tag, to);
	case '>': return partial(p, tag, to);
	case '$': return block(p, tag, opener, to);
	default: return variable(p, tag, to);
	}
}

/* What is before the tag, without the white space of a line that vanishes; then go behind it. */
static void
pass(struct tmpl_parse *p, const struct tmpl_tag *tag, const struct tmpl_tag *opener,
	struct tail *to)
{
	bool alone = tag->line != NULL && tag->next != NULL && strchr("v{&", tag->kind) == NULL;
	const char *until = alone ? tag->line : tag->from, *next = alone ? tag->next : tag->to;

	if (tag->kind == '/' && opener != NULL && opener->argument) {
		until = tag->line != NULL ? tag->line : tag->from;
		next = tag->to;
	}
	if (tag->kind == '/' && opener != NULL && opener->kind == '<')
		next = tag->to;
	put_text(p, to, p->at, until);
	p->at = next;
}

/* Nodes up to the tag that closes `opener`, or to the end of the file. */
static bool
list(struct tmpl_parse *p, const struct tmpl_tag *opener, struct tmpl_node **head)
{
	struct tail to = { head };
	struct tmpl_tag tag;
	bool found;

	if (++p->depth > TMPL_NESTED)
		return tmpl_wrong(
			p, opener->from, "sections are nested more than %d deep", TMPL_NESTED);
	while (tmpl_tag_read(p, &tag, &found)) {
		if (!found && opener != NULL)
			return tmpl_wrong(p, opener->from, "%.*s is not closed",
				(int)(opener->length < 100 ? opener->length : 100), opener->name);
		if (!found) {
			put_text(p, &to, p->at, p->end);
			return true;
		}
		tag.argument = tag.kind == '$' && opener != NULL && opener->kind == '<';
		if (tag.kind == '<') {
			if (!parent(p, &tag, &to))
				return false;
			continue;
		}
		pass(p, &tag, opener, &to);
		if (tag.kind == '/') {
			p->depth--;
			return closes(p, &tag, opener);
		}
		if (!one(p, &tag, opener, &to))
			return false;
	}
	return false;
}

void
tmpl_parse(struct tmpls *set, struct tmpl *t, const char *source, size_t length)
{
	struct tmpl_parse p = { .set = set,
		.m = tmpl_memory(set),
		.file = t,
		.start = source,
		.at = source,
		.end = source + length,
		.counted = source,
		.line = 1,
		.open = "{{",
		.close = "}}" };

	t->lines = list(&p, NULL, &t->nodes) ? tmpl_line(&p, p.end) : 0;
}
