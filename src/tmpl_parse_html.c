/* SPDX-License-Identifier: ISC */
/*
 * tmpl_parse_html: where in HTML a template stands, and what may stand there. Follows the tokenizer
 * of the HTML standard (13.2.5); what that mends in a way that few expect is refused here, so that
 * a browser never sees something else. Knows no templates, only characters and names.
 */
#include "tmpl_parts.h"

#include <string.h>

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
go(struct tmpl_html *h, enum tmpl_mode mode)
{
	if (mode == HTML_BETWEEN)
		*h = (struct tmpl_html){ 0 };
	if (mode == HTML_BEFORE_NAME || mode == HTML_TAG || mode == HTML_RAW_SLASH)
		memset(h->name, 0, sizeof h->name);
	h->quote = 0;
	h->mode = (char)mode;
}

static const char *
end_tag(struct tmpl_html *h)
{
	struct tmpl_html raw = { .mode = HTML_RAW };

	if (!h->ends && strcmp(h->tag, "plaintext") == 0)
		return "<plaintext> never ends";
	if (!h->ends && among(raw_tags, h->tag))
		memcpy(raw.tag, h->tag, sizeof raw.tag);
	else
		raw.mode = HTML_BETWEEN;
	*h = raw;
	return NULL;
}

static const char *
step_less(struct tmpl_html *h, char c)
{
	if (h->mode == HTML_LESS && c == '/')
		go(h, HTML_LESS_SLASH);
	else if (h->mode == HTML_LESS && c == '!')
		go(h, HTML_BANG);
	else if (letter(c)) {
		h->ends = h->mode == HTML_LESS_SLASH;
		go(h, HTML_TAG);
		add_tag(h, c);
	} else if (h->mode == HTML_LESS_SLASH || c == '?')
		return "this is no tag: write &lt; for a <";
	else if (c != '<')
		go(h, HTML_BETWEEN);
	return NULL;
}

static const char *
step_bang(struct tmpl_html *h, char c)
{
	if (h->mode == HTML_DOCTYPE && c == '>')
		go(h, HTML_BETWEEN);
	if (h->mode == HTML_DOCTYPE || h->mode == HTML_BETWEEN)
		return NULL;
	if (h->mode == HTML_BANG && c == '-')
		go(h, HTML_BANG_DASH);
	else if (h->mode == HTML_BANG && letter(c))
		go(h, HTML_DOCTYPE);
	else if (h->mode == HTML_BANG_DASH && c == '-') {
		go(h, HTML_COMMENT);
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
		go(h, HTML_BETWEEN);
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
		go(h, HTML_BEFORE_NAME);
		return NULL;
	}
	if (blank(c)) {
		if (h->mode != HTML_BEFORE_NAME)
			go(h, h->mode == HTML_TAG ? HTML_BEFORE_NAME : HTML_AFTER_NAME);
		return NULL;
	}
	if (c == '<' && h->mode == HTML_TAG)
		return "a < in a tag";
	if (h->mode == HTML_TAG) {
		add_tag(h, c);
		return NULL;
	}
	if (c == '=' && h->mode != HTML_BEFORE_NAME) {
		go(h, HTML_BEFORE_VALUE);
		return NULL;
	}
	if (strchr("\"'<=", c) != NULL)
		return "a quote, = or < where an attribute should stand";
	if (h->mode == HTML_AFTER_NAME)
		go(h, HTML_BEFORE_NAME);
	h->mode = HTML_NAME;
	add_name(h, c);
	h->refresh |= strcmp(h->name, "http-equiv") == 0;
	return h->refresh && h->variable ? "a variable in content= beside http-equiv=" : NULL;
}

static const char *
step_value(struct tmpl_html *h, char c)
{
	if (h->mode == HTML_QUOTED) {
		if (c == h->quote)
			go(h, HTML_BEFORE_NAME);
		return NULL;
	}
	if (h->mode == HTML_BEFORE_VALUE && (c == '"' || c == '\'')) {
		go(h, HTML_QUOTED);
		h->quote = c;
		return NULL;
	}
	if (c == '>')
		return end_tag(h);
	if (blank(c)) {
		if (h->mode == HTML_BARE)
			go(h, HTML_BEFORE_NAME);
		return NULL;
	}
	if (strchr("\"'<=`", c) != NULL)
		return "a quote, = or < in a value without quotes";
	go(h, HTML_BARE);
	return NULL;
}

static const char *
step_raw(struct tmpl_html *h, char c)
{
	bool script = strcmp(h->tag, "script") == 0;

	if (h->mode == HTML_RAW_SLASH && letter(c)) {
		size_t n = strlen(h->name);

		if (n + 1 < sizeof h->name)
			h->name[n] = lower(c);
		return NULL;
	}
	if (h->mode == HTML_RAW_SLASH && strcmp(h->name, h->tag) == 0 &&
		(blank(c) || c == '/' || c == '>')) {
		h->ends = 1;
		go(h, HTML_BEFORE_NAME);
		return c == '>' ? end_tag(h) : NULL;
	}
	if (h->mode == HTML_RAW_LESS && c == '/') {
		go(h, HTML_RAW_SLASH);
		return NULL;
	}
	if (h->mode == HTML_RAW_LESS && script && c == '!')
		return "<! in <script>";
	if (h->mode == HTML_RAW_LESS && !script && (letter(c) || c == '!'))
		return "a tag in an element that holds none";
	go(h, c == '<' ? HTML_RAW_LESS : HTML_RAW);
	memset(h->name, 0, sizeof h->name);
	return NULL;
}

const char *
tmpl_html_step(struct tmpl_html *h, char c)
{
	switch ((enum tmpl_mode)h->mode) {
	case HTML_BETWEEN:
		if (c == '<')
			go(h, HTML_LESS);
		return NULL;
	case HTML_LESS:
	case HTML_LESS_SLASH: return step_less(h, c);
	case HTML_BANG:
	case HTML_BANG_DASH:
	case HTML_DOCTYPE: return step_bang(h, c);
	case HTML_COMMENT: step_comment(h, c); return NULL;
	case HTML_TAG:
	case HTML_BEFORE_NAME:
	case HTML_NAME:
	case HTML_AFTER_NAME: return step_name(h, c);
	case HTML_BEFORE_VALUE:
	case HTML_BARE:
	case HTML_QUOTED: return step_value(h, c);
	case HTML_RAW:
	case HTML_RAW_LESS:
	case HTML_RAW_SLASH: return step_raw(h, c);
	}
	return NULL;
}

bool
tmpl_html_address(const struct tmpl_html *h)
{
	return among(addresses, h->name);
}
