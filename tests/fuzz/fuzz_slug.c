/* SPDX-License-Identifier: ISC */
/* fuzz_slug: of whatever title, a slug is words of letters and digits, and is its own slug. */
#include "fuzz.h"
#include "text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem *m = fuzz_mem();
	size_t room = size > 0 ? data[0] % 140 + 1U : 1, n;
	const char *title = mem_copy(m, (const char *)data, size);
	char *slug = mem_get(m, room), *again = mem_get(m, room);

	if (!text_utf8(title, strlen(title)))
		return 0;
	n = text_slug(slug, room, title);
	HOLDS(n < room && n == strlen(slug));
	HOLDS(slug[strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0');
	HOLDS(n == 0 || (slug[0] != '-' && slug[n - 1] != '-' && strstr(slug, "--") == NULL));
	HOLDS(text_slug(again, room, slug) == n && strcmp(slug, again) == 0);
	return 0;
}
