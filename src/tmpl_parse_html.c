/* SPDX-License-Identifier: ISC */
/*
 * tmpl_parse_html: where in HTML a template stands, and what may stand there. Follows the tokenizer
 * of the HTML standard (13.2.5); what that mends in a way that few expect is refused here, so that
 * a browser never sees something else. Knows no templates, only characters and names.
 */
#include "tmpl_parts.h"

#include <string.h>

enum mode {
	BETWEEN, /* tags: the only place for raw output */
	LESS,    /* "<" */
	LESS_SLASH,
	BANG, /* "<!" */
	BANG_DASH,
	COMMENT,
	DOCTYPE,
	TAG,
	BEFORE_NAME,
	NAME,
	AFTER_NAME,
	BEFORE_VALUE,
	BARE,
	QUOTED,
	RAW, /* in <script>, <style>, <title>, … */
	RAW_LESS,
	RAW_SLASH,
};

/* How near the end of a comment is. */
enum dashes {
	NONE,
	ONE,
	TWO,
	TWO_BANG,
	START,
	START_DASH,
};

/* Elements whose content is no markup. */
static const char *const raw_tags[] = { "script", "style", "title", "textarea", "xmp", "iframe",
	"noembed", "noframes", "plaintext", NULL };

/* Attributes that hold an address, and those that hold worse, or that matter to others. */
static const char *const addresses[] = { "href", "src", "action", "formaction", "poster", "srcset",
	"data", "xlink:href", "cite", "background", "ping", "manifest", "imagesrcset", NULL };
static const char *const others[] = { "style", "srcdoc", "on", "content", "http-equiv", NULL };

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

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

static bool
among(const char *const *words, const char *word)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static bool
begins(const char *const *words, const char *start)
{
	for (; *words != NULL; words++)
		if (strncmp(*words, start, strlen(start)) == 0)
			return true;
	return false;
}

/* Lengthen the name of a tag; one that cannot become an element that matters is as good as "~". */
static void
add_tag(struct tmpl_html *h, char c)
{
	size_t n = strlen(h->tag);

	h->tag[n] = lower(c);
	if (!begins(raw_tags, h->tag)) {
		memset(h->tag, 0, sizeof h->tag);
		h->tag[0] = '~';
	}
}

/* The same for an attribute. What begins with "on" is a handler of an event, whatever follows. */
static void
add_name(struct tmpl_html *h, char c)
{
	size_t n = strlen(h->name);

	if (strcmp(h->name, "on") == 0)
		return;
	h->name[n] = lower(c);
	if (!begins(addresses, h->name) && !begins(others, h->name)) {
		memset(h->name, 0, sizeof h->name);
		h->name[0] = '~';
	}
}

static void
go(struct tmpl_html *h, enum mode mode)
{
	if (mode == BETWEEN)
		*h = (struct tmpl_html){ 0 };
	if (mode == BEFORE_NAME || mode == TAG || mode == RAW_SLASH)
		memset(h->name, 0, sizeof h->name);
	h->quote = 0;
	h->mode = (char)mode;
}

static const char *
end_tag(struct tmpl_html *h)
{
	struct tmpl_html raw = { .mode = RAW };

	if (!h->ends && strcmp(h->tag, "plaintext") == 0)
		return "<plaintext> never ends";
	if (!h->ends && among(raw_tags, h->tag))
		memcpy(raw.tag, h->tag, sizeof raw.tag);
	else
		raw.mode = BETWEEN;
	*h = raw;
	return NULL;
}

static const char *
step_less(struct tmpl_html *h, char c)
{
	if (h->mode == LESS && c == '/')
		go(h, LESS_SLASH);
	else if (h->mode == LESS && c == '!')
		go(h, BANG);
	else if (letter(c)) {
		h->ends = h->mode == LESS_SLASH;
		go(h, TAG);
		add_tag(h, c);
	} else if (h->mode == LESS_SLASH || c == '?')
		return "this is no tag: write &lt; for a <";
	else if (c != '<')
		go(h, BETWEEN);
	return NULL;
}

static const char *
step_bang(struct tmpl_html *h, char c)
{
	if (h->mode == DOCTYPE && c == '>')
		go(h, BETWEEN);
	if (h->mode == DOCTYPE || h->mode == BETWEEN)
		return NULL;
	if (h->mode == BANG && c == '-')
		go(h, BANG_DASH);
	else if (h->mode == BANG && letter(c))
		go(h, DOCTYPE);
	else if (h->mode == BANG_DASH && c == '-') {
		go(h, COMMENT);
		h->quote = START;
	} else
		return "behind <! only a comment or the DOCTYPE may stand";
	return NULL;
}

static void
step_comment(struct tmpl_html *h, char c)
{
	char before = h->quote;

	if (c == '>' && before >= TWO)
		go(h, BETWEEN);
	else if (c == '-')
		h->quote = before == START   ? START_DASH
			: before == NONE     ? ONE
			: before == TWO_BANG ? ONE
					     : TWO;
	else
		h->quote = c == '!' && before == TWO ? TWO_BANG : NONE;
}

static const char *
step_name(struct tmpl_html *h, char c)
{
	if (c == '>')
		return end_tag(h);
	if (c == '/') {
		go(h, BEFORE_NAME);
		return NULL;
	}
	if (blank(c)) {
		if (h->mode != BEFORE_NAME)
			go(h, h->mode == TAG ? BEFORE_NAME : AFTER_NAME);
		return NULL;
	}
	if (c == '<' && h->mode == TAG)
		return "a < in a tag";
	if (h->mode == TAG) {
		add_tag(h, c);
		return NULL;
	}
	if (c == '=' && h->mode != BEFORE_NAME) {
		go(h, BEFORE_VALUE);
		return NULL;
	}
	if (strchr("\"'<=", c) != NULL)
		return "a quote, = or < where an attribute should stand";
	if (h->mode == AFTER_NAME)
		go(h, BEFORE_NAME);
	h->mode = NAME;
	add_name(h, c);
	h->refresh |= strcmp(h->name, "http-equiv") == 0;
	return h->refresh && h->variable ? "a variable in content= beside http-equiv=" : NULL;
}

static const char *
step_value(struct tmpl_html *h, char c)
{
	if (h->mode == QUOTED) {
		if (c == h->quote)
			go(h, BEFORE_NAME);
		return NULL;
	}
	if (h->mode == BEFORE_VALUE && (c == '"' || c == '\'')) {
		go(h, QUOTED);
		h->quote = c;
		return NULL;
	}
	if (c == '>')
		return end_tag(h);
	if (blank(c)) {
		if (h->mode == BARE)
			go(h, BEFORE_NAME);
		return NULL;
	}
	if (strchr("\"'<=`", c) != NULL)
		return "a quote, = or < in a value without quotes";
	go(h, BARE);
	return NULL;
}

static const char *
step_raw(struct tmpl_html *h, char c)
{
	bool script = strcmp(h->tag, "script") == 0;

	if (h->mode == RAW_SLASH && letter(c)) {
		size_t n = strlen(h->name);

		if (n + 1 < sizeof h->name)
			h->name[n] = lower(c);
		return NULL;
	}
	if (h->mode == RAW_SLASH && strcmp(h->name, h->tag) == 0 &&
		(blank(c) || c == '/' || c == '>')) {
		h->ends = 1;
		go(h, BEFORE_NAME);
		return c == '>' ? end_tag(h) : NULL;
	}
	if (h->mode == RAW_LESS && c == '/') {
		go(h, RAW_SLASH);
		return NULL;
	}
	if (h->mode == RAW_LESS && script && c == '!')
		return "<! in <script>";
	if (h->mode == RAW_LESS && !script && (letter(c) || c == '!'))
		return "a tag in an element that holds none";
	go(h, c == '<' ? RAW_LESS : RAW);
	memset(h->name, 0, sizeof h->name);
	return NULL;
}

const char *
tmpl_html_step(struct tmpl_html *h, char c)
{
	switch ((enum mode)h->mode) {
	case BETWEEN:
		if (c == '<')
			go(h, LESS);
		return NULL;
	case LESS:
	case LESS_SLASH: return step_less(h, c);
	case BANG:
	case BANG_DASH:
	case DOCTYPE: return step_bang(h, c);
	case COMMENT: step_comment(h, c); return NULL;
	case TAG:
	case BEFORE_NAME:
	case NAME:
	case AFTER_NAME: return step_name(h, c);
	case BEFORE_VALUE:
	case BARE:
	case QUOTED: return step_value(h, c);
	case RAW:
	case RAW_LESS:
	case RAW_SLASH: return step_raw(h, c);
	}
	return NULL;
}

static bool
ends_in(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n >= m && strcmp(name + n - m, ending) == 0;
}

/* A variable in a quoted value. */
static const char *
in_value(struct tmpl_html *h, const char *name)
{
	if (strcmp(h->name, "on") == 0)
		return "a variable in an on… attribute";
	if (strcmp(h->name, "style") == 0)
		return "a variable in style=";
	if (strcmp(h->name, "srcdoc") == 0 || strcmp(h->name, "http-equiv") == 0)
		return "a variable in this attribute";
	if (among(addresses, h->name) && !ends_in(name, "Url"))
		return "in an attribute that holds an address a name must end in Url";
	h->variable |= strcmp(h->name, "content") == 0;
	return h->refresh && h->variable ? "a variable in content= beside http-equiv=" : NULL;
}

const char *
tmpl_html_value(struct tmpl_html *h, const char *name, bool raw)
{
	bool raw_text = h->mode == RAW;

	if (h->mode == BETWEEN)
		return NULL;
	if (raw)
		return "raw output anywhere but between tags";
	if (h->mode == COMMENT)
		return "a variable in an HTML comment: {{! }} leaves things out";
	if (h->mode == BARE || h->mode == BEFORE_VALUE)
		return "a variable in a value without quotes";
	if (h->mode == QUOTED)
		return in_value(h, name);
	if (raw_text && (strcmp(h->tag, "title") == 0 || strcmp(h->tag, "textarea") == 0))
		return NULL;
	if (raw_text && strcmp(h->tag, "style") == 0)
		return ends_in(name, "Css") ? NULL : "in <style> a name must end in Css";
	if (h->mode >= RAW)
		return strcmp(h->tag, "script") == 0 ? "a variable in <script>"
						     : "a variable where it could end the element";
	return "a variable in a tag, outside of a quoted value";
}

const char *
tmpl_html_end(const struct tmpl_html *h)
{
	if (h->mode == BETWEEN)
		return NULL;
	if (h->mode == COMMENT)
		return "the page ends in a comment";
	return h->mode >= RAW ? "the page ends in an element that is not closed"
			      : "the page ends in a tag, or in a value whose quote is not closed";
}
