/* SPDX-License-Identifier: ISC */
/* profiles: what everybody may see of a member, and the pictures of members; and for admins what
 * all of them wrote. */
#include "avatar.h"
#include "comment.h"
#include "json.h"
#include "listing.h"
#include "profile.h"
#include "repeat.h"
#include "serve.h"
#include "text.h"

#include <string.h>
#include <strings.h>

static const struct field content_in[] = {
	{ "show", LINE, .null = true },
	LISTING_PAGE,
	{ 0 },
};

static const struct field profile_in[] = {
	{ "username", LINE, .need = true },
	{ 0 },
};

static const char *
name(const struct req *rq)
{
	return row_text(rq->in, "username");
}

/* GET /profiles/:username */
static json_t *
get(struct req *rq)
{
	rq->out.etag = "";
	return under(rq, "profile", profile_get(rq->db, name(rq), rq->me != NULL ? rq->me->id : 0));
}

/* POST /profiles/:username/follow */
static json_t *
follow(struct req *rq)
{
	return under(rq, "profile", profile_follow(rq->db, name(rq), rq->me->id, true));
}

/* DELETE /profiles/:username/follow */
static json_t *
unfollow(struct req *rq)
{
	return under(rq, "profile", profile_follow(rq->db, name(rq), rq->me->id, false));
}

static const struct field page_in[] = {
	{ "username", LINE, .need = true },
	LISTING_PAGE,
	{ 0 },
};

/* The page of a member with the articles that `filter` finds by the name; `end` ends its address.
 */
static json_t *
page(struct req *rq, const char *filter, const char *end)
{
	json_t *row = profile_get(rq->db, name(rq), rq->me != NULL ? rq->me->id : 0), *found;
	const char *member = row_text(row, "username"), *path;

	if (row == NULL)
		return NULL;
	path = mem_print(rq->mem, "/profile/%s%s", text_escape(rq->mem, member), end);
	found = rq->conf->features[FEATURE_ARTICLES]
		? listing(rq, path, mem_pack(rq->mem, "{s:s}", filter, member), false)
		: mem_pack(rq->mem, "{s:s}", "here", path);
	if (found == NULL)
		return NULL;
	json_object_set(found, "profile", row);
	json_object_set_new(found, "own",
		json_boolean(rq->me != NULL && strcasecmp(rq->me->username, member) == 0));
	json_object_set(found, "meta",
		listing_meta(rq, row_text(found, "here"), member, row_text(row, "bio"), "profile",
			row_text(row, "image"),
			rq->conf->features[FEATURE_ARTICLES] && *end == '\0'
				? mem_print(rq->mem, "/feed.xml?author=%s",
					  text_escape(rq->mem, member))
				: NULL));
	return found;
}

/* GET /profile/:username */
static json_t *
show(struct req *rq)
{
	json_t *found = page(rq, "author", "");

	json_object_set_new(found, "authored", json_true());
	return found;
}

/* GET /profile/:username/favorites */
static json_t *
show_favorites(struct req *rq)
{
	json_t *found = page(rq, "favorited", "/favorites");

	json_object_set_new(found, "favorites", json_true());
	return found;
}

static const struct field follow_in[] = {
	{ "username", LINE, .need = true },
	{ "next", NEXT },
	{ 0 },
};

/* A button on the page of the member, or on that of an article, to which it leads back. */
static json_t *
press(struct req *rq, bool yes)
{
	json_t *row = profile_follow(rq->db, name(rq), rq->me->id, yes);

	if (row_text(rq->in, "next") != NULL)
		goes_on(rq);
	else
		goes_to(rq, "/profile/:username", row);
	return row;
}

/* POST /profile/:username/follow */
static json_t *
press_follow(struct req *rq)
{
	return press(rq, true);
}

/* POST /profile/:username/unfollow */
static json_t *
press_unfollow(struct req *rq)
{
	return press(rq, false);
}

static const struct field picture_in[] = {
	{ "name", LINE, .need = true },
	{ 0 },
};

/* GET /pictures/HEX.webp: another picture has another name. */
static json_t *
picture(struct req *rq)
{
	if ((rq->out.bytes = avatar_find(rq->db, row_text(rq->in, "name"))) == NULL)
		return db_refuse(rq->db, ERR_NOT_FOUND, "picture");
	rq->out.cache = "public, max-age=31536000, immutable";
	return nothing(rq);
}

/* The newest comments of all articles; there is a next page if there is one comment more. */
static json_t *
newest_comments(struct req *rq)
{
	long page = (long)row_number(rq->in, "page");
	const char *url = "/admin/content?show=comments";
	json_t *comments, *found, *comment;
	size_t i;

	page = page > 0 ? page : 1;
	comments = comment_newest(rq->db,
		mem_pack(rq->mem, "{s:i, s:I}", "limit", LISTING_SIZE + 1, "offset",
			(json_int_t)(page - 1) * LISTING_SIZE),
		rq->me->id);
	if (comments == NULL)
		return NULL;
	found = mem_pack(rq->mem, "{s:O, s:s}", "comments", comments, "here",
		mem_print(rq->mem, "%s&page=%ld", url, page));
	if (page > 1)
		json_object_set_new(found, "newerUrl",
			json_string(mem_print(rq->mem, "%s&page=%ld", url, page - 1)));
	if (json_array_size(comments) > LISTING_SIZE) {
		json_array_remove(comments, LISTING_SIZE);
		json_object_set_new(found, "olderUrl",
			json_string(mem_print(rq->mem, "%s&page=%ld", url, page + 1)));
	}
	json_array_foreach(comments, i, comment)
	{
		json_object_set_new(comment, "commentUrl",
			json_string(mem_print(rq->mem, "/article/%s/comments/%lld",
				text_escape(rq->mem,
					row_text(json_object_get(comment, "article"), "slug")),
				(long long)row_id(comment))));
	}
	return found;
}

/* GET /admin/content: the newest articles, or with ?show=comments the newest comments. */
static json_t *
content(struct req *rq)
{
	const char *which = row_text(rq->in, "show");
	bool comments = which != NULL && strcmp(which, "comments") == 0;
	json_t *found = comments ? newest_comments(rq) : listing(rq, "/admin/content", NULL, false);

	if (found != NULL)
		json_object_set_new(
			found, comments ? "showsComments" : "showsArticles", json_true());
	return found;
}

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html feature */
	{ GET, "/profiles/:username", NULL, PUBLIC, NULL, profile_in, NULL, get, 200, NULL },
	{ POST, "/profiles/:username/follow", NULL, MEMBER, NULL, profile_in, NULL, follow, 200,
		NULL, FEATURE_FOLLOW },
	{ DELETE, "/profiles/:username/follow", NULL, MEMBER, NULL, profile_in, NULL, unfollow, 200,
		NULL, FEATURE_FOLLOW },
	{ GET, NULL, "/profile/:username", PUBLIC, NULL, page_in, NULL, show, 200, "profile" },
	{ GET, NULL, "/profile/:username/favorites", PUBLIC, NULL, page_in, NULL, show_favorites,
		200, "profile", FEATURE_ARTICLES },
	{ POST, NULL, "/profile/:username/follow", MEMBER, NULL, follow_in, NULL, press_follow, 200,
		NULL, FEATURE_FOLLOW },
	{ POST, NULL, "/profile/:username/unfollow", MEMBER, NULL, follow_in, NULL, press_unfollow,
		200, NULL, FEATURE_FOLLOW },
	{ GET, NULL, "/pictures/:name.webp", OPEN, NULL, picture_in, NULL, picture, 200, NULL },
	{ GET, NULL, "/admin/content", ADMIN, NULL, content_in, NULL, content, 200, "admin-content",
		FEATURE_ARTICLES },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv,
		&(struct program){ "profiles", "content", routes, .pages = &page_steps,
			.counts = true, .repeats = &repeat_steps });
}
