/* SPDX-License-Identifier: ISC */
/* profiles: what everybody may see of a member, and the pictures of members. */
#include "avatar.h"
#include "json.h"
#include "serve.h"
#include "user.h"

#include <strings.h>

static const struct field profile_in[] = {
	{ "username", LINE, .need = true },
	{ 0 },
};

/* GET /profile/:username: {profile: {username, bio, image}, own}. */
static json_t *
show(struct req *rq)
{
	const char *name = row_text(rq->in, "username");
	json_t *row = user_profile(rq->db, name);

	if (row == NULL)
		return db_refuse(rq->db, ERR_NOT_FOUND, "profile");
	return mem_pack(rq->mem, "{s:O, s:b}", "profile", row, "own",
		rq->me != NULL && strcasecmp(rq->me->username, name) == 0);
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
	/* method api path page guard envelope input first run status html */
	{ GET, NULL, "/profile/:username", PUBLIC, NULL, profile_in, NULL, show, 200, "profile" },
	{ GET, NULL, "/pictures/:name.webp", OPEN, NULL, picture_in, NULL, picture, 200, NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv, &(struct program){ "profiles", "content", routes });
}
