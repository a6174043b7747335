/* SPDX-License-Identifier: ISC */
#pragma once

/* A request as a web server would hand it over. */

#include "arena.h"
#include "http.h"

/* CGI variables as name, value, …, NULL. */
static const char *
param(void *source, const char *name)
{
	for (const char *const *at = source; *at != NULL; at += 2)
		if (strcmp(at[0], name) == 0)
			return at[1];
	return NULL;
}

static struct http_request
request(const char **variables)
{
	struct http_request rq;

	http_read(&rq, m, param, variables);
	return rq;
}
