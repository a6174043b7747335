/* SPDX-License-Identifier: ISC */
#pragma once

#include "mem.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Templates in Mustache (mustache(5), and the optional inheritance of its specification): variables
 * {{x}} {{a.b}} {{.}}, sections {{#x}} {{^x}}, comments, partials {{> nav}}, delimiter changes,
 * parents {{<layout}} with blocks {{$main}}. Absent, null, false, "" and the empty list are falsy.
 *
 * Whoever may change a template can make no hole by a slip. What a section, block, partial or
 * parent holds ends in the same place of HTML in which it begins: between tags, in a value, or in a
 * tag behind a blank. Refused, with file and line, are: raw output {{{x}}} of a name that does not
 * end in Html, or anywhere but between tags; in an attribute that holds an address (href, src, …) a
 * name that does not end in Url; in <style> a name that does not end in Css; any variable in
 * <script>, in a tag outside of a quoted value, and in an HTML comment; and in any case values
 * without quotes, style=, on…= and <iframe>.
 *
 * A file whose name ends in .txt is no HTML: nothing is escaped or refused there.
 */
struct tmpl;

/* Folders of templates, and what has been parsed of them; all of it lives until tmpls_free. */
struct tmpls;

/*
 * `folders` in order of precedence, ended by NULL; an empty one is passed over. Each file, partials
 * too, is taken from the first folder that has it. Lenient: a partial that is nowhere renders empty
 * (without it, that is an error).
 */
struct tmpls *tmpls_new(const char *const *folders, bool lenient);
void tmpls_free(struct tmpls *set);

/*
 * The page `name` ("home.html", "widgets/text.html"), parsed and checked with all that it names,
 * once. NULL if that is not possible, with "FILE:LINE: what is wrong" in *why (owned by the set).
 */
const struct tmpl *tmpls_need(struct tmpls *set, const char *name, const char **why);

/* The path of the file that is used for `name`, owned by the set; NULL if there is none. */
const char *tmpls_file(struct tmpls *set, const char *name);

/*
 * The page for `data` (an object, or NULL), in `m`, its size in *length; a NUL stands behind it.
 * Values never count as template. Partials nest 40 deep, and a page has 100,000 of them at most;
 * what is beyond renders nothing.
 */
const char *tmpl_render(struct mem *m, const struct tmpl *tmpl, json_t *data, size_t *length);
