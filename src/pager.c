/* SPDX-License-Identifier: ISC */
/* pager: which pages of a long list are linked: the first, the last, and those around this one. */
#include "pager.h"

#include <stdbool.h>

enum {
	AROUND = 2
};

json_t *
pager(struct mem *m, const char *url, long page, long pages)
{
	json_t *links = mem_json(m, json_array());
	bool gap = false;

	if (pages < 2)
		return NULL;
	for (long n = 1; n <= pages; n++) {
		json_t *link;

		if (n > 1 && n < pages && (n < page - AROUND || n > page + AROUND)) {
			gap = true;
			continue;
		}
		link = mem_pack(m, "{s:s, s:s}", "label", mem_print(m, "%ld", n), "pageUrl",
			mem_print(m, "%s%ld", url, n));
		if (n == page)
			json_object_set_new(link, "active", json_true());
		if (gap)
			json_object_set_new(link, "gap", json_true());
		json_array_append(links, link);
		gap = false;
	}
	return mem_pack(m, "{s:O}", "links", links);
}
