/* SPDX-License-Identifier: ISC */
#pragma once

#include "route.h"

/*
 * The browser's side of a request for a page: its cookies, whose they are, and whether a form came
 * from a page of this site. A session's cookie is 32 random bytes, of which the database holds the
 * SHA-256 alone.
 */

/* Read the cookies of the request into rq->browser. */
void browser_read(struct req *rq);

/*
 * What the session keeps of the cookie that browser_read found, or NULL. *two: there are two that
 * differ, as when a sub-domain has set one as well.
 */
const char *browser_session(struct req *rq, bool *two);

/*
 * Find who is logged in by the session's cookie: fills rq->me and rq->browser.viewer. A row's
 * function, for a unit of work of its own; NULL with an error noted if the database is away. A
 * cookie whose session is no more will be removed with the answer.
 */
json_t *browser_viewer(struct req *rq);

/* Whether a form came from a page of this site: Sec-Fetch-Site or, without it, Origin or Referer
 * say so. */
bool browser_from_here(const struct req *rq);

/*
 * Whether a form that changes something came from a page of this site, and the field csrf_token or
 * the header X-CSRFToken holds the session's token. False with its error noted, and no other.
 */
bool browser_trusted(struct req *rq);

/*
 * The token for the forms of the page that is being made; a browser without any cookie gets one. No
 * randomness for it ends the process: a form without its token would be refused.
 */
const char *browser_token(struct req *rq);

/*
 * A new cookie for a session; browser time if `life` is 0, else so many seconds. Returns what the
 * session keeps of it (see session_add), or NULL with an error noted.
 */
const char *browser_begin(struct req *rq, long life);

/* The browser forgets its session. */
void browser_end(struct req *rq);

/* The next page shows the message `key` of view_text.c, once. */
void browser_flash(struct req *rq, const char *key);

/* The message that this page shall show, forgotten with it; NULL if there is none. */
const char *browser_flashed(struct req *rq);
