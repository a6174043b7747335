/* SPDX-License-Identifier: ISC */
#pragma once

/* What the files of serve share. */

#include "route.h"

/* What a process keeps from request to request. */
struct worker {
	const struct program *program;
	const struct conf *conf;
	struct pass_rules pass;
	struct tokens *tokens;   /* NULL: no row asks who it is */
	struct views *views;     /* NULL: no pages */
	const struct cors *cors; /* NULL: for pages of this site alone */
	struct mem *kept;        /* of cors */
	struct repeats *repeats; /* NULL: each question is a new one */
	struct db *db;
	struct mem *mem;
	struct fcgi *fcgi;
};

/* Fill `w`, but for its connection, which is opened last. NULL, or what is wrong. */
const char *serve_start(struct worker *w, const struct program *p);

/* Release all of it. */
void serve_stop(struct worker *w);

/* Read the templates of the program's pages, or end; under plain CGI, when a page is asked for. */
void serve_views(struct worker *w);

/* For --check: 0 if the database answers as this class, and has been migrated; else 1. */
int serve_check(struct worker *w);

/* One unit of work: begin, do, commit; again after a deadlock (a few times) or a lost connection
 * (once), for nothing of it has happened then. */
json_t *serve_unit(struct req *rq, handler *run, bool transaction);

/* Open what came with the request; what is wrong with it goes into `fault`. */
void serve_sent(struct req *rq, struct fault *fault);

/* The row that the request leads to. NULL with the error noted, or for OPTIONS. */
const struct route *serve_row_of(struct req *rq);
