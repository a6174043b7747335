/* SPDX-License-Identifier: ISC */
/* tags: what articles are found by. */
#include "repeat.h"
#include "serve.h"
#include "tag.h"

/* GET /tags: those in use; where there are more than a thousand, those used last. */
static json_t *
list(struct req *rq)
{
	rq->out.etag = "";
	return under(rq, "tags", tag_list(rq->db));
}

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html feature */
	{ GET, "/tags", NULL, OPEN, NULL, NULL, NULL, list, 200, NULL, FEATURE_ARTICLES },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv,
		&(struct program){ "tags", "content", routes, .repeats = &repeat_steps });
}
