/* SPDX-License-Identifier: ISC */
/* health: whether the programs run (live), and whether they can work (ready: the database answers).
 */
#include "serve.h"

static json_t *
live(struct req *rq)
{
	return mem_pack(rq->mem, "{s:s}", "status", "live");
}

static json_t *
ready(struct req *rq)
{
	return db_row(rq->db, "SELECT 'ready' AS status", NULL);
}

static const struct route routes[] = {
	/* method  api path    page  guard envelope input first run status html feature */
	{ GET, "/health/live", NULL, OPEN, NULL, NULL, NULL, live, 200, NULL, FEATURE_ALWAYS },
	{ GET, "/health/ready", NULL, OPEN, NULL, NULL, NULL, ready, 200, NULL, FEATURE_ALWAYS },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv, &(struct program){ "health", "content", routes });
}
