/* SPDX-License-Identifier: ISC */
/*
 * spec_schema: what a value must be, in the words of JSON Schema (draft 2020-12): the fields of a
 * request, and the shapes of answers. Knows nothing of rows.
 */
#include "spec.h"

#include <ctype.h>
#include <string.h>

enum {
	TAG_CHARS = 60 /* as input_types.c has it */
};

/* What a type is whatever the bounds of its field are; the rules are input_types.c's and
 * input_names.c's. */
static json_t *
plain(struct mem *m, const struct field *f)
{
	static const char *const rows[] = {
		[IS_LINE] = "{\"type\":\"string\"}",
		[IS_TEXT] = "{\"type\":\"string\"}",
		[IS_INT] = "{\"type\":\"integer\"}",
		[IS_NUMBER] = "{\"type\":\"number\"}",
		[IS_BOOL] = "{\"type\":\"boolean\"}",
		[IS_NAME] = "{\"type\":\"string\",\"pattern\":"
			    "\"^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?$\"}",
		[IS_EMAIL] = "{\"type\":\"string\",\"format\":\"email\"}",
		[IS_URL] = "{\"type\":\"string\",\"format\":\"uri-reference\"}",
		[IS_SLUG] = "{\"type\":\"string\",\"pattern\":\"^[a-z0-9]+(-[a-z0-9]+)*$\"}",
		[IS_TAGS] = "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
		[IS_DATE] = "{\"type\":\"string\",\"format\":\"date\"}",
		[IS_CHOICE] = "{\"type\":\"string\"}",
		[IS_PASSWORD] = "{\"type\":\"string\",\"format\":\"password\"}",
		[IS_UPLOAD] = "{\"type\":\"string\","
			      "\"contentMediaType\":\"application/octet-stream\"}",
		[IS_COLOR] = "{\"type\":\"string\",\"pattern\":\"^#[0-9A-Fa-f]{6}$\"}",
		[IS_NEXT] = "{\"type\":\"string\",\"format\":\"uri-reference\"}",
		[IS_OBJECT] = "{\"type\":\"object\"}",
		[IS_LIST] = "{\"type\":\"array\"}",
	};
	json_t *schema = mem_json(m, json_loads(rows[f->type], 0, NULL));

	if (f->type == IS_TAGS)
		json_object_set_new(
			json_object_get(schema, "items"), "maxLength", json_integer(TAG_CHARS));
	return schema;
}

static bool
any(const void *of, const struct field *f)
{
	return of == NULL && f != NULL;
}

/* Where the bounds of a type stand in a schema: of its value, its characters, its entries. */
static void
put_bounds(const struct field *f, json_t *schema)
{
	bool number = f->type == IS_INT || f->type == IS_NUMBER;
	bool entries = f->type == IS_TAGS || f->type == IS_LIST;
	const char *least = number ? "minimum" : entries ? "minItems" : "minLength";
	const char *most = number ? "maximum" : entries ? "maxItems" : "maxLength";
	int min = f->min;

	if (f->type == IS_UPLOAD || f->type == IS_OBJECT || f->type == IS_BOOL)
		return;
	if (!number && min == 0 && f->need)
		min = 1; /* what is needed is not blank */
	if (number ? f->min != 0 || f->max != 0 : min > 0)
		json_object_set_new(schema, least, json_integer(min));
	if (f->max > 0 && f->max >= f->min)
		json_object_set_new(schema, most, json_integer(f->max));
}

static void
put_words(struct mem *m, const struct field *f, json_t *schema)
{
	json_t *words = mem_json(m, json_array());

	for (size_t i = 0; f->choices[i] != NULL; i++)
		json_array_append_new(words, json_string(f->choices[i]));
	if (f->null)
		json_array_append_new(words, json_null());
	json_object_set(schema, "enum", words);
}

/* What a schema has no words for. */
static const char *
remark(struct mem *m, const struct field *f)
{
	if (f->clamp)
		return "what is outside counts as the nearest of the bounds";
	if (f->type == IS_PASSWORD && f->max > 0)
		return mem_print(m, "%d bytes at most", f->max);
	return NULL;
}

json_t *
spec_value(struct mem *m, const struct field *f)
{
	json_t *schema = plain(m, f);
	const char *more = remark(m, f);

	put_bounds(f, schema);
	if (f->type == IS_CHOICE)
		put_words(m, f, schema);
	if (f->type == IS_OBJECT)
		json_object_update(schema, spec_object(m, f->fields, any, NULL));
	if (f->type == IS_LIST)
		json_object_set(schema, "items", spec_object(m, f->fields, any, NULL));
	if (f->null)
		json_object_set(schema, "type",
			mem_pack(m, "[O, s]", json_object_get(schema, "type"), "null"));
	if (more != NULL)
		json_object_set_new(schema, "description", json_string(more));
	return schema;
}

json_t *
spec_object(struct mem *m, const struct field *fields,
	bool (*takes)(const void *, const struct field *), const void *of)
{
	json_t *properties = mem_json(m, json_object()), *required = mem_json(m, json_array());
	json_t *schema;

	for (const struct field *f = fields; f != NULL && f->name != NULL; f++) {
		if (!takes(of, f))
			continue;
		json_object_set(properties, f->name, spec_value(m, f));
		if (f->need)
			json_array_append_new(required, json_string(f->name));
	}
	schema = mem_pack(m, "{s:s, s:O}", "type", "object", "properties", properties);
	if (json_array_size(required) > 0)
		json_object_set(schema, "required", required);
	return schema;
}

json_t *
spec_ref(struct mem *m, const char *kind, const char *name)
{
	return mem_pack(m, "{s:s}", "$ref", mem_print(m, "#/components/%s/%s", kind, name));
}

static json_t *
shape_of(struct mem *m, const char *type)
{
	size_t n = strlen(type);

	if (*type == '[')
		return mem_pack(m, "{s:s, s:O}", "type", "array", "items",
			shape_of(m, mem_copy(m, type + 1, n - 2)));
	return isupper((unsigned char)*type) ? spec_ref(m, "schemas", type)
					     : mem_pack(m, "{s:s}", "type", type);
}

json_t *
spec_shape(struct mem *m, const char *text)
{
	json_t *properties = mem_json(m, json_object()), *required = mem_json(m, json_array());

	while (*text != '\0') {
		size_t name = strcspn(text, ":"), type = strcspn(text + name, ",");

		json_object_set(properties, mem_copy(m, text, name),
			shape_of(m, mem_copy(m, text + name + 2, type - 2)));
		json_array_append_new(required, json_stringn(text, name));
		text += name + type;
		text += strspn(text, ", ");
	}
	return mem_pack(m, "{s:s, s:O, s:b, s:O}", "type", "object", "required", required,
		"additionalProperties", 0, "properties", properties);
}
