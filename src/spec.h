/* SPDX-License-Identifier: ISC */
#pragma once

#include "mem.h"
#include "route.h"

#include <stdbool.h>

/* For the files spec*.c alone, which are in no program that serves: they write the OpenAPI document
 * (version 3.1) of all rows while the programs are built. */

/* A row, and what api/rows.json says of it. */
struct spec_row {
	struct mem *m;
	const struct program *program;
	const struct route *route;
	json_t *said;
};

/* The row as an operation object. */
json_t *spec_operation(const struct spec_row *r);

/* What each status of an error means: the response objects that operations name. */
json_t *spec_meanings(struct mem *m);

/* What a value of the field may be, as a JSON Schema. */
json_t *spec_value(struct mem *m, const struct field *f);

/* An object of the fields for which `takes` is true. */
json_t *spec_object(struct mem *m, const struct field *fields,
	bool (*takes)(const void *, const struct field *), const void *of);

/* "name: type, name: [type]" as a schema of an object that has all these members, and no other; a
 * type that begins with a capital letter is another schema. */
json_t *spec_shape(struct mem *m, const char *text);

/* {"$ref": …} to a part of the document: "schemas", "User". */
json_t *spec_ref(struct mem *m, const char *kind, const char *name);
