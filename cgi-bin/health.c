/* SPDX-License-Identifier: ISC */
/* health: whether the programs run (live), whether they can work (ready: the database answers), and
 * what they have counted, for whoever has the key. */
#include "metrics.h"
#include "serve.h"
#include "text.h"

#include <string.h>

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

/* GET /metrics, in the text format of Prometheus. Without metrics.key there is no such path. */
static json_t *
metrics(struct req *rq)
{
	const char *key = rq->conf->metrics_key, *given;
	struct http_bytes *b = mem_get(rq->mem, sizeof *b);

	if (*key == '\0')
		return db_refuse(rq->db, ERR_NOT_FOUND, NULL);
	if (http_authorization(rq->http.authorization, &given) != HTTP_BEARER)
		return db_refuse(rq->db, ERR_TOKEN_MISSING, NULL);
	if (!text_same(key, strlen(key), given, strlen(given)))
		return db_refuse(rq->db, ERR_TOKEN_INVALID, NULL);
	b->bytes = metrics_text(rq->conf, rq->mem);
	b->length = strlen(b->bytes);
	b->type = "text/plain; version=0.0.4; charset=utf-8";
	b->tag = mem_print(rq->mem, "\"%s\"", rq->http.id); /* of this moment alone */
	rq->out.bytes = b;
	return nothing(rq);
}

static const struct route routes[] = {
	/* method  api path    page  guard envelope input first run status html feature */
	{ GET, "/health/live", NULL, OPEN, NULL, NULL, NULL, live, 200, NULL, FEATURE_ALWAYS },
	{ GET, "/health/ready", NULL, OPEN, NULL, NULL, NULL, ready, 200, NULL, FEATURE_ALWAYS },
	{ GET, NULL, "/metrics", OPEN, NULL, NULL, NULL, metrics, 200, NULL, FEATURE_ALWAYS },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv, &(struct program){ "health", "content", routes });
}
