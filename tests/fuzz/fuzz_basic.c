/* SPDX-License-Identifier: ISC */
/* fuzz_basic: a Basic credential that is taken holds text without controls, and has one spelling.
 */
#include "fuzz.h"
#include "http.h"
#include "text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem *m = fuzz_mem();
	const char *text = mem_copy(m, (const char *)data, size), *name, *password;
	char *url;
	size_t n;

	if (!http_basic(m, text, &name, &password))
		return 0;
	HOLDS(strchr(name, ':') == NULL);
	n = strlen(name) + 1 + strlen(password);
	HOLDS(text_utf8(name, strlen(name)) && text_utf8(password, strlen(password)));
	for (size_t i = 0; i < n; i++)
		HOLDS((unsigned char)name[i] >= ' ' ||
			(name[i] == '\0' && name + i + 1 == password));
	/* Encoded again it is what came. */
	url = mem_get(m, text_base64url_size(n));
	((char *)name)[strlen(name)] = ':';
	n = text_base64url(url, name, n);
	for (size_t i = 0; i < n; i++)
		HOLDS(url[i] == (text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i]));
	HOLDS(strspn(text + n, "=") == strlen(text + n) && strlen(text) % 4 == 0);
	return 0;
}
