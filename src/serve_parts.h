/* SPDX-License-Identifier: ISC */
#pragma once

/* What the files of the pipeline share. */

#include "route.h"

/* One unit of work: begin, do, commit; again after a deadlock (a few times) or a lost connection
 * (once), for nothing of it has happened then. NULL with the error noted. */
json_t *serve_unit(struct req *rq, handler *run, bool transaction);
