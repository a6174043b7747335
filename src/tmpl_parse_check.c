/* SPDX-License-Identifier: ISC */
/*
 * tmpl_parse_check: is every variable of a page where it may be, whatever the data is? Reads the
 * page once, from its start, by one rule: what a section, block, partial or parent holds ends in
 * the same place of HTML in which it begins. So it does not matter whether it is there, how often,
 * or how deep it is in itself. Owns no rule of HTML.
 */
#include "tmpl_parts.h"

#include <string.h>

/* A partial or parent tag that was gone into from one place, or is just now. */
struct seen {
	const struct tmpl_node *tag;
	struct tmpl_html from;
	struct tmpl_frame frame; /* what it passes on; the outer one is where it stands */
	const struct seen *next;
};

struct check {
	struct mem *set, *m;   /* of the set; until the end of the check */
	struct tmpl_html html; /* where it is */
	const struct seen *seen;
	int depth;
	const char *why;
};

static bool nodes(struct check *c, const struct tmpl_node *node, const struct tmpl_frame *frame);

static bool
wrong(struct check *c, const struct tmpl_node *node, int line, const char *what)
{
	c->why = mem_print(c->set, "%s:%d: %s", node->file->path, line, what);
	return false;
}

static bool
text(struct check *c, const struct tmpl_node *node)
{
	int line = node->line;

	for (size_t i = 0; i < node->length && !node->file->plain; i++) {
		const char *what = tmpl_html_step(&c->html, node->text[i]);

		if (what != NULL)
			return wrong(c, node, line, what);
		line += node->text[i] == '\n';
	}
	return true;
}

static bool
value(struct check *c, const struct tmpl_node *node)
{
	const char *last = node->count > 0 ? node->parts[node->count - 1] : ".";
	const char *what = tmpl_html_value(&c->html, last, node->raw);

	return what == NULL || node->file->plain ||
		wrong(c, node, node->line, mem_print(c->m, "{{%s}}: %s", node->text, what));
}

/* True where white space more or less is nothing, for indentation may come in. */
static bool
calm(const struct tmpl_html *h)
{
	return h->mode == HTML_BETWEEN || h->mode == HTML_IN_TAG || h->mode == HTML_QUOTED ||
		h->mode == HTML_TEXT;
}

/* The one rule: `inside` leaves everything as it was. */
static bool
held(struct check *c, const struct tmpl_node *node, const struct tmpl_node *inside,
	const struct tmpl_frame *frame)
{
	struct tmpl_html before = c->html;
	const char *what =
		"this opens or closes a tag or quote that it does not close or open itself";

	if (!calm(&before))
		return wrong(c, node, node->line,
			"this may begin between tags, in a value, or in a tag behind a blank");
	if (!nodes(c, inside, frame))
		return false;
	if (memcmp(&before, &c->html, sizeof before) == 0)
		return true;
	if (c->html.mode == HTML_NAME)
		what = "in a tag this must end in a blank, or in a value with its quotes";
	return wrong(c, node, node->line, what);
}

/* True if a parent passes on a block that is not passed on from further out anyway. */
static bool
adds(const struct tmpl_node *parent, const struct tmpl_frame *frame)
{
	const struct tmpl_frame *found;
	const struct tmpl_node *n = parent->inside;

	while (n != NULL && (n->kind != TMPL_BLOCK || tmpl_override(n, frame, &found) != NULL))
		n = n->next;
	return n != NULL;
}

static bool
expand(struct check *c, const struct tmpl_node *node, const struct tmpl_frame *frame)
{
	struct seen *s = mem_get(c->m, sizeof *s);

	if (node->from == NULL)
		return true;
	if ((c->why = node->from->why) != NULL)
		return false;
	for (const struct seen *o = c->seen; o != NULL; o = o->next)
		if (o->tag == node && o->frame.outer == frame &&
			memcmp(&o->from, &c->html, sizeof o->from) == 0)
			return true;
	if (c->depth == TMPL_DEEP)
		return wrong(c, node, node->line, "templates are nested too deeply");
	*s = (struct seen){ node, c->html, { node, frame }, c->seen };
	c->seen = s;
	c->depth++;
	if (!held(c, node, node->from->nodes, adds(node, frame) ? &s->frame : frame))
		return false;
	c->depth--;
	return true;
}

static bool
block(struct check *c, const struct tmpl_node *node, const struct tmpl_frame *frame)
{
	const struct tmpl_frame *found;
	const struct tmpl_node *other = tmpl_override(node, frame, &found);

	return other == NULL ? held(c, node, node->inside, frame)
			     : held(c, other, other->inside, found->outer);
}

static bool
nodes(struct check *c, const struct tmpl_node *node, const struct tmpl_frame *frame)
{
	bool good = true;

	for (; node != NULL && good; node = node->next)
		switch (node->kind) {
		case TMPL_TEXT: good = text(c, node); break;
		case TMPL_VALUE: good = value(c, node); break;
		case TMPL_SECTION:
		case TMPL_INVERTED: good = held(c, node, node->inside, frame); break;
		case TMPL_PARTIAL:
		case TMPL_PARENT: good = expand(c, node, frame); break;
		case TMPL_BLOCK: good = block(c, node, frame); break;
		}
	return good;
}

const char *
tmpl_check(struct mem *m, const struct tmpl *t)
{
	struct check c = { .set = m, .m = mem_new() };
	const char *what;

	if (nodes(&c, t->nodes, NULL) && (what = tmpl_html_end(&c.html)) != NULL)
		c.why = mem_print(m, "%s:%d: %s", t->path, t->lines, what);
	mem_free(c.m);
	return c.why;
}
