/* SPDX-License-Identifier: ISC */
/*
 * mem: memory that belongs to the request. Owns the arena and the later-list; knows nothing of what
 * is kept in them. Out of memory ends the process: the supervisor starts another worker, and no
 * caller carries a branch that nothing ever tests.
 */
#include "mem.h"

#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Under AddressSanitizer what is not taken is poisoned, or the arena would hide an overrun. */
#if defined __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(from, size)   ((void)(from), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(from, size) ((void)(from), (void)(size))
#endif

enum {
	BLOCK = 32 * 1024, /* bytes in an ordinary block: most requests need one */
	ALIGN = 16,
	LARGE = 1024 * 1024, /* bytes that OpenSSL may be refused: scrypt's, whose caller asks */
#ifdef __SANITIZE_ADDRESS__
	APART = ALIGN, /* poisoned bytes behind what is taken, at least */
#else
	APART = 0,
#endif
};

struct block {
	struct block *next;
	size_t used, size;
	_Alignas(ALIGN) unsigned char bytes[];
};

struct later {
	struct later *next;
	void (*release)(void *);
	void *what;
};

struct mem {
	struct block *blocks; /* newest first; the oldest stays for the next request */
	struct later *laters; /* newest first */
};

void
mem_abort(const char *why)
{
	static const char before[] = "postern: ", after[] = "\n";

	if (write(STDERR_FILENO, before, sizeof before - 1) < 0 ||
		write(STDERR_FILENO, why, strlen(why)) < 0 ||
		write(STDERR_FILENO, after, sizeof after - 1) < 0)
		abort();
	abort();
}

static struct block *
block_new(struct block *next, size_t size)
{
	struct block *b;

	if (size > SIZE_MAX / 2 || (b = malloc(sizeof *b + size)) == NULL)
		mem_abort("out of memory");
	*b = (struct block){ .next = next, .size = size };
	ASAN_POISON_MEMORY_REGION(b->bytes, size);
	return b;
}

struct mem *
mem_new(void)
{
	struct mem *m = calloc(1, sizeof *m);

	if (m == NULL)
		mem_abort("out of memory");
	m->blocks = block_new(NULL, BLOCK);
	return m;
}

struct mem_mark
mem_mark(const struct mem *m)
{
	return (struct mem_mark){ m->blocks, m->laters, m->blocks->used };
}

void
mem_back(struct mem *m, const struct mem_mark *mark)
{
	struct block *b;

	for (; m->laters != mark->later; m->laters = m->laters->next)
		m->laters->release(m->laters->what);
	while ((b = m->blocks) != mark->block) {
		m->blocks = b->next;
		free(b);
	}
	b->used = mark->used;
	ASAN_POISON_MEMORY_REGION(b->bytes + b->used, b->size - b->used);
}

void
mem_drop(struct mem *m)
{
	for (struct later *l = m->laters; l != NULL; l = l->next)
		l->release(l->what);
	m->laters = NULL;
	while (m->blocks->next != NULL) {
		struct block *b = m->blocks;

		m->blocks = b->next;
		free(b);
	}
	m->blocks->used = 0;
	ASAN_POISON_MEMORY_REGION(m->blocks->bytes, m->blocks->size);
}

void
mem_free(struct mem *m)
{
	mem_drop(m);
	free(m->blocks);
	free(m);
}

static void *
take(struct mem *m, size_t size)
{
	struct block *b = m->blocks;
	size_t room;
	void *p;

	if (size > SIZE_MAX / 4)
		mem_abort("out of memory");
	room = (size + APART + ALIGN - 1) / ALIGN * ALIGN;
	if (room > b->size - b->used)
		b = m->blocks = block_new(b, room > BLOCK ? room : BLOCK);
	p = b->bytes + b->used;
	b->used += room;
	ASAN_UNPOISON_MEMORY_REGION(p, size);
	return p;
}

void *
mem_get(struct mem *m, size_t size)
{
	return memset(take(m, size), 0, size);
}

char *
mem_copy(struct mem *m, const char *from, size_t length)
{
	char *to = mem_get(m, length + 1);

	if (length > 0)
		memcpy(to, from, length);
	return to;
}

char *
mem_print(struct mem *m, const char *format, ...)
{
	char text[256], *to; /* most are short, and formatted once */
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	if (n < 0)
		mem_abort("a format that vsnprintf refuses");
	if ((size_t)n < sizeof text)
		return mem_copy(m, text, (size_t)n);
	to = mem_get(m, (size_t)n + 1);
	va_start(ap, format);
	vsnprintf(to, (size_t)n + 1, format, ap);
	va_end(ap);
	return to;
}

void
mem_later(struct mem *m, void (*release)(void *), void *what)
{
	struct later *l = mem_get(m, sizeof *l);

	*l = (struct later){ m->laters, release, what };
	m->laters = l;
}

/* malloc, or the end. */
static void *
need(size_t size)
{
	void *p = malloc(size);

	if (p == NULL && size > 0)
		mem_abort("out of memory");
	return p;
}

static void *
openssl_get(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return size > LARGE ? malloc(size) : need(size);
}

static void *
openssl_change(void *old, size_t size, const char *file, int line)
{
	void *p = realloc(old, size);

	(void)file, (void)line;
	if (p == NULL && size > 0)
		mem_abort("out of memory");
	return p;
}

static void
openssl_put(void *p, const char *file, int line)
{
	(void)file, (void)line;
	free(p);
}

void
mem_serve_libraries(void)
{
	if (CRYPTO_set_mem_functions(openssl_get, openssl_change, openssl_put) != 1)
		mem_abort("OpenSSL took memory before it was told from where");
	mem_serve_json(NULL);
}

/* Where jansson's memory comes from after mem_serve_json. */
static struct mem *jansson_memory;

static void *
jansson_get(size_t size)
{
	return take(jansson_memory, size);
}

static void
jansson_put(void *p)
{
	(void)p; /* it goes with the request */
}

/* jansson 2.14 goes on without some of what it found no memory for: a dump lacks a name then. */
struct mem *
mem_serve_json(struct mem *m)
{
	struct mem *before = jansson_memory;

	jansson_memory = m;
	if (m != NULL)
		json_set_alloc_funcs(jansson_get, jansson_put);
	else
		json_set_alloc_funcs(need, free);
	return before;
}

static void
forget_json(void *json)
{
	json_decref(json);
}

json_t *
mem_json(struct mem *m, json_t *json)
{
	if (json == NULL)
		mem_abort("out of memory, or a value that JSON cannot hold");
	mem_later(m, forget_json, json);
	return json;
}

json_t *
mem_pack(struct mem *m, const char *format, ...)
{
	va_list ap;
	json_t *json;

	va_start(ap, format);
	json = json_vpack_ex(NULL, 0, format, ap);
	va_end(ap);
	return mem_json(m, json);
}
