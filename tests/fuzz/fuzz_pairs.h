/* SPDX-License-Identifier: ISC */
#pragma once

/* What the targets of queries and urlencoded bodies share: what was decoded, written again. */

#include "fuzz.h"
#include "http.h"

static inline const char *
pairs_encoded(struct mem *m, const char *s, size_t n)
{
	char *out = mem_get(m, 3 * n + 1);

	for (size_t i = 0; i < n; i++)
		snprintf(out + 3 * i, 4, "%%%02x", (unsigned char)s[i]);
	return out;
}

/* Pairs end in a NUL, are no files, are as many as may be; written again they are read the same. */
static inline void
pairs_hold(const char *text, size_t length)
{
	struct mem *m = fuzz_mem();
	const struct http_pair *pairs = NULL, *same = NULL;
	size_t count = 0, again = 0, total = 0;
	char *out, *to;

	if (http_pairs(m, text, length, &pairs, &count) != ERR_NONE)
		return;
	HOLDS(count <= HTTP_PAIRS);
	for (size_t i = 0; i < count; i++)
		total += 3 * (pairs[i].name_length + pairs[i].value_length) + 2;
	out = to = mem_get(m, total + 1);
	for (size_t i = 0; i < count; i++) {
		const struct http_pair *p = &pairs[i];

		HOLDS(p->name[p->name_length] == '\0' && p->value[p->value_length] == '\0');
		HOLDS(p->filename == NULL);
		to += sprintf(to, "%s=%s&", pairs_encoded(m, p->name, p->name_length),
			pairs_encoded(m, p->value, p->value_length));
	}
	HOLDS(total <= 3 * length + 2 * count);
	HOLDS(http_pairs(m, out, (size_t)(to - out), &same, &again) ==
		(count == HTTP_PAIRS ? ERR_MANY : ERR_NONE)); /* for the last & */
	if (count == HTTP_PAIRS)
		return;
	HOLDS(again == count);
	for (size_t i = 0; i < count; i++) {
		HOLDS(same[i].name_length == pairs[i].name_length &&
			same[i].value_length == pairs[i].value_length);
		HOLDS(memcmp(same[i].name, pairs[i].name, pairs[i].name_length) == 0);
		HOLDS(memcmp(same[i].value, pairs[i].value, pairs[i].value_length) == 0);
	}
}
