/* SPDX-License-Identifier: ISC */
#pragma once

#include "mem.h"

#include <stdbool.h>

/*
 * The HTML of a text in Markdown (CommonMark 0.30), in `m`: without the HTML that stood in it,
 * without links that run something, its headings one level down, for a page has a heading of its
 * own. Where pictures of other sites are not wanted (`images` false) a link stands instead.
 */
const char *markdown_html(struct mem *m, const char *text, bool images);

/* What made that HTML, in `m`: another name, other HTML. At most MARKDOWN_NAME - 1 bytes. */
const char *markdown_renderer(struct mem *m, bool images);

enum {
	MARKDOWN_NAME = 30
};
