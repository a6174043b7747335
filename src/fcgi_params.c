/* SPDX-License-Identifier: ISC */
/*
 * fcgi_params: a request's parameters by name. FCGX_GetParam compares a name with each of some
 * thirty, thirty times a request; here lengths are compared first, which leaves about one.
 */
#include "fcgi_params.h"

#include <string.h>

enum {
	MEASURED = sizeof((struct fcgi_params *)NULL)->length / sizeof(uint16_t)
};

void
fcgi_params_set(struct fcgi_params *params, char *const *all)
{
	size_t i = 0;

	for (; i < MEASURED && all[i] != NULL; i++) {
		const char *equals = strchr(all[i], '=');
		ptrdiff_t n = equals != NULL ? equals - all[i] : 0;

		params->length[i] = n <= UINT16_MAX ? (uint16_t)n : 0;
	}
	params->all = all;
	params->measured = i;
}

const char *
fcgi_params_get(const struct fcgi_params *params, const char *name)
{
	size_t n = strlen(name), i = 0;

	for (; i < params->measured; i++)
		if (params->length[i] == n && memcmp(params->all[i], name, n) == 0)
			return params->all[i] + n + 1;
	if (i < MEASURED)
		return NULL;
	for (; params->all[i] != NULL; i++)
		if (strncmp(params->all[i], name, n) == 0 && params->all[i][n] == '=')
			return params->all[i] + n + 1;
	return NULL;
}
