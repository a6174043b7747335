/* SPDX-License-Identifier: ISC */
/*
 * tmpl_parse_check: is every variable of a page where it may be, whatever the data is? Follows all
 * ways through a page and what it names, and keeps the set of places in HTML where each may come
 * to; a section may be left out or repeated, a partial may be left out. Owns no rule of HTML.
 */
#include "tmpl_parts.h"

#include <string.h>

enum {
	PLACES = 48,              /* at once: fifteen attributes that may be there make sixteen */
	STEPS = 64 * 1024 * 1024, /* characters looked at in all */
};

struct places {
	size_t count;
	struct tmpl_html at[PLACES];
};

/* What comes of a file, from one place, within one frame. */
struct way {
	const struct tmpl *file;
	const struct tmpl_frame *frame;
	struct tmpl_html from;
	struct places to;
	bool busy, done;
	struct way *next;
};

struct frames {
	struct tmpl_frame frame;
	struct frames *next;
};

struct check {
	struct tmpls *set;
	struct mem *m; /* until the end of the check */
	struct way *ways;
	struct frames *frames;
	bool again; /* a file names itself, and more came of it than was known */
	int depth;
	long steps;
	const char *why;
};

/* Where in the templates the check is. */
struct spot {
	const struct tmpl *file;
	const struct tmpl_frame *frame;
};

static bool nodes(struct check *c, const struct tmpl_node *node, struct spot at, struct places *s);

static bool
wrong(struct check *c, const struct tmpl *file, int line, const char *what)
{
	c->why = mem_print(tmpl_memory(c->set), "%s:%d: %s", file->path, line, what);
	return false;
}

static bool
add(struct places *s, const struct tmpl_html *h)
{
	for (size_t i = 0; i < s->count; i++)
		if (memcmp(&s->at[i], h, sizeof *h) == 0)
			return true;
	if (s->count == PLACES)
		return false;
	s->at[s->count++] = *h;
	return true;
}

static bool
add_all(struct places *s, const struct places *more)
{
	for (size_t i = 0; i < more->count; i++)
		if (!add(s, &more->at[i]))
			return false;
	return true;
}

static bool
too_many(struct check *c, const struct tmpl_node *node, struct spot at)
{
	return wrong(c, at.file, node->line,
		"too many ways lead here: open and close each tag in one piece");
}

static bool
literal(struct check *c, const struct tmpl_node *node, struct spot at, struct places *s)
{
	struct places after;

	after.count = 0;
	for (size_t i = 0; i < s->count; i++) {
		struct tmpl_html h = s->at[i];
		int line = node->line;

		if ((c->steps += (long)node->length) > STEPS)
			return too_many(c, node, at);
		for (size_t n = 0; n < node->length; n++) {
			const char *what = tmpl_html_step(&h, node->text[n]);

			if (what != NULL)
				return wrong(c, at.file, line, what);
			line += node->text[n] == '\n';
		}
		add(&after, &h);
	}
	*s = after;
	return true;
}

static bool
value(struct check *c, const struct tmpl_node *node, struct spot at, struct places *s)
{
	const char *last = node->count > 0 ? node->parts[node->count - 1] : ".", *what;
	struct places after;

	after.count = 0;
	for (size_t i = 0; i < s->count; i++) {
		struct tmpl_html h = s->at[i];

		if ((what = tmpl_html_value(&h, last, node->raw)) != NULL)
			return wrong(c, at.file, node->line,
				mem_print(c->m, "{{%s}}: %s", node->text, what));
		add(&after, &h);
	}
	*s = after;
	return true;
}

/* Left out, there once, or (not {{^x}}) many times: where it may come to, it may begin again. */
static bool
section(struct check *c, const struct tmpl_node *node, struct spot at, struct places *s)
{
	struct places *one = mem_get(c->m, sizeof *one);
	size_t first = s->count;

	for (size_t i = 0; i < (node->kind == TMPL_SECTION ? s->count : first); i++) {
		one->count = 1;
		one->at[0] = s->at[i];
		if (!nodes(c, node->inside, at, one))
			return false;
		if (!add_all(s, one))
			return too_many(c, node, at);
	}
	return true;
}

/* The frame of a parent, the same one each time; the outer one if it has nothing to add to that. */
static const struct tmpl_frame *
frame_of(struct check *c, const struct tmpl_node *parent, struct spot at)
{
	const struct tmpl_node *n = parent->inside;
	const struct tmpl_frame *found;
	struct frames *f;

	while (n != NULL && tmpl_override(n, at.frame, &found) != NULL)
		n = n->next;
	if (n == NULL)
		return at.frame;
	for (f = c->frames; f != NULL; f = f->next)
		if (f->frame.parent == parent && f->frame.outer == at.frame)
			return &f->frame;
	f = mem_get(c->m, sizeof *f);
	f->frame = (struct tmpl_frame){ parent, at.file, at.frame };
	f->next = c->frames;
	c->frames = f;
	return &f->frame;
}

static struct way *
way_of(struct check *c, const struct tmpl *file, const struct tmpl_frame *frame,
	const struct tmpl_html *from)
{
	struct way *w;

	for (w = c->ways; w != NULL; w = w->next)
		if (w->file == file && w->frame == frame &&
			memcmp(&w->from, from, sizeof *from) == 0)
			return w;
	w = mem_get(c->m, sizeof *w);
	*w = (struct way){ .file = file, .frame = frame, .from = *from, .next = c->ways };
	add(&w->to, from); /* it may be left out: nested too deeply, or nowhere */
	c->ways = w;
	return w;
}

/* Go one way, or see that it is gone already. */
static bool
go(struct check *c, struct way *w, const struct tmpl_node *node, struct spot at)
{
	struct places *to;
	size_t before = w->to.count;

	if (w->done || w->busy)
		return true;
	if (c->depth == TMPL_DEEP)
		return wrong(c, at.file, node->line, "templates are nested too deeply");
	to = mem_get(c->m, sizeof *to);
	add(to, &w->from);
	w->busy = true;
	c->depth++;
	if (!nodes(c, w->file->nodes, (struct spot){ w->file, w->frame }, to))
		return false;
	c->depth--;
	w->busy = false;
	w->done = true;
	if (!add_all(&w->to, to))
		return too_many(c, node, at);
	c->again |= w->to.count > before;
	return true;
}

static bool
expand(struct check *c, const struct tmpl_node *node, struct spot at, struct places *s)
{
	struct places *after = mem_get(c->m, sizeof *after);
	const struct tmpl_frame *frame;

	if (node->from == NULL)
		return true;
	if (node->from->why != NULL) {
		c->why = node->from->why;
		return false;
	}
	frame = node->kind == TMPL_PARENT ? frame_of(c, node, at) : at.frame;
	for (size_t i = 0; i < s->count; i++) {
		struct way *w = way_of(c, node->from, frame, &s->at[i]);

		if (!go(c, w, node, at))
			return false;
		if (!add_all(after, &w->to))
			return too_many(c, node, at);
	}
	*s = *after;
	return true;
}

static bool
block(struct check *c, const struct tmpl_node *node, struct spot at, struct places *s)
{
	const struct tmpl_frame *found;
	const struct tmpl_node *other = tmpl_override(node, at.frame, &found);

	if (other == NULL)
		return nodes(c, node->inside, at, s);
	return nodes(c, other->inside, (struct spot){ found->file, found->outer }, s);
}

static bool
nodes(struct check *c, const struct tmpl_node *node, struct spot at, struct places *s)
{
	bool good = true;

	for (; node != NULL && good; node = node->next)
		switch (node->kind) {
		case TMPL_TEXT: good = literal(c, node, at, s); break;
		case TMPL_VALUE: good = value(c, node, at, s); break;
		case TMPL_SECTION:
		case TMPL_INVERTED: good = section(c, node, at, s); break;
		case TMPL_PARTIAL:
		case TMPL_PARENT: good = expand(c, node, at, s); break;
		case TMPL_BLOCK: good = block(c, node, at, s); break;
		}
	return good;
}

/* The page from its start, until nothing new comes of files that name themselves. */
static void
page(struct check *c, const struct tmpl *t)
{
	struct tmpl_html start;
	struct way *w;

	memset(&start, 0, sizeof start);
	w = way_of(c, t, NULL, &start);
	do {
		for (struct way *other = c->ways; other != NULL; other = other->next)
			other->done = false;
		c->again = false;
		if (!go(c, w, t->nodes, (struct spot){ t, NULL }))
			return;
	} while (c->again);
	for (size_t i = 0; i < w->to.count; i++) {
		const char *what = tmpl_html_end(&w->to.at[i]);

		if (what != NULL)
			c->why = mem_print(
				tmpl_memory(c->set), "%s:%d: %s", t->path, t->lines, what);
	}
}

const char *
tmpl_check(struct tmpls *set, const struct tmpl *t)
{
	struct check c = { .set = set, .m = mem_new() };

	page(&c, t);
	mem_free(c.m);
	return c.why;
}
