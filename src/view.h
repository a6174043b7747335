/* SPDX-License-Identifier: ISC */
#pragma once

#include "route.h"

/*
 * Read the templates of the program's pages: from the owner's folder (site.templates), else the
 * installed one. NULL on failure, with a text for the log at *why: the template's file and line.
 */
struct views *views_open(const struct program *p, const struct conf *conf, const char **why);
void views_free(struct views *views);

/*
 * The answer to a request, from its result or from its fault: status, headers and body, as JSON
 * under /api, else as a page. The only place that knows the shape of an error on the wire.
 */
void view(struct req *rq, json_t *result, struct http_response *rs);

/*
 * Where a refused form is shown again: the row of its page, or NULL if `rq` is no such form. The
 * result of that row, for the same request as a GET, then stands in rq->shown.
 */
const struct route *view_again(const struct req *rq);

/* The Content-Security-Policy of all pages. */
const char *view_policy(const struct views *views);

/* The address of those who run the site, or NULL. */
const char *view_contact(const struct views *views);

/* Which features the site has: {name: bool}; borrowed. */
json_t *view_features(const struct views *views);

/* The static error page of a status, for web servers to show when no program can; in `m`. */
const char *view_static(struct views *views, struct mem *m, int status, size_t *length);

/* A page of this name, "docs.html", that no request leads to, for its data; in `m`. NULL with *why
 * if its template is no good. */
const char *view_still(struct views *views, struct mem *m, const char *name, json_t *data,
	size_t *length, const char **why);
