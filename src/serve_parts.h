/* SPDX-License-Identifier: ISC */
#pragma once

/* What the files of serve share. */

#include "route.h"

/* One unit of work: begin, do, commit; again after a deadlock (a few times) or a lost connection
 * (once), for nothing of it has happened then. */
json_t *serve_unit(struct req *rq, handler *run, bool transaction);

/* Open what came with the request; what is wrong with it goes into `fault`. */
void serve_sent(struct req *rq, struct fault *fault);

/* The row that the request leads to. NULL with the error noted, or for OPTIONS. */
const struct route *serve_row_of(struct req *rq);
