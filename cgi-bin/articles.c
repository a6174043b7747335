/* SPDX-License-Identifier: ISC */
/* articles: articles with their favourites, comments and feeds, for programs; pages.c is for
 * people. */
#include "article.h"
#include "comment.h"
#include "guard.h"
#include "json.h"
#include "once.h"
#include "repeat.h"
#include "serve.h"

#include <string.h>

enum {
	LIMIT = 20, /* articles of a list, unless it is said */
	DEEPEST = 100000
};

#define SLUG_                                                                                      \
	{                                                                                          \
		"slug", LINE, .need = true                                                         \
	}
#define PAGING                                                                                     \
	{ "limit", INT, .min = 1, .max = 100, .clamp = true, .null = true },                       \
	{                                                                                          \
		"offset", INT, .min = 0, .max = DEEPEST, .clamp = true, .null = true               \
	}

static const struct field list_in[] = {
	{ "tag", LINE, .null = true },
	{ "author", LINE, .null = true },
	{ "favorited", LINE, .null = true },
	PAGING,
	{ 0 },
};

#define FEED_IN (list_in + 3) /* the paging alone */

static const struct field slug_in[] = {
	SLUG_,
	{ 0 },
};

static const struct field add_in[] = {
	{ "title", LINE, .max = 120, .need = true },
	{ "description", LINE, .max = 250, .need = true },
	{ "body", TEXT, .max = 60000, .need = true },
	{ "tagList", TAGS, .max = 20 },
	{ 0 },
};

static const struct field change_in[] = {
	SLUG_,
	{ "title", LINE, .max = 120 },
	{ "description", LINE, .max = 250 },
	{ "body", TEXT, .max = 60000 },
	{ "tagList", TAGS, .max = 20 },
	{ 0 },
};

static const struct field comment_in[] = {
	SLUG_,
	{ "body", TEXT, .max = 10000, .need = true },
	{ 0 },
};

static const struct field comment_id_in[] = {
	SLUG_,
	{ "id", INT, .need = true },
	{ 0 },
};

static int64_t
my_id(const struct req *rq)
{
	return rq->me != NULL ? rq->me->id : 0;
}

static bool
is_admin(const struct req *rq)
{
	return strcmp(rq->me->role, "admin") == 0;
}

static const char *
slug(const struct req *rq)
{
	return row_text(rq->in, "slug");
}

static struct writer
writer(const struct req *rq)
{
	return (struct writer){ rq->me->id, rq->conf->site_external_images };
}

/* The input with what it does not say of the page. */
static json_t *
paged(struct req *rq)
{
	int64_t limit = row_number(rq->in, "limit");

	return db_args(rq->db, rq->in, "{s:I, s:I}", "limit",
		(json_int_t)(limit > 0 ? limit : LIMIT), "offset",
		(json_int_t)row_number(rq->in, "offset"));
}

/* GET /articles */
static json_t *
list(struct req *rq)
{
	rq->out.etag = "";
	return article_list(rq->db, paged(rq), my_id(rq));
}

/* GET /articles/feed */
static json_t *
feed(struct req *rq)
{
	rq->out.etag = "";
	return article_feed(rq->db, paged(rq), rq->me->id);
}

/* GET /articles/:slug. If-Match of a change compares the date in the ETag. */
static json_t *
show(struct req *rq)
{
	json_t *article = article_get(rq->db, slug(rq), my_id(rq));

	rq->out.etag = row_text(article, "updatedAt");
	return under(rq, "article", article);
}

static json_t *
add_once(struct req *rq)
{
	struct writer me = writer(rq);

	if (!guard_publish(rq))
		return db_refuse(rq->db, ERR_FORBIDDEN, "article");
	return under(rq, "article", article_add(rq->db, rq->in, &me));
}

/* POST /articles */
static json_t *
add(struct req *rq)
{
	return once(rq, add_once);
}

/* PUT /articles/:slug */
static json_t *
change(struct req *rq)
{
	struct writer me = writer(rq);
	json_t *article = article_change(rq->db, slug(rq), rq->in, &me, rq->http.if_match);

	if (article != NULL && !guard_publish(rq))
		return db_refuse(rq->db, ERR_FORBIDDEN, "article");
	return under(rq, "article", article);
}

/* DELETE /articles/:slug, by its author or an admin. */
static json_t *
drop(struct req *rq)
{
	return article_remove(rq->db, slug(rq), rq->me->id, is_admin(rq), &rq->origin) ? nothing(rq)
										       : NULL;
}

/* POST /articles/:slug/favorite */
static json_t *
favor(struct req *rq)
{
	return under(rq, "article", article_favor(rq->db, slug(rq), rq->me->id, true));
}

/* DELETE /articles/:slug/favorite */
static json_t *
unfavor(struct req *rq)
{
	return under(rq, "article", article_favor(rq->db, slug(rq), rq->me->id, false));
}

/* GET /articles/:slug/comments */
static json_t *
comments(struct req *rq)
{
	rq->out.etag = "";
	return under(rq, "comments", comment_list(rq->db, slug(rq), my_id(rq)));
}

static json_t *
comment_once(struct req *rq)
{
	struct writer me = writer(rq);

	return under(rq, "comment", comment_add(rq->db, slug(rq), row_text(rq->in, "body"), &me));
}

/* POST /articles/:slug/comments */
static json_t *
comment(struct req *rq)
{
	return once(rq, comment_once);
}

/* DELETE /articles/:slug/comments/:id, by its author, the article's or an admin. */
static json_t *
uncomment(struct req *rq)
{
	return comment_remove(
		       rq->db, slug(rq), row_id(rq->in), rq->me->id, is_admin(rq), &rq->origin)
		? nothing(rq)
		: NULL;
}

#define ARTICLES NULL, FEATURE_ARTICLES
#define COMMENTS NULL, FEATURE_COMMENTS

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html feature */
	{ GET, "/articles", NULL, PUBLIC, NULL, list_in, NULL, list, 200, ARTICLES },
	{ GET, "/articles/feed", NULL, MEMBER, NULL, FEED_IN, NULL, feed, 200, NULL, FEATURE_FEED },
	{ POST, "/articles", NULL, MEMBER, "article", add_in, NULL, add, 201, ARTICLES },
	{ GET, "/articles/:slug", NULL, PUBLIC, NULL, slug_in, NULL, show, 200, ARTICLES },
	{ PUT, "/articles/:slug", NULL, MEMBER, "article", change_in, NULL, change, 200, ARTICLES },
	{ DELETE, "/articles/:slug", NULL, MEMBER, NULL, slug_in, NULL, drop, 204, ARTICLES },
	{ POST, "/articles/:slug/favorite", NULL, MEMBER, NULL, slug_in, NULL, favor, 200,
		ARTICLES },
	{ DELETE, "/articles/:slug/favorite", NULL, MEMBER, NULL, slug_in, NULL, unfavor, 200,
		ARTICLES },
	{ GET, "/articles/:slug/comments", NULL, PUBLIC, NULL, slug_in, NULL, comments, 200,
		COMMENTS },
	{ POST, "/articles/:slug/comments", NULL, MEMBER, "comment", comment_in, NULL, comment, 201,
		COMMENTS },
	{ DELETE, "/articles/:slug/comments/:id", NULL, MEMBER, NULL, comment_id_in, NULL,
		uncomment, 204, COMMENTS },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv,
		&(struct program){
			"articles", "content", routes, .counts = true, .repeats = &repeat_steps });
}
