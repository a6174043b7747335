/* SPDX-License-Identifier: ISC */
#pragma once

#include "route.h"

/*
 * What pages of other sites may do with the API (section [cors] of the settings), made ready once,
 * in `m`. NULL: nothing, for no site is named.
 */
const struct cors *cors_new(struct mem *m, const struct conf *conf);

/*
 * Add what rq->cors says to an answer under /api, whatever its status: nothing but Vary for a site
 * that is not named. `rs` has all its other headers.
 */
void cors_answer(const struct req *rq, struct http_response *rs);

/*
 * The same for the answers that nginx makes by itself: maps for its `http`, in `m`. They define
 * $postern_cors_origin, _credentials, _exposed and _vary, which are empty where nothing is to be
 * said.
 */
const char *cors_maps(struct mem *m, const struct cors *cors);
