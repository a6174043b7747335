/* SPDX-License-Identifier: ISC */
#pragma once

#include "route.h"

/*
 * Do `run` only once for each Idempotency-Key of a member: a second request with the same key and
 * the same body is answered what the first one was, even if both come at once; with another body
 * ERR_KEY_USED is noted. A request without the header is run, and so is one that was refused
 * before. A key is remembered for a day (postern tidy).
 */
json_t *once(struct req *rq, handler *run);
