/* SPDX-License-Identifier: ISC */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The parameters of a request, as libfcgi keeps them: NAME=VALUE each, NULL behind the last. */
struct fcgi_params {
	char *const *all;
	size_t measured;      /* those whose length is known, the first ones */
	uint16_t length[128]; /* of a name; 0: longer than any that is asked for */
};

/* Measure them. `all` must live as long as `params` is asked. */
void fcgi_params_set(struct fcgi_params *params, char *const *all);

/* The value of the first with this name; NULL if there is none. As FCGX_GetParam answers. */
const char *fcgi_params_get(const struct fcgi_params *params, const char *name);
