/* SPDX-License-Identifier: ISC */
/* fuzz_multipart: a form with files: no byte from outside of the body, none that is handed out
 * twice. */
#include "coming_body.h"
#include "fuzz_input.h"
#include "multipart.h"

/* The pairs as one text, to compare two readings. */
static const char *
read_all(struct mem *m, const char *boundary, const char *body, size_t size)
{
	const struct http_pair *pairs = NULL;
	const char *end = body; /* of the file before */
	size_t count = 99, text = 0;
	enum err e = multipart_read(m, boundary, body, size, &pairs, &count);
	char *said = mem_print(m, "%d", (int)e);

	HOLDS(e == ERR_NONE ? count <= HTTP_PAIRS : count == 0);
	for (size_t i = 0; i < count; i++) {
		const struct http_pair *p = &pairs[i];

		HOLDS(p->name_length > 0 && strlen(p->name) == p->name_length);
		HOLDS((p->filename == NULL) == (p->type == NULL));
		if (p->filename != NULL) {
			HOLDS(p->value >= end && p->value + p->value_length <= body + size);
			end = p->value + p->value_length;
		} else {
			HOLDS(p->value[p->value_length] == '\0');
			text += p->value_length;
		}
		HOLDS(p->value_length == 0 ||
			memmem(body, size, p->value, p->value_length) != NULL);
		HOLDS(memmem(p->value, p->value_length, mem_print(m, "\r\n--%s\r\n", boundary),
			      strlen(boundary) + 6) == NULL);
		if (size < 1000)
			said = mem_print(
				m, "%s %s=%.*s", said, p->name, (int)p->value_length, p->value);
	}
	HOLDS(text <= size && text <= MULTIPART_TEXT_BYTES);
	return said;
}

/* The parts as one text, by the reader that never has all of the body. */
static const char *
read_coming(struct mem *m, const char *boundary, const char *body, size_t size, size_t step)
{
	struct coming_body b = { body, body + size, step };
	struct http_coming from = { more_of, &b };
	struct multipart *s = multipart_open(m, boundary, &from);
	const char *said = "";
	struct http_pair p;
	enum err e;

	if (s == NULL)
		return "no boundary";
	while ((e = multipart_next(s, &p)) == ERR_NONE && p.name != NULL) {
		char bytes[100];
		ssize_t n;

		HOLDS((p.filename == NULL) == (p.type == NULL));
		if (p.filename == NULL)
			HOLDS(p.value[p.value_length] == '\0');
		else
			while ((n = multipart_some(s, bytes, sizeof bytes)) > 0)
				said = size < 1000 ? mem_print(m, "%s%.*s", said, (int)n, bytes)
						   : said;
		if (size < 1000)
			said = mem_print(m, "%s %s", said, p.name);
	}
	HOLDS(e != ERR_NONE || b.at == b.end);
	return mem_print(m, "%d%s", (int)e, said);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem *m = fuzz_mem();
	const char *at = (const char *)data, *boundary = fuzz_take(m, &at, &size, '\n');

	HOLDS(strcmp(read_all(m, boundary, at, size), read_all(m, boundary, at, size)) == 0);
	HOLDS(strcmp(read_coming(m, boundary, at, size, 1),
		      read_coming(m, boundary, at, size, 999)) == 0);
	boundary = strdup(boundary); /* fuzz_post drops the memory */
	fuzz_post("multipart/form-data", boundary, at, size);
	free((char *)boundary);
	return 0;
}
