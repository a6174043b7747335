/* SPDX-License-Identifier: ISC */
/* mem_stream: a text that is written as a file and grows in the memory of a request. */
#include "mem.h"

#include <stdio.h>
#include <string.h>

enum {
	STREAM = 4096
};

struct stream {
	struct mem *m;
	struct mem_text *text;
	size_t size;
};

static ssize_t
stream_write(void *cookie, const char *bytes, size_t length)
{
	struct stream *s = cookie;
	struct mem_text *t = s->text;

	if (length >= s->size - t->length) {
		char *before = t->bytes;

		s->size = 2 * s->size + length;
		t->bytes = memcpy(mem_get(s->m, s->size), before, t->length);
	}
	memcpy(t->bytes + t->length, bytes, length);
	t->length += length;
	return (ssize_t)length;
}

FILE *
mem_stream(struct mem *m, struct mem_text *text)
{
	struct stream *s = mem_get(m, sizeof *s);
	FILE *f = fopencookie(s, "w", (cookie_io_functions_t){ .write = stream_write });

	*text = (struct mem_text){ mem_get(m, STREAM), 0 };
	*s = (struct stream){ m, text, STREAM };
	if (f == NULL || setvbuf(f, mem_get(m, STREAM), _IOFBF, STREAM) != 0)
		mem_abort("out of memory");
	return f;
}
