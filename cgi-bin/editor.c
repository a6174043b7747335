/* SPDX-License-Identifier: ISC */
/*
 * editor: the pages on which an article is written, and its end. All buttons send one form; but for
 * the one that publishes, it comes back with all that was typed.
 */
#include "article.h"
#include "browser.h"
#include "guard.h"
#include "json.h"
#include "markdown.h"
#include "serve.h"

#include <string.h>
#include <strings.h>

/* Blank is wrong only for who publishes. */
#define TEXTS                                                                                        \
	{ "title", LINE, .max = 120, .null = true },                                                 \
		{ "description", LINE, .max = 250, .null = true },                                   \
		{ "body", TEXT, .max = 60000, .null = true, .label = "Text",                         \
			.hint = "Markdown: # heading, *emphasis*, [link](https://example.org), and " \
				"an empty line between paragraphs." },                               \
	{                                                                                            \
		"tagList", TAGS, .max = 20, .label = "Tags",                                         \
				 .hint = "Enter, or a comma, ends a tag."                            \
	}
#define BUTTONS                                                                                    \
	{ "add", LINE, .null = true }, { "preview", LINE, .null = true },                          \
	{                                                                                          \
		"remove", LINE, .null = true                                                       \
	}

static const struct field new_in[] = { TEXTS, BUTTONS, { 0 } };
/* `updatedAt` says which text was opened, so that nobody else's is lost. */
static const struct field change_in[] = { { "slug", LINE, .need = true },
	{ "updatedAt", LINE, .null = true, .widget = "hidden" }, TEXTS, BUTTONS, { 0 } };
static const struct field drop_in[] = { { "next", NEXT }, { "slug", LINE, .need = true }, { 0 } };
#define SLUG_IN (drop_in + 1) /* without where to go on */

static bool
may(struct req *rq)
{
	return guard_publish(rq) || db_refuse(rq->db, ERR_FORBIDDEN, "article") != NULL;
}

/* The tags without the one that is taken away. */
static json_t *
tags_left(struct req *rq)
{
	json_t *list = mem_json(rq->mem, json_array()), *tag;
	const char *gone = row_text(rq->in, "remove");
	size_t i;

	json_array_foreach(json_object_get(rq->in, "tagList"), i, tag)
	{
		if (gone == NULL || strcmp(gone, json_string_value(tag)) != 0)
			json_array_append(list, tag);
	}
	return list;
}

/* What the page shows again when a button was pressed that does not publish; NULL for the one that
 * does. */
static json_t *
again(struct req *rq)
{
	const char *body = row_text(rq->in, "body");
	json_t *shown = under(rq, "tagList", tags_left(rq));

	if (row_text(rq->in, "preview") != NULL)
		json_object_set_new(shown, "previewHtml",
			json_string(markdown_html(rq->mem, body != NULL ? body : "",
				rq->conf->site_external_images)));
	else if (row_text(rq->in, "add") == NULL && row_text(rq->in, "remove") == NULL)
		return NULL;
	return shown;
}

/* Whether there is all that an article needs; what is missing is noted. */
static bool
is_whole(struct req *rq)
{
	static const char *const needed[] = { "title", "description", "body" };

	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
		if (row_text(rq->in, needed[i]) == NULL)
			err_add(&rq->fault, ERR_BLANK, needed[i], 0);
	return err_first(&rq->fault) == ERR_NONE;
}

/* GET /editor */
static json_t *
start(struct req *rq)
{
	return may(rq) ? nothing(rq) : NULL;
}

/* POST /editor */
static json_t *
publish(struct req *rq)
{
	struct writer me = { rq->me->id, rq->conf->site_external_images };
	json_t *shown = again(rq), *article;

	if (!may(rq))
		return NULL;
	if (shown != NULL)
		return shown;
	if (!is_whole(rq) || (article = article_add(rq->db, rq->in, &me)) == NULL)
		return NULL;
	browser_flash(rq, "success.published");
	goes_to(rq, "/article/:slug", article);
	return article;
}

/* The page on which what was typed for an article that is gone may become another one. */
static json_t *
gone(struct req *rq)
{
	rq->fault.count = 0; /* that of the form is told */
	return under(rq, "gone", mem_json(rq->mem, json_true()));
}

/* GET /editor/:slug */
static json_t *
open(struct req *rq)
{
	json_t *article;

	if (!may(rq))
		return NULL;
	article = article_get(rq->db, row_text(rq->in, "slug"), rq->me->id);
	if (article == NULL)
		return rq->again && err_first(&rq->fault) == ERR_NOT_FOUND ? gone(rq) : NULL;
	if (strcasecmp(rq->me->username,
		    row_text(json_object_get(article, "author"), "username")) != 0)
		return db_refuse(rq->db, ERR_FORBIDDEN, "article");
	return under(rq, "article", article);
}

/* What If-Match would say of the text that was opened; "" if the form does not. */
static const char *
opened(struct req *rq)
{
	const char *at = row_text(rq->in, "updatedAt");

	return at != NULL ? mem_print(rq->mem, "\"%s-\"", at) : "";
}

/* POST /editor/:slug */
static json_t *
change(struct req *rq)
{
	struct writer me = { rq->me->id, rq->conf->site_external_images };
	json_t *shown = again(rq), *article = open(rq);

	if (article == NULL)
		return NULL;
	if (shown != NULL) {
		json_object_update(shown, article);
		return shown;
	}
	if (!is_whole(rq))
		return NULL;
	if (json_object_get(rq->in, "tagList") == NULL) /* all of them were taken away */
		json_object_set_new(rq->in, "tagList", json_array());
	article = article_change(rq->db, row_text(rq->in, "slug"), rq->in, &me, opened(rq));
	if (article == NULL)
		return NULL;
	browser_flash(rq, "success.article-saved");
	goes_to(rq, "/article/:slug", article);
	return article;
}

/* POST /article/:slug/delete */
static json_t *
drop(struct req *rq)
{
	bool is_admin = strcmp(rq->me->role, "admin") == 0;

	if (!article_remove(rq->db, row_text(rq->in, "slug"), rq->me->id, is_admin, &rq->origin))
		return NULL;
	browser_flash(rq, "success.article-removed");
	goes_on(rq);
	return nothing(rq);
}

#define EDITOR "editor", FEATURE_ARTICLES
#define FORM   NULL, FEATURE_ARTICLES

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html feature */
	{ GET, NULL, "/editor", MEMBER, NULL, NULL, NULL, start, 200, EDITOR },
	{ POST, NULL, "/editor", MEMBER, "article", new_in, NULL, publish, 200, FORM },
	{ GET, NULL, "/editor/:slug", MEMBER, NULL, SLUG_IN, NULL, open, 200, EDITOR },
	{ POST, NULL, "/editor/:slug", MEMBER, "article", change_in, NULL, change, 200, FORM },
	{ POST, NULL, "/article/:slug/delete", MEMBER, NULL, drop_in, NULL, drop, 200, FORM },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv,
		&(struct program){
			"editor", "content", routes, .pages = &page_steps, .counts = true });
}
