/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Where a browser sees the data of a page: a tokenizer after chapter 13.2.5 of the HTML standard,
 * with the few rules that say where the four kinds of data may come out.
 */

#include "fuzz.h"

#include <strings.h>

/* The kinds of data, each known by a character of its own (U+E000 and so on). */
enum html_kind {
	HTML_PLAIN,
	HTML_URL,
	HTML_CSS,
	HTML_RAW,
	HTML_KINDS
};
#define HTML_MARK "\xee\x80" /* and 0x80 + its kind */

enum html_state {
	DATA,
	TEXT, /* RCDATA, RAWTEXT and script data */
	TAG,
	SPACE, /* before an attribute's name, or behind it */
	NAME,
	BEFORE_VALUE,
	QUOTED,
	BARE,
	COMMENT,
	BOGUS, /* to the next >, the DOCTYPE too */
};

struct html {
	enum html_state state;
	char quote;
	bool closing;
	char tag[32], name[32];
};

static inline bool
html_among(const char *const *words, const char *word)
{
	while (*words != NULL && strcasecmp(*words, word) != 0)
		words++;
	return *words != NULL;
}

/* What came out here is where its kind may be. */
static inline void
html_mark(const struct html *h, enum html_kind kind)
{
	static const char *const addresses[] = { "href", "src", "action", "formaction", "poster",
		"srcset", "data", "cite", "background", "ping", "manifest", NULL };
	static const char *const bad[] = { "style", "srcdoc", "http-equiv", NULL };

	HOLDS(h->state == DATA || h->state == TEXT || h->state == QUOTED);
	if (h->state == TEXT)
		HOLDS(strcasecmp(h->tag, "title") == 0 || strcasecmp(h->tag, "textarea") == 0 ||
			(strcasecmp(h->tag, "style") == 0 && kind == HTML_CSS));
	if (h->state != QUOTED)
		return;
	HOLDS(strncasecmp(h->name, "on", 2) != 0 && !html_among(bad, h->name));
	HOLDS(kind == HTML_URL || !html_among(addresses, h->name));
}

static inline void
html_add(char name[32], char c)
{
	size_t n = strlen(name);

	if (n < 31)
		name[n] = c;
}

/* Behind a <, a letter or a sign decides. Returns how much was taken. */
static inline size_t
html_open(struct html *h, const char *s)
{
	bool letter;

	h->closing = *s == '/';
	letter = (s[h->closing] | 32) >= 'a' && (s[h->closing] | 32) <= 'z';
	if (letter) {
		memset(h->tag, 0, sizeof h->tag);
		h->state = TAG;
		return h->closing;
	}
	if (strncmp(s, "!--", 3) == 0) {
		h->state = COMMENT;
		return strncmp(s + 3, ">", 1) == 0 || strncmp(s + 3, "->", 2) == 0 ? 1 : 3;
	}
	if (*s == '!' || *s == '?' || h->closing)
		h->state = BOGUS;
	return 0;
}

/* Behind the > of a tag. */
static inline void
html_close(struct html *h)
{
	static const char *const text[] = { "title", "textarea", "style", "script", "xmp", "iframe",
		"noembed", "noframes", "plaintext", NULL };

	h->state = !h->closing && html_among(text, h->tag) ? TEXT : DATA;
}

/* One character of a tag, of its attributes or of a comment. */
static inline void
html_step(struct html *h, const char *from, const char *s)
{
	bool blank = strchr(" \t\n\f\r/", *s) != NULL;

	if (h->state == QUOTED) {
		h->state = *s == h->quote ? SPACE : QUOTED;
	} else if (h->state == COMMENT) {
		if (*s == '>' && s - from >= 2 &&
			(memcmp(s - 2, "--", 2) == 0 ||
				(s - from >= 3 && memcmp(s - 3, "--!", 3) == 0)))
			h->state = DATA;
	} else if (h->state == BOGUS) {
		h->state = *s == '>' ? DATA : BOGUS;
	} else if (*s == '>') {
		html_close(h);
	} else if (h->state == BEFORE_VALUE && (*s == '"' || *s == '\'')) {
		h->state = QUOTED;
		h->quote = *s;
	} else if (h->state == BEFORE_VALUE && !blank) {
		h->state = BARE;
	} else if (h->state == TAG && !blank) {
		html_add(h->tag, *s);
	} else if (*s == '=' && (h->state == NAME || (h->state == SPACE && h->name[0] != '\0'))) {
		h->state = BEFORE_VALUE;
	} else if (h->state == NAME && !blank) {
		html_add(h->name, *s);
	} else if (h->state == SPACE && !blank) {
		memset(h->name, 0, sizeof h->name);
		h->name[0] = *s;
		h->state = NAME;
	} else if (blank && h->state != BEFORE_VALUE) {
		h->state = SPACE;
	}
}

/* In an element of text, whether the < at `s` begins its end tag. Returns how much was taken. */
static inline size_t
html_end(struct html *h, const char *s)
{
	size_t n = strlen(h->tag);

	if (s[1] != '/' || strncasecmp(s + 2, h->tag, n) != 0 ||
		strchr(" \t\n\f\r/>", s[2 + n]) == NULL)
		return 0;
	h->closing = true;
	h->state = SPACE;
	return 1 + n;
}

/* Each mark in the page is where it may be, and what stood before it there was escaped. */
static inline void
html_holds(const char *page)
{
	struct html h = { 0 };

	for (const char *s = page; *s != '\0'; s++) {
		if (*s == HTML_MARK[0] && s[1] == HTML_MARK[1] && (s[2] & 0x7f) < HTML_KINDS) {
			html_mark(&h, s[2] & 0x7f);
			HOLDS(s > page && ((s[2] & 0x7f) == HTML_RAW || s[-1] == ';'));
		}
		if (h.state == DATA && *s == '<')
			s += html_open(&h, s + 1);
		else if (h.state == TEXT && *s == '<')
			s += html_end(&h, s);
		else if (h.state != DATA && h.state != TEXT)
			html_step(&h, page, s);
	}
	HOLDS(h.state == DATA);
}
