/* SPDX-License-Identifier: ISC */
/* articles: the home page. */
#include "json.h"
#include "serve.h"

#include <string.h>

static const struct field home_in[] = {
	{ "feed", LINE, .null = true },
	{ 0 },
};

/* GET /: everybody's feed, or with ?feed=following one's own, which is for members. */
static json_t *
home(struct req *rq)
{
	const char *feed = row_text(rq->in, "feed");
	bool yours = feed != NULL && strcmp(feed, "following") == 0 &&
		rq->conf->features[FEATURE_ARTICLES] && rq->conf->features[FEATURE_FOLLOW];

	if (yours && rq->me == NULL)
		return db_refuse(rq->db, ERR_TOKEN_MISSING, NULL);
	return mem_pack(rq->mem, "{s:b, s:b}", "yours", yours, "global", !yours);
}

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html */
	{ GET, NULL, "/", PUBLIC, NULL, home_in, NULL, home, 200, "home" },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv, &(struct program){ "articles", "content", routes });
}
