/* SPDX-License-Identifier: ISC */
/* db_clock: the database's time without asking for it each time. Owns what is known of its clock.
 */
#include "db.h"

#include "json.h"

#include <time.h>

enum {
	KNOWN_SECONDS = 60
};

/* How far the server's clock is before ours, and until when that is believed. Microseconds. */
static struct {
	int64_t ahead, until;
} server;

static int64_t
clock_here(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * DB_SECOND + t.tv_nsec / 1000;
}

int64_t
db_now(struct db *db)
{
	int64_t here = clock_here();

	if (here >= server.until || here < server.until - KNOWN_SECONDS * (int64_t)DB_SECOND) {
		json_t *row = db_row(
			db, "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', NOW(6)) AS now", NULL);

		if (row == NULL)
			return 0;
		server.ahead = row_number(row, "now") - here;
		server.until = here + KNOWN_SECONDS * (int64_t)DB_SECOND;
	}
	return here + server.ahead;
}
