/* SPDX-License-Identifier: ISC */
#pragma once

/* What the files of the template engine share; for tmpl*.c alone. */

#include "tmpl.h"

enum {
	TMPL_DEEP = 40,   /* partials and parents within each other */
	TMPL_NESTED = 50, /* sections within each other, in one file */
	TMPL_NAME = 16,   /* of a tag or an attribute of HTML: longer than any that matters */
};

/* The character by which the tag begins, where there is one. */
enum tmpl_kind {
	TMPL_TEXT = 't',
	TMPL_VALUE = 'v',
	TMPL_SECTION = '#',
	TMPL_INVERTED = '^',
	TMPL_PARTIAL = '>',
	TMPL_PARENT = '<', /* of what it holds only the blocks matter: it passes them on */
	TMPL_BLOCK = '$',
};

struct tmpls {
	struct mem *mem;
	const char **folders; /* ended by NULL */
	bool lenient;
	struct tmpl *all;
};

/* A piece of a template. */
struct tmpl_node {
	enum tmpl_kind kind;
	bool raw;   /* a value: not escaped */
	bool alone; /* on a line of its own, which has vanished */
	int line;
	const struct tmpl *file;
	const char *text; /* as it is; or the name in the tag */
	size_t length;
	const char **parts; /* the name between its dots; none for "." */
	size_t count;
	const char *indent; /* white space to stand before each line of what comes in */
	size_t indent_length;
	const struct tmpl *from; /* a partial or parent; NULL: lenient, and it is nowhere */
	struct tmpl_node *inside, *next;
};

struct tmpl {
	const char *name, *path;
	const char *why; /* it cannot be used: what is wrong in it, or in what it names */
	bool plain;   /* its name ends in .txt: no HTML, so nothing is escaped or checked as such */
	bool checked; /* as a page of its own, and found good */
	int lines;
	struct tmpl_node *nodes;
	struct tmpl *next;
};

/* The blocks that a parent tag passes on, within those passed on from further out. */
struct tmpl_frame {
	const struct tmpl_node *parent;
	const struct tmpl_frame *outer;
};

/*
 * The block that overrides `block`, passed on from furthest out, with the frame it is from in
 * *found; NULL: the default stands.
 */
const struct tmpl_node *tmpl_override(const struct tmpl_node *block, const struct tmpl_frame *frame,
	const struct tmpl_frame **found);

/*
 * The file `name`, parsed, perhaps with `why`. NULL if it is nowhere. One that is being parsed
 * already comes back as it is.
 */
struct tmpl *tmpl_load(struct tmpls *set, const char *name);

/* True for words of letters, digits, _ and -, with one character of `between` between two. */
bool tmpl_words(const char *text, const char *between);

/* Fill t->nodes, or t->why. */
void tmpl_parse(struct tmpls *set, struct tmpl *t, const char *text, size_t length);

/* A tag of Mustache. */
struct tmpl_tag {
	char kind; /* one of #^/!><$={& or v for a plain variable */
	const char *from, *to;
	const char *name;
	size_t length;
	const char *line; /* where its line begins, if only white space is before it; or NULL */
	const char *next; /* where the next line begins, if only white space follows; or NULL */
	bool alone;       /* it has its line for itself, and is none that prints */
	bool argument;    /* a block that is passed on to a parent */
};

/* A file that is being parsed. */
struct tmpl_parse {
	struct tmpls *set;
	struct mem *m;
	struct tmpl *file;
	const char *start, *at, *end;
	const char *counted; /* `line` is where this is */
	int line;
	const char *open, *close; /* delimiters */
	size_t strip; /* white space taken off each line: what a block passed on is indented by */
	int depth;
	const struct tmpl_tag *opener; /* what is to be closed next, or NULL */
	struct tmpl_node **tail;       /* where the next node goes */
};

/* The line in which `at` is. */
int tmpl_line(struct tmpl_parse *p, const char *at);

/* Note "FILE:LINE: what is wrong" for `at`; false, for `return`. */
__attribute__((format(printf, 3, 4))) bool
tmpl_wrong(struct tmpl_parse *p, const char *at, const char *format, ...);

/* The next tag; one without `from` if there is none. False: it is broken (noted). */
bool tmpl_tag_read(struct tmpl_parse *p, struct tmpl_tag *tag);

/* Fill in what stands around the tag on its line. */
void tmpl_tag_around(const struct tmpl_parse *p, struct tmpl_tag *tag);

/* Put the tag's name into the node. False: it is none (noted). */
bool tmpl_tag_name(struct tmpl_parse *p, const struct tmpl_tag *tag, struct tmpl_node *node);

/* Take the delimiters that the tag sets. False: they are none (noted). */
bool tmpl_tag_delimiters(struct tmpl_parse *p, const struct tmpl_tag *tag);

/* What is wrong with the page `t` as HTML, with all that it names, in `m`; NULL: nothing. */
const char *tmpl_check(struct mem *m, const struct tmpl *t);

/* What is read in HTML. */
enum tmpl_mode {
	HTML_BETWEEN, /* tags: the only place for raw output */
	HTML_LESS,    /* "<" */
	HTML_LESS_SLASH,
	HTML_BANG, /* "<!" */
	HTML_COMMENT,
	HTML_DOCTYPE,
	HTML_END_TAG,
	HTML_TAG,    /* its name */
	HTML_IN_TAG, /* where an attribute may begin */
	HTML_NAME,
	HTML_VALUE, /* behind the = */
	HTML_QUOTED,
	HTML_TEXT, /* in <script>, <style>, <title>, <textarea> */
	HTML_TEXT_END,
};

/*
 * Where in HTML a template stands. All members are characters, so that two can be compared as
 * bytes; what lies behind is forgotten; all zero is the start of a page.
 */
struct tmpl_html {
	char mode, quote;                     /* of the value */
	char dashes;                          /* of a comment, that have just been read */
	char tag[TMPL_NAME], name[TMPL_NAME]; /* lower case */
};

/* Go on by one character. What is wrong with that, a fixed text; NULL: nothing. */
const char *tmpl_html_step(struct tmpl_html *h, char c);

/* Why a variable cannot stand here whose name has the last part `name`; NULL: it can. */
const char *tmpl_html_value(const struct tmpl_html *h, const char *name, bool raw);

/* Why a page cannot end here; NULL: it can. */
const char *tmpl_html_end(const struct tmpl_html *h);
