/* SPDX-License-Identifier: ISC */
/*
 * picture_process: pictures are decoded by a process of their own (filter.h), for decoders are the
 * likeliest hole of all. Owns its bounds, and how the end of one that refuses tells why. It costs
 * 2.4 ms of a processor, beside the 22 that a photograph of 12 megapixels takes.
 */
#include "picture.h"

#include "fd.h"
#include "filter.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	FILE_BYTES = 64 << 20, /* of the largest file: what limits.picture may be */
	/* The greediest picture of PICTURE_PIXELS takes 320 MB: a progressive JPEG in four colours,
	 * none of them made coarser. */
	MEMORY = 512 << 20,
	CPU_SECONDS = 4, /* 40 megapixels take about one */
	REFUSED = 65, /* the first exit status that tells why; no library and no loader ends so */
};

/* All of standard input, of malloc(3); NULL if it cannot be read. */
static char *
slurp(size_t *length)
{
	char *bytes = NULL, *more;
	size_t size = 0;

	*length = 0;
	do {
		size = size == 0 ? 1 << 20 : 2 * size;
		if ((more = realloc(bytes, size)) == NULL)
			mem_abort("out of memory");
		bytes = more;
		if (!filter_read(STDIN_FILENO, bytes + *length, size - *length, length)) {
			free(bytes);
			return NULL;
		}
	} while (*length == size && size < FILE_BYTES);
	return bytes;
}

/* The exit status that tells of an error. */
static int
refusal(enum err e)
{
	return REFUSED + (int)(e - ERR_PICTURE_KIND);
}

int
picture_filter(void)
{
	struct flaw flaw = { 0 };
	size_t length, size;
	char *bytes, text[160];
	void *webp;
	bool written;

	filter_confine(MEMORY, CPU_SECONDS);
	bytes = slurp(&length);
	flaw.err =
		bytes != NULL ? picture_convert(bytes, length, &webp, &size) : ERR_PICTURE_BROKEN;
	free(bytes);
	if (flaw.err != ERR_NONE) {
		fprintf(stderr, "%s\n", err_text(&flaw, text, sizeof text));
		return refusal(flaw.err);
	}
	written = fd_write(STDOUT_FILENO, webp, size);
	free(webp);
	return written ? 0 : refusal(ERR_PICTURE_BROKEN);
}

/* What the end of the filter means. */
static enum err
ended(int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return ERR_NONE;
	for (enum err e = ERR_PICTURE_KIND; e < ERR_PICTURE_BROKEN; e++)
		if (WIFEXITED(status) && WEXITSTATUS(status) == refusal(e))
			return e;
	return ERR_PICTURE_BROKEN;
}

enum err
picture_apart(struct mem *m, const void *bytes, size_t length, const char **webp, size_t *size)
{
	struct filtered made = { mem_get(m, PICTURE_BYTES), PICTURE_BYTES, 0, 0 };
	enum err e;

	*webp = made.at;
	if (!filter_apart("--convert", bytes, length, &made))
		return ERR_BUSY;
	*size = made.length;
	e = ended(made.status);
	return e == ERR_NONE && *size == 0 ? ERR_PICTURE_BROKEN : e;
}
