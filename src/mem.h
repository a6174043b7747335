/* SPDX-License-Identifier: ISC */
#pragma once

#include <jansson.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/*
 * The memory of one request: an arena, and a list of things to release after it. Nothing taken from
 * here is freed by hand. Every function ends the process (one line in the log, then abort) when
 * memory has run out, so no caller checks for NULL.
 */
struct mem;

/* A new, empty memory. It lives until mem_free. */
struct mem *mem_new(void);

/* Release what the request left: the later-list, newest first, then all arena memory. */
void mem_drop(struct mem *m);

/* mem_drop, and the memory itself. */
void mem_free(struct mem *m);

/* Where the memory stands; mem_back gives back what was taken since, so that a long request can do
 * the same thing many times. Nothing of it may be in use then. */
struct mem_mark {
	void *block, *later;
	size_t used;
};
struct mem_mark mem_mark(const struct mem *m);
void mem_back(struct mem *m, const struct mem_mark *mark);

/* `size` bytes, zeroed, aligned for any type; valid until mem_drop. */
void *mem_get(struct mem *m, size_t size);

/* A copy of `length` bytes of `from` with a NUL behind them. */
char *mem_copy(struct mem *m, const char *from, size_t length);

/* A formatted string in the arena. */
__attribute__((format(printf, 2, 3))) char *mem_print(struct mem *m, const char *format, ...);

/* What was written to a stream, in the arena, with a NUL behind it; there when it is closed. */
struct mem_text {
	char *bytes;
	size_t length;
};

/*
 * A stream that writes to `text`, to be closed by fclose. Neither fails: open_memstream may lose a
 * byte when memory has run out, and say nothing.
 */
FILE *mem_stream(struct mem *m, struct mem_text *text);

/* Call `release(what)` when the request is over. */
void mem_later(struct mem *m, void (*release)(void *), void *what);

/*
 * Hang the new reference `json` on the request and hand it back as a borrowed one. NULL, a value
 * that JSON cannot hold, ends the process.
 */
json_t *mem_json(struct mem *m, json_t *json);

/*
 * Let OpenSSL and jansson end the process as well when memory has run out: to them it is one
 * failure among others, so that a good signature would look like a bad one. Call it before either
 * is used.
 */
void mem_serve_libraries(void);

/*
 * Let jansson take its memory from `m` (it gives nothing back before mem_drop), for a process that
 * serves one request after the other: a third of the work of a small answer was malloc and free.
 * NULL: from malloc again, which may not fail either. Values made before and after must not be
 * mixed. Returns what it took its memory from so far.
 */
struct mem *mem_serve_json(struct mem *m);

/* json_pack(3), hung on the request. A format that jansson refuses ends the process. */
json_t *mem_pack(struct mem *m, const char *format, ...);

/* The end for a broken invariant or no memory left: logs the fixed text `why` and aborts. */
__attribute__((noreturn)) void mem_abort(const char *why);
