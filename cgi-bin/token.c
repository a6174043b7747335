/* SPDX-License-Identifier: ISC */
/* token: the end of a session, here and on other devices, and the security history. */
#include "browser.h"
#include "device.h"
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
	/* devices: src/device.c */
	{ GET, "/sessions", NULL, MEMBER, NULL, NULL, NULL, device_list, 200, NULL },
	{ DELETE, "/sessions", NULL, MEMBER, NULL, NULL, NULL, device_end_others, 204, NULL },
	{ DELETE, "/sessions/:id", NULL, MEMBER, NULL, device_id, NULL, device_end, 204, NULL },
	{ GET, "/events", NULL, MEMBER, NULL, device_events_in, NULL, device_events, 200, NULL },
	{ GET, NULL, "/sessions", MEMBER, NULL, NULL, NULL, device_page, 200, "sessions" },
	{ POST, NULL, "/sessions/end-others", MEMBER, NULL, NULL, NULL, device_end_others, 200,
		NULL },
	{ POST, NULL, "/sessions/:id/end", MEMBER, NULL, device_id, NULL, device_end, 200, NULL },
	{ 0 },
};

int
main(int argc, char **argv)
{
	return serve(argc, argv, &(struct program){ "token", "credentials", routes });
}
