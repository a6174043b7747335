/* SPDX-License-Identifier: ISC */
/*
 * fuzz_tmpl: templates, up to three files with a NUL between them: a.html is the page, b and c are
 * what it may name. One that is accepted lets no data out where it is more than text.
 */
#include "fuzz_html.h"
#include "tmpl.h"

#include <ctype.h>
#include <fcntl.h>
#include <unistd.h>

/* Data of each kind, in all the shapes that a template can ask for. */
#define ALL(kind)                                                                                  \
	"<\xee\x80" kind "\\\"\xee\x80" kind "'\xee\x80" kind "&\xee\x80" kind ">\xee\x80" kind
#define MEMBERS                                                                                    \
	"\"x\":\"" ALL("\x80") "\",\"aUrl\":\"" ALL("\x81") "\",\"aCss\":\"" ALL(                  \
		"\x82") "\","                                                                      \
			"\"aHtml\":\" \xee\x80\x83\",\"t\":true,\"f\":false,\"n\":12.5,\"e\":\"\",\"z\":null"
/* A list within itself is empty but by its one text: no template takes for ever. */
static const char data_text[] = "{" MEMBERS ",\"o\":{" MEMBERS "},\"l\":[{" MEMBERS
				",\"l\":[]},\"" ALL("\x80") "\"],\"k\":[1,[2],{\"x\":3}]}";

static char folder[] = "/dev/shm/postern-fuzz-XXXXXX";

static void
clean(void)
{
	char path[64];

	for (int name = 'a'; name <= 'c'; name++) {
		snprintf(path, sizeof path, "%s/%c.html", folder, name);
		remove(path);
	}
	rmdir(folder);
}

/* A file of the folder, open for good. */
static void
put(int name, const char *text, size_t size)
{
	static int fds[3];
	int *fd = &fds[name - 'a'];
	char path[64];

	snprintf(path, sizeof path, "%s/%c.html", folder, name);
	if (*fd == 0)
		*fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	HOLDS(*fd > 0 && ftruncate(*fd, 0) == 0);
	HOLDS(pwrite(*fd, text, size, 0) == (ssize_t)size);
}

/* How many tags of this file name it again, or a file before it: two make a tree of partials, which
 * the engine bounds, but late for a fuzzer. */
static int
loops(const char *text, int own)
{
	int n = 0;

	for (; (text = strpbrk(text, "<>")) != NULL; text++) {
		const char *name = text + 1 + strspn(text + 1, " \t\r\n");

		n += *name >= 'a' && *name <= own && !isalnum((unsigned char)name[1]);
	}
	return n;
}

static void
page_holds(struct mem *m, struct tmpls *set, json_t *data)
{
	const char *why = NULL, *page, *same;
	const struct tmpl *t = tmpls_need(set, "a.html", &why);
	size_t n, again;

	HOLDS(t != NULL || (why != NULL && fuzz_utf8(why, strlen(why))));
	if (t == NULL)
		return;
	page = tmpl_render(m, t, data, &n);
	HOLDS(strlen(page) == n);
	if (n > 1 << 16) /* it names itself again and again: no news, and slow */
		return;
	same = tmpl_render(m, t, data, &again);
	HOLDS(n == again && strcmp(page, same) == 0);
	HOLDS(fuzz_utf8(page, n));
	html_holds(page);
	html_holds(tmpl_render(m, t, NULL, &n));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static json_t *data;
	const char *folders[] = { folder, NULL }, *at = (const char *)bytes;
	struct mem *m = fuzz_mem();
	struct tmpls *set;
	size_t left = size;
	int back = 0;

	if (data == NULL) {
		data = json_loads(data_text, 0, NULL);
		HOLDS(data != NULL && mkdtemp(folder) != NULL && atexit(clean) == 0);
	}
	if (size > 0 && memchr(bytes, 0xee, size) != NULL) /* the marks are ours alone */
		return 0;
	for (int name = 'a'; name <= 'c'; name++) {
		const char *text = fuzz_take(m, &at, &left, '\0');

		if ((back += loops(text, name)) > 1)
			return 0;
		put(name, text, strlen(text));
	}
	set = tmpls_new(folders, size % 2 == 0);
	page_holds(m, set, data);
	tmpls_free(set);
	return 0;
}
