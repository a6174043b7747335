/* SPDX-License-Identifier: ISC */
/*
 * markdown: from a text to HTML by libcmark, in its safe mode (CommonMark 0.30). Owns what is
 * changed on the way: levels of headings, foreign pictures. The one file that includes cmark.h.
 */
#include "markdown.h"

#include <cmark.h>
#include <stdlib.h>
#include <string.h>

enum {
	RULES = 1, /* to be raised when the same text makes other HTML than before */
	DEEPEST_HEADING = 6,
	PICTURES = 500
};

/* Memory as everywhere: cmark would write a line of its own when there is none left. */
static void *
get(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL)
		mem_abort("out of memory");
	return p;
}

static void *
get_more(void *old, size_t size)
{
	void *p = realloc(old, size);

	if (p == NULL)
		mem_abort("out of memory");
	return p;
}

static cmark_mem memory = { get, get_more, free };

/*
 * The text with the beginnings of pictures after the first 500 made plain: cmark 0.30.2 looks at
 * every one that is still open at the end of each link (CVE-2023-22486), which takes it seconds.
 */
static const char *
few_pictures(struct mem *m, const char *text)
{
	size_t n = 0, extra;
	char *out, *to;

	for (const char *at = text; (at = strstr(at, "![")) != NULL; at += 2)
		n++;
	if (n <= PICTURES)
		return text;
	extra = n - PICTURES;
	out = to = mem_get(m, strlen(text) + extra + 1);
	for (n = 0; *text != '\0';) {
		*to++ = *text++;
		if (text[-1] == '!' && *text == '[' && ++n > PICTURES)
			*to++ = '\\';
	}
	return out;
}

/* Whether an address leads away from this site. */
static bool
is_foreign(const char *url)
{
	if (url[0] == '/')
		return url[1] == '/' || url[1] == '\\';
	return url[0] == '\\' || url[strcspn(url, ":/?#")] == ':';
}

/* Let a link with the same text stand instead of a picture. */
static void
to_link(cmark_node *picture)
{
	cmark_node *link = cmark_node_new_with_mem(CMARK_NODE_LINK, &memory), *child;
	const char *url = cmark_node_get_url(picture);

	cmark_node_set_url(link, url);
	cmark_node_set_title(link, cmark_node_get_title(picture));
	if (cmark_node_first_child(picture) == NULL) {
		child = cmark_node_new_with_mem(CMARK_NODE_TEXT, &memory);
		cmark_node_set_literal(child, url);
		cmark_node_append_child(link, child);
	}
	while ((child = cmark_node_first_child(picture)) != NULL)
		cmark_node_append_child(link, child);
	cmark_node_replace(picture, link);
	cmark_node_free(picture);
}

/* Let the text alone stay. */
static void
unwrap(cmark_node *picture)
{
	cmark_node *child;

	while ((child = cmark_node_first_child(picture)) != NULL)
		cmark_node_insert_before(picture, child);
	cmark_node_unlink(picture);
	cmark_node_free(picture);
}

/* How many links and pictures a node stands in. */
struct around {
	int links, pictures;
};

/* A node that is left for good: it may be taken out of the tree. */
static void
change(cmark_node *node, const struct around *around, bool images)
{
	int level = cmark_node_get_heading_level(node);
	bool picture = cmark_node_get_type(node) == CMARK_NODE_IMAGE, foreign;

	if (level > 0 && level < DEEPEST_HEADING)
		cmark_node_set_heading_level(node, level + 1);
	if (images || (!picture && cmark_node_get_type(node) != CMARK_NODE_LINK))
		return;
	foreign = picture && is_foreign(cmark_node_get_url(node));
	/* A link may not stand in another one, nor in what is about to become one. */
	if (around->pictures > 0 || (foreign && around->links > 0))
		unwrap(node);
	else if (foreign)
		to_link(node);
}

const char *
markdown_html(struct mem *m, const char *text, bool images)
{
	struct around around = { 0 };
	cmark_parser *parser = cmark_parser_new_with_mem(CMARK_OPT_DEFAULT, &memory);
	cmark_node *document;
	cmark_event_type event;
	cmark_iter *at;
	char *html;

	text = few_pictures(m, text);
	cmark_parser_feed(parser, text, strlen(text));
	document = cmark_parser_finish(parser);
	cmark_parser_free(parser);
	at = cmark_iter_new(document);
	while ((event = cmark_iter_next(at)) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(at);
		int step = event == CMARK_EVENT_ENTER ? 1 : -1;

		around.links += step * (cmark_node_get_type(node) == CMARK_NODE_LINK);
		around.pictures += step * (cmark_node_get_type(node) == CMARK_NODE_IMAGE);
		if (event == CMARK_EVENT_EXIT)
			change(node, &around, images);
	}
	cmark_iter_free(at);
	html = cmark_render_html(document, CMARK_OPT_SAFE);
	cmark_node_free(document);
	mem_later(m, free, html);
	return html;
}

const char *
markdown_renderer(struct mem *m, bool images)
{
	return mem_print(m, "cmark %s/%d%s", cmark_version_string(), RULES, images ? "" : " links");
}
