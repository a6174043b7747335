/* SPDX-License-Identifier: ISC */
/* fuzz_next: no address that input_local takes leads off the site or round in a circle. */
#include "fuzz_url.h"
#include "input.h"
#include "text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem *m = fuzz_mem();
	const char *s = mem_copy(m, (const char *)data, size), *sent = text_url(m, s);

	HOLDS(sent[strspn(sent,
		      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
		      ":/?#[]@!$&'()*+,;=%")] == '\0');
	if (!input_local(s))
		return 0;
	HOLDS(input_local(s) && strlen(s) <= 2000);
	url_is_local(m, s);
	url_is_local(m, sent); /* what Location says */
	HOLDS(strcmp(url_served(m, s), url_served(m, sent)) == 0);
	return 0;
}
