/* SPDX-License-Identifier: ISC */
/*
 * tmpl_parse_value: which variable may stand where in HTML: the rules that tmpl.h names. What is
 * not known to be safe is refused.
 */
#include "tmpl_parts.h"

#include <string.h>

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
	if (tmpl_html_address(h) && !ends_in(name, "Url"))
		return "in an attribute that holds an address a name must end in Url";
	h->variable |= strcmp(h->name, "content") == 0;
	return h->refresh && h->variable ? "a variable in content= beside http-equiv=" : NULL;
}

const char *
tmpl_html_value(struct tmpl_html *h, const char *name, bool raw)
{
	bool raw_text = h->mode == HTML_RAW;

	if (h->mode == HTML_BETWEEN)
		return NULL;
	if (raw)
		return "raw output anywhere but between tags";
	if (h->mode == HTML_COMMENT)
		return "a variable in an HTML comment: {{! }} leaves things out";
	if (h->mode == HTML_BARE || h->mode == HTML_BEFORE_VALUE)
		return "a variable in a value without quotes";
	if (h->mode == HTML_QUOTED)
		return in_value(h, name);
	if (raw_text && (strcmp(h->tag, "title") == 0 || strcmp(h->tag, "textarea") == 0))
		return NULL;
	if (raw_text && strcmp(h->tag, "style") == 0)
		return ends_in(name, "Css") ? NULL : "in <style> a name must end in Css";
	if (h->mode >= HTML_RAW)
		return strcmp(h->tag, "script") == 0 ? "a variable in <script>"
						     : "a variable where it could end the element";
	return "a variable in a tag, outside of a quoted value";
}

const char *
tmpl_html_end(const struct tmpl_html *h)
{
	if (h->mode == HTML_BETWEEN)
		return NULL;
	if (h->mode == HTML_COMMENT)
		return "the page ends in a comment";
	return h->mode >= HTML_RAW
		? "the page ends in an element that is not closed"
		: "the page ends in a tag, or in a value whose quote is not closed";
}
