/* SPDX-License-Identifier: ISC */
/* pages: articles as people read them: the home page, those of tags and articles, and what is done
 * there. */
#include "article.h"
#include "browser.h"
#include "comment.h"
#include "json.h"
#include "listing.h"
#include "repeat.h"
#include "serve.h"
#include "tag.h"
#include "text.h"

#include <string.h>
#include <strings.h>

enum {
	SIDEBAR_TAGS = 20,
	COMMENTS = 30 /* of an article's page */
};

static const struct field home_in[] = {
	{ "feed", LINE, .null = true },
	LISTING_PAGE,
	{ 0 },
};

static const struct field tag_in[] = {
	{ "tag", LINE, .need = true },
	LISTING_PAGE,
	{ 0 },
};

static const struct field comment_in[] = {
	{ "slug", LINE, .need = true, .widget = "hidden" },
	{ "body", TEXT, .max = 10000, .need = true, .label = "Your comment", .widget = "comment" },
	{ 0 },
};

static const struct field comment_id_in[] = {
	{ "id", INT, .need = true },
	{ "slug", LINE, .need = true },
	LISTING_PAGE,
	{ "next", NEXT },
	{ 0 },
};

#define SLUG_IN (comment_id_in + 1) /* without the id */

static int64_t
my_id(const struct req *rq)
{
	return rq->me != NULL ? rq->me->id : 0;
}

static bool
is_admin(const struct req *rq)
{
	return rq->me != NULL && strcmp(rq->me->role, "admin") == 0;
}

static bool
is_mine(const struct req *rq, json_t *written)
{
	return rq->me != NULL &&
		strcasecmp(rq->me->username,
			row_text(json_object_get(written, "author"), "username")) == 0;
}

static const char *
slug(const struct req *rq)
{
	return row_text(rq->in, "slug");
}

/* The tags of the page's side: {tagList}, for the addresses that view adds. */
static json_t *
sidebar(struct req *rq)
{
	return under(rq, "tagList", tag_latest(rq->db, SIDEBAR_TAGS));
}

/* One page of a feed, with what stands around it. */
static json_t *
feed_page(struct req *rq, const char *path, json_t *filters, bool yours)
{
	json_t *found = listing(rq, path, filters, yours), *tags = sidebar(rq);

	if (found == NULL || tags == NULL)
		return NULL;
	json_object_set(found, "popular", tags);
	return found;
}

/* GET /: everybody's feed, or with ?feed=following one's own, which is for members. */
static json_t *
home(struct req *rq)
{
	const char *which = row_text(rq->in, "feed");
	bool yours = which != NULL && strcmp(which, "following") == 0 &&
		rq->conf->features[FEATURE_ARTICLES] && rq->conf->features[FEATURE_FOLLOW];
	json_t *found = nothing(rq);

	if (yours && rq->me == NULL)
		return db_refuse(rq->db, ERR_TOKEN_MISSING, NULL);
	if (rq->conf->features[FEATURE_ARTICLES])
		found = feed_page(rq, yours ? "/?feed=following" : "/", NULL, yours);
	if (found == NULL)
		return NULL;
	json_object_set_new(found, yours ? "yours" : "global", json_true());
	if (!yours)
		json_object_set(found, "meta",
			listing_meta(rq,
				rq->conf->features[FEATURE_ARTICLES] ? row_text(found, "here")
								     : "/",
				rq->conf->site_name, rq->conf->site_tagline, "website", NULL,
				rq->conf->features[FEATURE_ARTICLES] ? "/feed.xml" : NULL));
	return found;
}

/* GET /tag/:tag */
static json_t *
tagged(struct req *rq)
{
	const char *tag = row_text(rq->in, "tag");
	const char *path = mem_print(rq->mem, "/tag/%s", text_escape(rq->mem, tag));
	json_t *found = feed_page(rq, path, mem_pack(rq->mem, "{s:s}", "tag", tag), false);

	if (found == NULL)
		return NULL;
	json_object_set_new(found, "tag", json_string(tag));
	json_object_set_new(found, "tagUrl", json_string(path));
	json_object_set(found, "meta",
		listing_meta(rq, row_text(found, "here"), tag,
			mem_print(rq->mem, "Articles about %s", tag), "website", NULL,
			mem_print(rq->mem, "/feed.xml?tag=%s", text_escape(rq->mem, tag))));
	return found;
}

/* One page of comments, {comments, newerUrl, olderUrl}; one more than it shows tells of the next.
 */
static void
add_comments(struct req *rq, json_t *found, const char *path)
{
	long page = (long)row_number(rq->in, "page");
	static const char *const names[] = { "newerUrl", "olderUrl" };
	json_t *comments;
	bool more;

	page = page > 0 ? page : 1;
	comments = comment_show(rq->db, slug(rq),
		mem_pack(rq->mem, "{s:i, s:I}", "limit", COMMENTS + 1, "offset",
			(json_int_t)(page - 1) * COMMENTS),
		my_id(rq));
	more = json_array_size(comments) > COMMENTS;
	if (more)
		json_array_remove(comments, 0);
	for (int i = page > 1 ? 0 : 1; i < (more ? 2 : 1); i++)
		json_object_set_new(
			found, names[i], json_sprintf("%s?page=%ld", path, page - 1 + 2L * i));
	json_object_set(found, "comments", comments);
}

/* What the viewer may do with each comment: it is their own, or theirs to remove. */
static void
mark_comments(struct req *rq, const char *path, json_t *comments, bool moderates)
{
	json_t *comment;
	size_t i;

	json_array_foreach(comments, i, comment)
	{
		bool mine = is_mine(rq, comment);

		json_object_set_new(comment, "commentUrl",
			json_sprintf("%s/comments/%lld", path, (long long)row_id(comment)));
		json_object_set_new(comment, "own", json_boolean(mine));
		json_object_set_new(comment, "moderate", json_boolean(moderates && !mine));
	}
}

/* GET /article/:slug */
static json_t *
show(struct req *rq)
{
	json_t *article = article_show(rq->db, slug(rq), my_id(rq)), *author, *found;
	const char *path;
	bool own;

	if (article == NULL)
		return NULL;
	author = json_object_get(article, "author");
	path = mem_print(rq->mem, "/article/%s", text_escape(rq->mem, row_text(article, "slug")));
	own = is_mine(rq, article);
	json_object_set_new(article, "whole", json_true());
	found = mem_pack(rq->mem, "{s:O, s:b, s:b, s:s, s:s, s:O}", "article", article, "own", own,
		"moderate", !own && is_admin(rq), "here", path, "nextUrl",
		text_escape(rq->mem, path), "meta",
		listing_meta(rq, path, row_text(article, "title"), row_text(article, "description"),
			"article", row_text(author, "image"), NULL));
	if (rq->conf->features[FEATURE_COMMENTS])
		add_comments(rq, found, path);
	mark_comments(rq, path, json_object_get(found, "comments"), own || is_admin(rq));
	return found;
}

/* A form that stands on several pages leads back to the one it was sent from. */
static json_t *
back(struct req *rq, json_t *result)
{
	if (row_text(rq->in, "next") != NULL)
		goes_on(rq);
	else
		goes_to(rq, "/article/:slug", rq->in);
	return result;
}

/* POST /article/:slug: a comment */
static json_t *
comment(struct req *rq)
{
	struct writer me = { rq->me->id, rq->conf->site_external_images };
	json_t *said;

	said = comment_add(rq->db, slug(rq), row_text(rq->in, "body"), &me);
	goes_to(rq, "/article/:slug", rq->in);
	return said;
}

/* POST /article/:slug/comments/:id/delete */
static json_t *
uncomment(struct req *rq)
{
	if (!comment_remove(
		    rq->db, slug(rq), row_id(rq->in), rq->me->id, is_admin(rq), &rq->origin))
		return NULL;
	browser_flash(rq, "success.comment-removed");
	return back(rq, nothing(rq));
}

/* POST /article/:slug/favorite */
static json_t *
favor(struct req *rq)
{
	return back(rq, article_favor(rq->db, slug(rq), rq->me->id, true));
}

/* POST /article/:slug/unfavorite */
static json_t *
unfavor(struct req *rq)
{
	return back(rq, article_favor(rq->db, slug(rq), rq->me->id, false));
}

#define ARTICLES_ NULL, FEATURE_ARTICLES
#define COMMENTS_ NULL, FEATURE_COMMENTS

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html feature */
	{ GET, NULL, "/", PUBLIC, NULL, home_in, NULL, home, 200, "home" },
	{ GET, NULL, "/tag/:tag+", PUBLIC, NULL, tag_in, NULL, tagged, 200, "home",
		FEATURE_ARTICLES },
	{ GET, NULL, "/article/:slug", PUBLIC, NULL, SLUG_IN, NULL, show, 200, "article",
		FEATURE_ARTICLES },
	{ POST, NULL, "/article/:slug", MEMBER, NULL, comment_in, NULL, comment, 200, COMMENTS_ },
	{ POST, NULL, "/article/:slug/comments/:id/delete", MEMBER, NULL, comment_id_in, NULL,
		uncomment, 200, COMMENTS_ },
	{ POST, NULL, "/article/:slug/favorite", MEMBER, NULL, SLUG_IN, NULL, favor, 200,
		ARTICLES_ },
	{ POST, NULL, "/article/:slug/unfavorite", MEMBER, NULL, SLUG_IN, NULL, unfavor, 200,
		ARTICLES_ },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv,
		&(struct program){ "pages", "content", routes, .pages = &page_steps, .counts = true,
			.repeats = &repeat_steps });
}
