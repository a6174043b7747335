/* SPDX-License-Identifier: ISC */
/* cli_docs_type: JSON Schemas in plain words, as far as spec_schema.c and api/rows.json write them.
 */
#include "cli_docs.h"
#include "json.h"

#include <string.h>

/* The type without null; NULL if none is said. */
static const char *
type_of(json_t *schema)
{
	json_t *type = json_object_get(schema, "type");

	return json_string_value(json_is_array(type) ? json_array_get(type, 0) : type);
}

static const char *
words_of(struct mem *m, json_t *list)
{
	const char *all = "";
	json_t *word;
	size_t i;

	json_array_foreach(list, i, word)
	{
		if (json_is_string(word))
			all = mem_print(m, "%s%s%s", all, *all != '\0' ? ", " : "one of ",
				json_string_value(word));
	}
	return all;
}

/* ", 8 to 120 characters" */
static const char *
bounds(struct mem *m, json_t *schema, const char *least, const char *most, const char *unit)
{
	json_t *low = json_object_get(schema, least), *high = json_object_get(schema, most);
	long long from = json_integer_value(low), to = json_integer_value(high);

	if (low != NULL && high != NULL)
		return mem_print(m, ", %lld to %lld%s", from, to, unit);
	if (high != NULL)
		return mem_print(m, ", up to %lld%s", to, unit);
	return low != NULL && from > 1 ? mem_print(m, ", %lld%s or more", from, unit) : "";
}

static const char *
text_of(struct mem *m, json_t *schema)
{
	static const struct {
		const char *format, *words;
	} rows[] = {
		{ "email", "mail address" },
		{ "uri-reference", "web address, or a path" },
		{ "date", "date" },
		{ "date-time", "time, ISO 8601 in UTC" },
		{ "password", "password" },
		{ NULL, "text" },
	};
	const char *format = row_text(schema, "format");
	size_t i = 0;

	if (json_object_get(schema, "contentMediaType") != NULL)
		return "file";
	while (rows[i].format != NULL && (format == NULL || strcmp(format, rows[i].format) != 0))
		i++;
	return mem_print(m, "%s%s", rows[i].words,
		bounds(m, schema, "minLength", "maxLength", " characters"));
}

/* The type alone, without null and remarks. */
static const char *
kind_of(struct mem *m, json_t *schema)
{
	const char *ref = row_text(schema, "$ref"), *type = type_of(schema);

	if (ref != NULL)
		return strrchr(ref, '/') + 1;
	if (json_object_get(schema, "enum") != NULL)
		return words_of(m, json_object_get(schema, "enum"));
	if (json_object_get(schema, "const") != NULL)
		return mem_print(m, "always %s", row_text(schema, "const"));
	if (type == NULL)
		return docs_type(m, json_array_get(json_object_get(schema, "anyOf"), 0));
	if (strcmp(type, "string") == 0)
		return text_of(m, schema);
	if (strcmp(type, "integer") == 0 || strcmp(type, "number") == 0)
		return mem_print(m, "%snumber%s", *type == 'i' ? "whole " : "",
			bounds(m, schema, "minimum", "maximum", ""));
	if (strcmp(type, "array") == 0)
		return mem_print(m, "list of %s%s", docs_type(m, json_object_get(schema, "items")),
			bounds(m, schema, "minItems", "maxItems", " entries"));
	return strcmp(type, "boolean") == 0 ? "true or false" : "object";
}

const char *
docs_type(struct mem *m, json_t *schema)
{
	json_t *types = json_object_get(schema, "type");
	const char *more = row_text(schema, "description");
	bool null = json_is_array(types) || json_array_size(json_object_get(schema, "anyOf")) > 1;

	return mem_print(m, "%s%s%s%s", kind_of(m, schema), null ? "; or null" : "",
		more != NULL ? "; " : "", more != NULL ? more : "");
}
