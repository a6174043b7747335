/* SPDX-License-Identifier: ISC */
/* profiles: what everybody may see of a member, and the pictures of members. */
#include "avatar.h"
#include "json.h"
#include "profile.h"
#include "serve.h"

#include <strings.h>

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

/* GET /profile/:username: {profile: {username, bio, image, following}, own}. */
static json_t *
show(struct req *rq)
{
	json_t *row = profile_get(rq->db, name(rq), rq->me != NULL ? rq->me->id : 0);

	if (row == NULL)
		return NULL;
	return mem_pack(rq->mem, "{s:O, s:b}", "profile", row, "own",
		rq->me != NULL && strcasecmp(rq->me->username, name(rq)) == 0);
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

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html feature */
	{ GET, "/profiles/:username", NULL, PUBLIC, NULL, profile_in, NULL, get, 200, NULL },
	{ POST, "/profiles/:username/follow", NULL, MEMBER, NULL, profile_in, NULL, follow, 200,
		NULL, FEATURE_FOLLOW },
	{ DELETE, "/profiles/:username/follow", NULL, MEMBER, NULL, profile_in, NULL, unfollow, 200,
		NULL, FEATURE_FOLLOW },
	{ GET, NULL, "/profile/:username", PUBLIC, NULL, profile_in, NULL, show, 200, "profile" },
	{ GET, NULL, "/pictures/:name.webp", OPEN, NULL, picture_in, NULL, picture, 200, NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(
		argc, argv, &(struct program){ "profiles", "content", routes, .counts = true });
}
