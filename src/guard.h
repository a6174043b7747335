/* SPDX-License-Identifier: ISC */
#pragma once

#include "route.h"

/*
 * Who asks, by the request's token: fills rq->me where the row wants to know. Looks at signature,
 * times and claims alone, without a query. False with its error noted.
 */
bool guard_token(struct req *rq);

/* The same for a page, whose viewer is known already (browser_viewer). */
bool guard_viewer(struct req *rq);

/*
 * Whether the session of rq->me still lives, in the present unit of work. Requests that change
 * something always ask, and hold the row; others only for tokens that outlive an access token, and
 * for admins. Where it asks, rq->me gets the role and groups of now. False with its error noted.
 * A personal token is looked up each time, and rq->me filled by it; it must have the scope: read or
 * write for what changes nothing, else write. Rows for owners and admins want a login.
 */
bool guard_session(struct req *rq);

/*
 * Whether who asks has logged in, and not come with a personal token: for what a script must not
 * do, where the row does not say so (OWNER). False with ERR_SCOPE noted.
 */
bool guard_login(struct req *rq);

/*
 * The same as guard_session, asked in any case, for rows that even a short token may not read once
 * its session has ended. rq->me then has role and groups as they are now.
 */
bool guard_alive(struct req *rq);

/* Whether a page is asked for with a token in its address, and the settings allow that. */
bool guard_token_in_address(const struct req *rq);

/*
 * Turn that token into a cookie, of a session that ends with the token, and send the browser to the
 * same address without it. Without a cookie if the token is no good, if another site sent the
 * browser here, or if somebody is signed in there. A unit of work.
 */
json_t *guard_exchange(struct req *rq);

/*
 * Whether who asks may write articles (site.publish), on a site that has them: for the rows that
 * take them, and for the links that lead there.
 */
bool guard_publish(const struct req *rq);
