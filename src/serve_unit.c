/* SPDX-License-Identifier: ISC */
/* serve_unit: one unit of work of a request: what runs in a transaction, and what is run again. */
#include "serve_parts.h"

#include "guard.h"
#include "text.h"

#include <time.h>

enum {
	TRIES = 4,
	JITTER_MS = 30
};

static void
pause_a_little(int tries)
{
	uint8_t random = 0;
	struct timespec t = { 0 };

	(void)text_random(&random, 1);
	t.tv_nsec = (long)(1 + random * JITTER_MS * tries / 256) * 1000000;
	nanosleep(&t, NULL);
}

json_t *
serve_unit(struct req *rq, handler *run, bool transaction)
{
	for (int tries = 1, lost = 0;; tries++) {
		json_t *result;

		rq->out = (struct outcome){ 0 };
		db_start(rq->db, transaction);
		result = guard_session(rq) ? run(rq) : NULL;
		if (db_end(rq->db))
			return result;
		rq->out = (struct outcome){ 0 };
		if (db_trouble(rq->db) == DB_FINE)
			return NULL;
		rq->fault.count = 0;
		if (tries == TRIES || (db_trouble(rq->db) == DB_LOST && lost++ > 0)) {
			db_complain(rq->db);
			err_add(&rq->fault, ERR_AWAY, NULL, 0);
			return NULL;
		}
		if (db_trouble(rq->db) == DB_AGAIN)
			pause_a_little(tries);
	}
}
