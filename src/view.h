/* SPDX-License-Identifier: ISC */
#pragma once

#include "route.h"

/*
 * The answer to a request, from its result or from its fault, as JSON: status, headers and body.
 * The only place that knows the shape of an error on the wire.
 */
void view(struct req *rq, json_t *result, struct http_response *rs);
