/* SPDX-License-Identifier: ISC */
#pragma once

#include "route.h"

/*
 * The rows of the program token for a member's devices, which are the living sessions, and for the
 * security history. All of them look up the session that asks, so that who was signed out a moment
 * ago sees nothing of this either.
 */

/* The members of the path /sessions/:id, and of /events?limit&offset&user. */
extern const struct field device_id[];
extern const struct field device_events_in[];

/* GET /sessions: {sessions: [as session_list has them]}. */
json_t *device_list(struct req *rq);

/* The page of them: {sessions, others: there are some, more: how many are not shown, events}, each
 * with what people read of it. */
json_t *device_page(struct req *rq);

/* Put a moment of a row beside it as people read it: "18 Feb 2026, 03:22" under `name`. */
void device_moment(struct req *rq, json_t *row, const char *name, const char *of);

/* End one of them, perhaps the present one; 404 `session` if it is another's, or none. */
json_t *device_end(struct req *rq);

/* End all but the present one. */
json_t *device_end_others(struct req *rq);

/* GET /events: {events, eventsCount}: one's own; an admin's are everybody's, or those of `user`. */
json_t *device_events(struct req *rq);
