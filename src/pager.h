/* SPDX-License-Identifier: ISC */
#pragma once

#include "mem.h"

#include <jansson.h>

/*
 * The links to the pages of a list, for templates/pager.html: {links: [{label, pageUrl, active: it
 * is this one; gap: some are left out before it}]}, in `m`; NULL if there is but one page. `url` is
 * the address up to the number.
 */
json_t *pager(struct mem *m, const char *url, long page, long pages);
