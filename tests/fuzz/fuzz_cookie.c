/* SPDX-License-Identifier: ISC */
/* fuzz_cookie: a cookie is found where one of its name begins, there alone, and whole. */
#include "cookie.h"
#include "fuzz.h"

/* True if a cookie begins at header[i]: only blanks lie between it and a ; or the start. */
static bool
begins(const char *header, size_t i)
{
	while (i > 0 && (header[i - 1] == ' ' || header[i - 1] == '\t'))
		i--;
	return i == 0 || header[i - 1] == ';';
}

static const char *
find(const char *header, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; header[i] != '\0'; i++)
		if (strncmp(header + i, name, n) == 0 && header[i + n] == '=' && begins(header, i))
			return header + i + n + 1;
	return NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "a", "session-8080", "__Host-session" };
	struct mem *m = fuzz_mem();
	const char *header = mem_copy(m, (const char *)data, size);

	for (size_t i = 0; i < COUNT(names); i++) {
		const char *got = cookie_get(m, header, names[i]), *at = find(header, names[i]);

		HOLDS((got == NULL) == (at == NULL));
		if (got == NULL || at == NULL)
			continue;
		HOLDS(strncmp(at, got, strlen(got)) == 0);
		HOLDS(strchr("; \t", at[strlen(got)]) != NULL); /* or the end */
		HOLDS(strpbrk(got, "; \t") == NULL);
	}
	return 0;
}
