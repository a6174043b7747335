/* SPDX-License-Identifier: ISC */
/*
 * tmpl_parse_html: where in HTML a template stands, and which variable may stand there. Follows the
 * tokenizer of the HTML standard (13.2.5); what that mends, or reads in ways that few expect, is
 * refused, so that a browser never sees something else. Knows no templates, only characters and
 * names.
 */
#include "tmpl_parts.h"

#include <string.h>

/* Elements that hold text alone, and those that hold something of their own kind. */
static const char *const text_tags[] = { "title", "textarea", "style", "script", NULL };
static const char *const bad_tags[] = { "iframe", "noembed", "noframes", "plaintext", "xmp", NULL };

/* Attributes that hold an address, and those that hold worse, as all do that begin with "on". */
static const char *const addresses[] = { "href", "src", "action", "formaction", "poster", "srcset",
	"data", "xlink:href", "cite", "background", "ping", "manifest", "imagesrcset", NULL };
static const char *const bad_names[] = { "style", "srcdoc", "http-equiv", NULL };

static const char no_attribute[] = "a quote or < where an attribute should stand";

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

/* True if the name of a tag or an attribute ends before `c`. */
static bool
ends(char c)
{
	return strchr(" \t\n\f\r/>", c) != NULL;
}

static bool
among(const char *const *words, const char *word)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static bool
ends_in(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n >= m && strcmp(name + n - m, ending) == 0;
}

/* Lengthen a name. What is too long to be one of those above may lose its end. */
static void
add(char name[TMPL_NAME], char c)
{
	size_t n = strlen(name);

	if (n + 1 < TMPL_NAME)
		name[n] = lower(c);
}

static const char *
go(struct tmpl_html *h, enum tmpl_mode mode)
{
	h->mode = (char)mode;
	return NULL;
}

static const char *
between(struct tmpl_html *h)
{
	*h = (struct tmpl_html){ 0 };
	return NULL;
}

static const char *
step_less(struct tmpl_html *h, char c)
{
	if (h->mode == HTML_LESS && c == '/')
		return go(h, HTML_LESS_SLASH);
	if (h->mode == HTML_LESS && c == '!')
		return go(h, HTML_BANG);
	if (!letter(c))
		return "this is no tag: write &lt; for a <";
	if (h->mode == HTML_LESS_SLASH)
		return go(h, HTML_END_TAG);
	add(h->tag, c);
	return go(h, HTML_TAG);
}

static const char *
step_bang(struct tmpl_html *h, char c)
{
	if (c == '-' && ++h->dashes == 2)
		return go(h, HTML_COMMENT);
	if (letter(c) && h->dashes == 0)
		return go(h, HTML_DOCTYPE);
	return c == '-' ? NULL : "behind <! only a comment or the DOCTYPE may stand";
}

/* The two dashes that begin a comment can be those that end it, too. */
static const char *
step_comment(struct tmpl_html *h, char c)
{
	if (h->dashes == 2 && c == '!')
		return "--! in a comment";
	if (h->dashes == 2 && c == '>')
		return between(h);
	if (c != '-')
		h->dashes = 0;
	else if (h->dashes < 2)
		h->dashes++;
	return NULL;
}

/* In a tag, where an attribute may begin. */
static const char *
step_in_tag(struct tmpl_html *h, char c)
{
	memset(h->name, 0, sizeof h->name);
	if (c == '>')
		return among(text_tags, h->tag) ? go(h, HTML_TEXT) : between(h);
	if (ends(c))
		return go(h, HTML_IN_TAG);
	if (c == '=')
		return "a = stands right behind the name of its attribute";
	if (strchr("\"'<", c) != NULL)
		return no_attribute;
	add(h->name, c);
	return go(h, HTML_NAME);
}

static const char *
step_tag(struct tmpl_html *h, char c)
{
	if (strchr("\"'<=", c) != NULL)
		return "a quote, = or < in the name of a tag";
	if (ends(c))
		return among(bad_tags, h->tag) ? "this element is refused" : step_in_tag(h, c);
	add(h->tag, c);
	return NULL;
}

static const char *
step_name(struct tmpl_html *h, char c)
{
	if (strchr("\"'<", c) != NULL)
		return no_attribute;
	if (ends(c))
		return step_in_tag(h, c);
	if (c != '=') {
		add(h->name, c);
		return NULL;
	}
	if (strncmp(h->name, "on", 2) == 0 || among(bad_names, h->name))
		return "this attribute is refused: files in static/ hold styles and scripts";
	return go(h, HTML_VALUE);
}

static const char *
step_value(struct tmpl_html *h, char c)
{
	if (h->mode == HTML_QUOTED && c == '<')
		return "a < in a value: write &lt;, or is a quote missing?";
	if (h->mode == HTML_QUOTED && c == h->quote) {
		h->quote = 0;
		memset(h->name, 0, sizeof h->name);
		return go(h, HTML_IN_TAG);
	}
	if (h->mode == HTML_QUOTED)
		return NULL;
	if (c != '"' && c != '\'')
		return "a value stands in quotes, right behind the =";
	h->quote = c;
	return go(h, HTML_QUOTED);
}

/* In an element that holds text alone, what has come of its end tag is in h->name. */
static const char *
step_text(struct tmpl_html *h, char c)
{
	size_t n = strlen(h->name);

	if (h->mode == HTML_TEXT)
		return c == '<' ? go(h, HTML_TEXT_END) : NULL;
	if (c == '>' && n > 0 && h->tag[n - 1] == '\0')
		return between(h);
	if (lower(c) != (n == 0 ? '/' : h->tag[n - 1]))
		return "a < where only text may stand: write &lt;";
	add(h->name, c);
	return NULL;
}

const char *
tmpl_html_step(struct tmpl_html *h, char c)
{
	switch ((enum tmpl_mode)h->mode) {
	case HTML_BETWEEN: return c == '<' ? go(h, HTML_LESS) : NULL;
	case HTML_LESS:
	case HTML_LESS_SLASH: return step_less(h, c);
	case HTML_BANG: return step_bang(h, c);
	case HTML_COMMENT: return step_comment(h, c);
	case HTML_DOCTYPE: return c == '>' ? go(h, HTML_BETWEEN) : NULL;
	case HTML_END_TAG:
		if (strchr("\"'<=/", c) != NULL)
			return "an end tag holds its name alone";
		return c == '>' ? go(h, HTML_BETWEEN) : NULL;
	case HTML_TAG: return step_tag(h, c);
	case HTML_IN_TAG: return step_in_tag(h, c);
	case HTML_NAME: return step_name(h, c);
	case HTML_VALUE:
	case HTML_QUOTED: return step_value(h, c);
	case HTML_TEXT:
	case HTML_TEXT_END: return step_text(h, c);
	}
	return NULL;
}

const char *
tmpl_html_value(const struct tmpl_html *h, const char *name, bool raw)
{
	if (raw && !ends_in(name, "Html"))
		return "only a name that ends in Html may be raw";
	if (raw && h->mode != HTML_BETWEEN)
		return "raw output anywhere but between tags";
	if (h->mode == HTML_BETWEEN)
		return NULL;
	if (h->mode == HTML_COMMENT)
		return "a variable in an HTML comment: {{! }} leaves things out";
	if (h->mode == HTML_VALUE)
		return "a variable in a value without quotes";
	if (h->mode == HTML_QUOTED)
		return !among(addresses, h->name) || ends_in(name, "Url")
			? NULL
			: "in an attribute that holds an address a name must end in Url";
	if (h->mode != HTML_TEXT)
		return "a variable in a tag, outside of a quoted value";
	if (strcmp(h->tag, "script") == 0)
		return "a variable in <script>";
	return strcmp(h->tag, "style") != 0 || ends_in(name, "Css")
		? NULL
		: "in <style> a name must end in Css";
}

const char *
tmpl_html_end(const struct tmpl_html *h)
{
	if (h->mode == HTML_BETWEEN)
		return NULL;
	if (h->mode == HTML_COMMENT)
		return "the page ends in a comment";
	return h->mode == HTML_TEXT
		? "the page ends in an element that is not closed"
		: "the page ends in a tag, or in a value whose quote is not closed";
}
