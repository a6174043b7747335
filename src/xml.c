/* SPDX-License-Identifier: ISC */
/* xml: feeds and maps of the site. Every text goes through one function that escapes it. */
#include "xml.h"

#include "json.h"
#include "text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define HEAD "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"

/* A document that grows; each of its texts is written once. */
struct out {
	FILE *to;
	struct mem_text text;
};

static void
begin(struct out *o, struct mem *m)
{
	o->to = mem_stream(m, &o->text);
	(void)fputs(HEAD, o->to);
}

static const char *
end(struct out *o)
{
	(void)fclose(o->to);
	return o->text.bytes;
}

/* XML has no place for control characters, nor for U+FFFE and U+FFFF, not even escaped (section
 * 2.2). */
static bool
is_char(const char *c)
{
	if ((unsigned char)*c < ' ')
		return *c == '\n' || *c == '\t';
	return strncmp(c, "\xef\xbf\xbe", 3) != 0 && strncmp(c, "\xef\xbf\xbf", 3) != 0;
}

/* As text or in a value. */
static void
escape(struct out *o, const char *text)
{
	for (const char *c = text != NULL ? text : ""; *c != '\0'; c++) {
		const char *as = *c == '<' ? "&lt;"
			: *c == '>'        ? "&gt;"
			: *c == '&'        ? "&amp;"
			: *c == '"'        ? "&quot;"
					   : NULL;

		if (as != NULL)
			(void)fputs(as, o->to);
		else if (is_char(c))
			(void)fputc(*c, o->to);
		else if ((unsigned char)*c >= ' ')
			c += 2;
	}
}

/* <tag>first rest</tag>, the second without a blank before it. */
static void
element(struct out *o, const char *tag, const char *first, const char *rest)
{
	(void)fprintf(o->to, "<%s>", tag);
	escape(o, first);
	escape(o, rest);
	(void)fprintf(o->to, "</%s>\n", tag);
}

static void
link_to(struct out *o, const char *rel, const char *type, const char *site, const char *path)
{
	(void)fprintf(o->to, "<link rel=\"%s\" type=\"%s\" href=\"", rel, type);
	escape(o, site);
	escape(o, path);
	(void)fputs("\"/>\n", o->to);
}

static const char *
article_path(struct mem *m, json_t *article)
{
	return mem_print(m, "/article/%s", text_escape(m, row_text(article, "slug")));
}

static void
entry(struct out *o, struct mem *m, json_t *article, const char *site)
{
	const char *path = article_path(m, article);
	json_t *tag;
	size_t i;

	(void)fputs("<entry>\n", o->to);
	element(o, "title", row_text(article, "title"), NULL);
	element(o, "id", site, path);
	link_to(o, "alternate", "text/html", site, path);
	element(o, "published", row_text(article, "createdAt"), NULL);
	element(o, "updated", row_text(article, "updatedAt"), NULL);
	(void)fputs("<author>", o->to);
	element(o, "name", row_text(json_object_get(article, "author"), "username"), NULL);
	(void)fputs("</author>\n", o->to);
	element(o, "summary", row_text(article, "description"), NULL);
	json_array_foreach(json_object_get(article, "tagList"), i, tag)
	{
		(void)fputs("<category term=\"", o->to);
		escape(o, json_string_value(tag));
		(void)fputs("\"/>\n", o->to);
	}
	(void)fputs("</entry>\n", o->to);
}

const char *
xml_atom(struct mem *m, json_t *articles, const char *title, const char *site, const char *page,
	const char *self)
{
	const char *latest = "1970-01-01T00:00:00Z", *at;
	struct out o;
	json_t *article;
	size_t i;

	json_array_foreach(articles, i, article)
	{
		at = row_text(article, "updatedAt");
		if (strcmp(at, latest) > 0)
			latest = at;
	}
	begin(&o, m);
	(void)fputs("<feed xmlns=\"http://www.w3.org/2005/Atom\">\n", o.to);
	element(&o, "title", title, NULL);
	element(&o, "id", site, self);
	element(&o, "updated", latest, NULL);
	link_to(&o, "self", "application/atom+xml", site, self);
	link_to(&o, "alternate", "text/html", site, page);
	json_array_foreach(articles, i, article)
	{
		entry(&o, m, article, site);
	}
	(void)fputs("</feed>\n", o.to);
	return end(&o);
}

const char *
xml_maps(struct mem *m, const char *site, long n)
{
	struct out o;

	begin(&o, m);
	(void)fputs("<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n", o.to);
	for (long i = 1; i <= n; i++) {
		(void)fputs("<sitemap>", o.to);
		element(&o, "loc", site, mem_print(m, "/sitemap/%ld.xml", i));
		(void)fputs("</sitemap>\n", o.to);
	}
	(void)fputs("</sitemapindex>\n", o.to);
	return end(&o);
}

const char *
xml_map(struct mem *m, const char *site, json_t *articles)
{
	struct out o;
	json_t *article;
	size_t i;

	begin(&o, m);
	(void)fputs("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n", o.to);
	json_array_foreach(articles, i, article)
	{
		(void)fputs("<url>", o.to);
		element(&o, "loc", site, article_path(m, article));
		element(&o, "lastmod", row_text(article, "updatedAt"), NULL);
		(void)fputs("</url>\n", o.to);
	}
	(void)fputs("</urlset>\n", o.to);
	return end(&o);
}
