/* SPDX-License-Identifier: ISC */
#pragma once

/* What the files of the template engine share; for tmpl*.c alone. */

#include "tmpl.h"

enum {
	TMPL_DEEP = 40,     /* partials and parents within each other */
	TMPL_NESTED = 50,   /* sections within each other, in one file */
	TMPL_DELIMITER = 8, /* characters of a delimiter, at most */
};

enum tmpl_kind {
	TMPL_TEXT,
	TMPL_VALUE,
	TMPL_SECTION,
	TMPL_INVERTED,
	TMPL_PARTIAL,
	TMPL_PARENT, /* what it holds are the blocks that it passes on, nothing else */
	TMPL_BLOCK,
};

/* A piece of a template. */
struct tmpl_node {
	enum tmpl_kind kind;
	bool raw;   /* a value: not escaped */
	bool alone; /* a partial, parent or block: on a line of its own, which has vanished */
	int line;
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
	const char *why;      /* it cannot be used: what is wrong in it, or in what it names */
	const char *page_why; /* the same, as a page of its own */
	bool checked;         /* as a page of its own */
	int lines;
	struct tmpl_node *nodes;
	struct tmpl *next;
};

/* The blocks that a parent tag passes on, within those passed on from further out. */
struct tmpl_frame {
	const struct tmpl_node *parent;
	const struct tmpl *file; /* in which the tag stands */
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

/* Memory of the set, and whether a missing partial is nothing. */
struct mem *tmpl_memory(struct tmpls *set);
bool tmpl_lenient(const struct tmpls *set);

/* True for the name of a file within the folders: no "..", no "/" before it, plain characters. */
bool tmpl_good_name(const char *name, size_t length);

/* Fill t->nodes, or t->why. */
void tmpl_parse(struct tmpls *set, struct tmpl *t, const char *text, size_t length);

/* A file that is being parsed. */
struct tmpl_parse {
	struct tmpls *set;
	struct mem *m;
	struct tmpl *file;
	const char *start, *at, *end;
	const char *counted; /* `line` is where this is */
	int line;
	char open[TMPL_DELIMITER + 1], close[TMPL_DELIMITER + 1];
	size_t strip; /* white space taken off each line: what a block passed on is indented by */
	int depth;
};

/* A tag of it. */
struct tmpl_tag {
	char kind; /* one of #^/!><$={& or v for a plain variable */
	const char *from, *to;
	const char *name;
	size_t length;
	const char *line; /* where its line begins, if only white space is before it; or NULL */
	const char *next; /* where the next line begins, if only white space follows; or NULL */
	bool argument;    /* a block that is passed on to a parent */
};

/* The line in which `at` is. */
int tmpl_line(struct tmpl_parse *p, const char *at);

/* Note "FILE:LINE: what is wrong" for `at`; false, for `return`. */
__attribute__((format(printf, 3, 4))) bool
tmpl_wrong(struct tmpl_parse *p, const char *at, const char *format, ...);

/* The next tag; *found tells whether there is one. False: it is broken (noted). */
bool tmpl_tag_read(struct tmpl_parse *p, struct tmpl_tag *tag, bool *found);

/* Fill in what stands around the tag on its line. */
void tmpl_tag_around(const struct tmpl_parse *p, struct tmpl_tag *tag);

/* Put the tag's name into the node. False: it is none (noted). */
bool tmpl_tag_name(struct tmpl_parse *p, const struct tmpl_tag *tag, struct tmpl_node *node);

/* Take the delimiters that the tag sets. False: they are none (noted). */
bool tmpl_tag_delimiters(struct tmpl_parse *p, const struct tmpl_tag *tag);

/* True if a tag that closes something stands at `at`. */
bool tmpl_tag_closes(const struct tmpl_parse *p, const char *at);

/* What is wrong with the page `t` as HTML, with all that it names; NULL: nothing. */
const char *tmpl_check(struct tmpls *set, const struct tmpl *t);

/* What is read in HTML. */
enum tmpl_mode {
	HTML_BETWEEN, /* tags: the only place for raw output */
	HTML_LESS,    /* "<" */
	HTML_LESS_SLASH,
	HTML_BANG, /* "<!" */
	HTML_BANG_DASH,
	HTML_COMMENT,
	HTML_DOCTYPE,
	HTML_TAG,
	HTML_BEFORE_NAME,
	HTML_NAME,
	HTML_AFTER_NAME,
	HTML_BEFORE_VALUE,
	HTML_BARE,
	HTML_QUOTED,
	HTML_RAW, /* in <script>, <style>, <title>, … */
	HTML_RAW_LESS,
	HTML_RAW_SLASH,
};

/*
 * Where in HTML a template stands (the tokenizer of the HTML standard, 13.2.5, and stricter). All
 * members are characters, so that two can be compared as bytes; all zero is the start of a page.
 */
struct tmpl_html {
	char mode;
	char quote;             /* of the value; dashes seen of the end of a comment */
	char ends;              /* the tag is an end tag */
	char refresh, variable; /* the tag has http-equiv; has a variable in its content */
	char tag[11], name[13]; /* lower case; "~": one that does not matter */
};

/* Go on by one character, or over a variable whose name has the last part `name`. What is wrong
 * with that, a fixed text; NULL: nothing. */
const char *tmpl_html_step(struct tmpl_html *h, char c);
const char *tmpl_html_value(struct tmpl_html *h, const char *name, bool raw);

/* True if the attribute holds an address. */
bool tmpl_html_address(const struct tmpl_html *h);

/* Why a page cannot end here; NULL: it can. */
const char *tmpl_html_end(const struct tmpl_html *h);
