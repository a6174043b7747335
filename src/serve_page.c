/* SPDX-License-Identifier: ISC */
/*
 * serve_page: the way of a browser through the pipeline, for programs that have pages; no other
 * links it, nor what it needs of templates and forms. Owns what is asked before a form counts, and
 * how a refused one comes back.
 */
#include "browser.h"
#include "guard.h"
#include "serve.h"
#include "serve_parts.h"
#include "view.h"
#include "view_parts.h"

/* Who looks at a page. False with an error noted if that cannot be known now. */
static bool
find_viewer(struct req *rq)
{
	browser_read(rq);
	rq->browser.known = rq->browser.cookie[BROWSER_SESSION] == NULL ||
		serve_unit(rq, browser_viewer, false) != NULL;
	return rq->browser.known;
}

/* Whether a browser may come in. What was sent is opened first of all, so that a form can be shown
 * again whatever goes wrong; what is wrong with it counts only once it is known to be ours. */
static bool
let_in_browser(struct req *rq)
{
	struct fault broken = { 0 };

	serve_sent(rq, &broken);
	if (!find_viewer(rq) || serve_row_of(rq) == NULL || !guard_viewer(rq))
		return false;
	if (!http_safe(rq->http.method) && !browser_trusted(rq))
		return false;
	rq->fault = broken;
	return broken.count == 0;
}

/* What the page of a refused form shows beside the form, in rq->shown: the result of the page's row
 * for the same request as a GET; nothing when the database is away, for the page would wait for it
 * again. NULL if there is no such page, or the viewer may not see it. */
static void
show_again(struct req *rq)
{
	const struct route *r = view_again(rq);
	struct req get = *rq;

	if (r == NULL)
		return;
	if (err_status(err_first(&rq->fault)) == 503) {
		rq->shown = nothing(rq);
		return;
	}
	get.http.method = GET;
	get.http.query = "";
	get.fault.count = 0;
	get.again = true;
	get.sent = NULL;
	get.http.coming = NULL;
	route_find(&get.match, rq->mem, rq->program, rq->conf, GET, rq->http.path);
	serve_sent(&get, &get.fault);
	db_serve(rq->db, rq->mem, &get.fault);
	if (guard_viewer(&get) &&
		(get.in = input_read(rq->mem, r->input, get.sent, &get.fault)) != NULL)
		rq->shown = serve_unit(&get, r->run, false);
	db_serve(rq->db, rq->mem, &rq->fault);
}

const struct page_steps page_steps = { views_open, views_free, find_viewer, guard_token_in_address,
	guard_exchange, let_in_browser, show_again, view_page };
