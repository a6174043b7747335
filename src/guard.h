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
 */
bool guard_session(struct req *rq);
