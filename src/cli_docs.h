/* SPDX-License-Identifier: ISC */
#pragma once

#include "mem.h"

/* For cli_static.c alone: what it writes of the API. */

/*
 * The OpenAPI document that was installed, as far as this site has the rows, with the site's
 * address `site` as its server; in `m`. `on` says which features there are: {name: bool}. NULL if
 * there is no document, or a broken one.
 */
json_t *docs_document(struct mem *m, const char *site, json_t *on);

/* What templates/docs.html is told of a document, in `m`. */
json_t *docs_page(struct mem *m, json_t *document);

/* What a value of the JSON Schema may be, for people: "text, 8 to 120 characters"; in `m`. */
const char *docs_type(struct mem *m, json_t *schema);

/* The line for a shell that sends the operation's example, in `m`. */
const char *docs_curl(struct mem *m, const char *address, const char *method, json_t *operation);
