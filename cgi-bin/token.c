/* SPDX-License-Identifier: ISC */
/* token: the end of a session. */
#include "browser.h"
#include "serve.h"

/* POST /logout: also for those who are not logged in (any more). */
static json_t *
logout(struct req *rq)
{
	if (rq->me != NULL) {
		session_end(rq->db, rq->me->session);
		event_add(rq->db, EVENT_LOGOUT, rq->me->id, &rq->origin);
		browser_end(rq);
	}
	browser_flash(rq, "info.signed-out");
	goes_to(rq, "/", NULL);
	return nothing(rq);
}

static const struct route routes[] = {
	/* method api path page guard envelope input first run status html */
	{ GET, NULL, "/logout", OPEN, NULL, NULL, NULL, nothing, 200, "logout" },
	{ POST, NULL, "/logout", OPEN, NULL, NULL, NULL, logout, 200, NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv, &(struct program){ "token", "credentials", routes });
}
