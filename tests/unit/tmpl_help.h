/* SPDX-License-Identifier: ISC */
#pragma once

/* What the tests of templates share: a folder of their own, and templates written into it. */

#include "child.h"
#include "tmpl.h"

#include <fcntl.h>
#include <sys/stat.h>

/* A page with the files that it names, its data, and what comes of it. */
struct page {
	const char *text, *data, *expected;
	const char *parts[8]; /* names and texts */
};

static char folder[] = "/tmp/postern-tmpl-XXXXXX";
static struct mem *m;

static inline int
up(void **state)
{
	(void)state;
	m = mem_new();
	return mkdtemp(folder) == NULL;
}

static inline int
down(void **state)
{
	(void)state;
	mem_free(m);
	return rmdir(folder);
}

static inline void
put_bytes(const char *name, const char *text, size_t length)
{
	int fd = open(mem_print(m, "%s/%s", folder, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, length), length);
	close(fd);
}

static inline void
put(const char *name, const char *text)
{
	put_bytes(name, text, strlen(text));
}

static inline void
drop(const char *name)
{
	assert_int_equal(remove(mem_print(m, "%s/%s", folder, name)), 0);
}

static inline void
put_page(const struct page *p)
{
	put("page.html", p->text);
	for (size_t i = 0; i < COUNT(p->parts) && p->parts[i] != NULL; i += 2)
		put(p->parts[i], p->parts[i + 1]);
}

static inline void
drop_page(const struct page *p)
{
	drop("page.html");
	for (size_t i = 0; i < COUNT(p->parts) && p->parts[i] != NULL; i += 2)
		drop(p->parts[i]);
}

static inline struct tmpls *
set_of(bool lenient)
{
	const char *folders[] = { folder, NULL };

	return tmpls_new(folders, lenient);
}

/* page.html for the JSON text `data`, or why there is none, without the folder. */
static inline const char *
rendered(struct tmpls *set, const char *data)
{
	const char *why;
	const struct tmpl *t = tmpls_need(set, "page.html", &why);
	json_t *json = data != NULL ? mem_json(m, json_loads(data, JSON_DECODE_ANY, NULL)) : NULL;
	size_t length;
	const char *text;

	if (t == NULL) {
		assert_memory_equal(why, folder, strlen(folder));
		return mem_copy(m, why + strlen(folder) + 1, strlen(why) - strlen(folder) - 1);
	}
	text = tmpl_render(m, t, json, &length);
	assert_int_equal(strlen(text), length);
	return text;
}

static inline void
assert_pages(const struct page *pages, size_t count, bool lenient)
{
	for (size_t i = 0; i < count; i++) {
		struct tmpls *set = set_of(lenient);

		put_page(&pages[i]);
		assert_string_equal(rendered(set, pages[i].data), pages[i].expected);
		drop_page(&pages[i]);
		tmpls_free(set);
	}
}
