/* SPDX-License-Identifier: ISC */
/*
 * tmpl_render: a parsed template and data make a page. Owns look-up, escaping and indentation as
 * the specification of Mustache has them; refuses nothing: that was done when it was parsed.
 */
#include "tmpl_parts.h"

#include <string.h>

enum {
	EXPANSIONS = 100000, /* partials of one page: one that names itself twice would never end */
	FIRST = 16 * 1024,
};

struct scope {
	json_t *value;
	const struct scope *outer;
};

/* What stands before each line. */
struct margin {
	const char *text;
	size_t length;
	const struct margin *outer;
};

struct render {
	struct mem *m;
	char *text;
	size_t length, size;
	long expansions;
	int depth;
	bool fresh; /* a line of a template begins: the margin is due */
};

/* Where a list of nodes is rendered. */
struct place {
	const struct scope *scope;
	const struct tmpl_frame *frame;
	const struct margin *margin;
};

static void nodes(struct render *r, const struct tmpl_node *node, const struct place *at);

static void
put(struct render *r, const char *text, size_t length)
{
	if (length >= r->size - r->length) {
		char *old = r->text;

		while (length >= r->size - r->length)
			r->size *= 2;
		r->text = mem_get(r->m, r->size);
		memcpy(r->text, old, r->length);
	}
	memcpy(r->text + r->length, text, length);
	r->length += length;
}

static void
put_margin(struct render *r, const struct margin *margin)
{
	if (margin->outer != NULL)
		put_margin(r, margin->outer);
	put(r, margin->text, margin->length);
}

static void
begin_line(struct render *r, const struct place *at)
{
	if (r->fresh && at->margin != NULL)
		put_margin(r, at->margin);
	r->fresh = false;
}

static void
literal(struct render *r, const char *text, size_t length, const struct place *at)
{
	const char *end = text + length;

	while (text < end) {
		const char *stop =
			at->margin != NULL ? memchr(text, '\n', (size_t)(end - text)) : NULL;

		stop = stop != NULL ? stop + 1 : end;
		if (*text != '\n')
			begin_line(r, at);
		put(r, text, (size_t)(stop - text));
		r->fresh = stop[-1] == '\n';
		text = stop;
	}
}

static void
escaped(struct render *r, const char *text, size_t length)
{
	const char *end = text + length, *from = text;

	for (; text < end; text++) {
		const char *as = *text == '&' ? "&amp;"
			: *text == '<'        ? "&lt;"
			: *text == '>'        ? "&gt;"
			: *text == '"'        ? "&quot;"
			: *text == '\''       ? "&#39;"
					      : NULL;

		if (as == NULL)
			continue;
		put(r, from, (size_t)(text - from));
		put(r, as, strlen(as));
		from = text + 1;
	}
	put(r, from, (size_t)(end - from));
}

/* The name is looked for in the innermost object that has its first part; the rest only there. */
static json_t *
find(const struct tmpl_node *node, const struct scope *scope)
{
	json_t *value = NULL;

	if (node->count == 0)
		return scope->value;
	for (; scope != NULL && value == NULL; scope = scope->outer)
		value = json_object_get(scope->value, node->parts[0]);
	for (size_t i = 1; i < node->count; i++)
		value = json_object_get(value, node->parts[i]);
	return value;
}

static bool
truthy(json_t *value)
{
	if (value == NULL || json_is_null(value) || json_is_false(value))
		return false;
	if (json_is_array(value))
		return json_array_size(value) > 0;
	return !json_is_string(value) || json_string_length(value) > 0;
}

static void
value(struct render *r, const struct tmpl_node *node, const struct place *at)
{
	json_t *v = find(node, at->scope);
	char number[64] = ""; /* 15 digits: a decimal fraction as it was written */

	begin_line(r, at);
	if (json_is_string(v) && node->raw)
		put(r, json_string_value(v), json_string_length(v));
	else if (json_is_string(v))
		escaped(r, json_string_value(v), json_string_length(v));
	else if (json_is_number(v))
		put(r, number,
			json_dumpb(v, number, sizeof number,
				JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)));
	else if (json_is_boolean(v))
		put(r, json_is_true(v) ? "true" : "false", json_is_true(v) ? 4 : 5);
}

static void
section(struct render *r, const struct tmpl_node *node, const struct place *at)
{
	json_t *v = find(node, at->scope);
	struct scope inner = { v, at->scope };
	struct place there = { &inner, at->frame, at->margin };
	size_t count = json_is_array(v) ? json_array_size(v) : truthy(v);

	for (size_t i = 0; i < count; i++) {
		if (json_is_array(v))
			inner.value = json_array_get(v, i);
		nodes(r, node->inside, &there);
	}
}

/* A partial, or a parent with the blocks that it passes on. */
static void
expand(struct render *r, const struct tmpl_node *node, const struct place *at)
{
	struct margin margin = { node->indent, node->indent_length, at->margin };
	struct tmpl_frame frame = { .parent = node, .outer = at->frame };
	struct place there = { at->scope, node->inside != NULL ? &frame : at->frame,
		node->indent_length > 0 ? &margin : at->margin };
	size_t before = r->length;

	if (node->from == NULL || r->depth == TMPL_DEEP || r->expansions == EXPANSIONS)
		return;
	r->expansions++;
	r->depth++;
	nodes(r, node->from->nodes, &there);
	r->depth--;
	r->fresh = node->alone || (r->fresh && r->length == before);
}

static void
block(struct render *r, const struct tmpl_node *node, const struct place *at)
{
	struct margin margin = { node->indent, node->indent_length, at->margin };
	const struct tmpl_frame *found;
	const struct tmpl_node *other = tmpl_override(node, at->frame, &found);
	struct place there = *at;

	if (other != NULL) {
		r->fresh |= node->alone;
		there.frame = found->outer;
		there.margin = node->indent_length > 0 ? &margin : at->margin;
	}
	nodes(r, other != NULL ? other->inside : node->inside, &there);
}

static void
nodes(struct render *r, const struct tmpl_node *node, const struct place *at)
{
	for (; node != NULL; node = node->next)
		switch (node->kind) {
		case TMPL_TEXT: literal(r, node->text, node->length, at); break;
		case TMPL_VALUE: value(r, node, at); break;
		case TMPL_SECTION: section(r, node, at); break;
		case TMPL_INVERTED:
			if (!truthy(find(node, at->scope)))
				nodes(r, node->inside, at);
			break;
		case TMPL_PARTIAL:
		case TMPL_PARENT: expand(r, node, at); break;
		case TMPL_BLOCK: block(r, node, at); break;
		}
}

const struct tmpl_node *
tmpl_override(const struct tmpl_node *site, const struct tmpl_frame *frame,
	const struct tmpl_frame **found)
{
	const struct tmpl_node *best = NULL;

	for (; frame != NULL; frame = frame->outer)
		for (const struct tmpl_node *n = frame->parent->inside; n != NULL; n = n->next)
			if (n->kind == TMPL_BLOCK && strcmp(n->text, site->text) == 0) {
				best = n;
				*found = frame;
			}
	return best;
}

const char *
tmpl_render(struct mem *m, const struct tmpl *tmpl, json_t *data, size_t *length)
{
	struct render r = { .m = m, .text = mem_get(m, FIRST), .size = FIRST, .fresh = true };
	struct scope scope = { .value = data };

	nodes(&r, tmpl->nodes, &(struct place){ .scope = &scope });
	r.text[r.length] = '\0';
	*length = r.length;
	return r.text;
}
