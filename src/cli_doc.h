/* SPDX-License-Identifier: ISC */
#pragma once

#include <stddef.h>

/* For the files cli_doc*.c alone: manual pages in mdoc(7), on standard output. */

/* How a page begins: "POSTERN 1", "postern", and a line of what it is about. */
void doc_head(const char *title, const char *name, const char *what);

/* Text within a line, with what roff would take for its own escaped. */
void doc_text(const char *s, size_t length);

/* A sentence on lines of its own; it gets its capital letter and its full stop. */
void doc_line(const char *s);

/* postern.conf(5). 0, for `return`. */
int doc_settings(void);
