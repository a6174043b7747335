/* SPDX-License-Identifier: ISC */
/*
 * input: from what was sent to declared values. Owns the walk through a field table; where a member
 * is looked for is in input_sent.c, what a single value must be in input_types.c. Knows no route
 * and no noun.
 */
#include "input_sent.h"
#include "text.h"

enum {
	ENTRIES_MAX = 10000 /* of a list without a bound of its own: all that a body can hold */
};

static json_t *read_fields(struct mem *m, const struct field *fields, const struct sent *src,
	const char *prefix, struct fault *fault);

static json_t *
read_nested(
	struct mem *m, const struct field *f, json_t *json, const char *key, struct fault *fault)
{
	struct sent inner = { .json = json };

	if (!json_is_object(json)) {
		err_add(fault, ERR_TYPE_OBJECT, key, 0);
		return NULL;
	}
	return read_fields(m, f->fields, &inner, mem_print(m, "%s.", key), fault);
}

static json_t *
read_list(struct mem *m, const struct field *f, json_t *json, const char *key, struct fault *fault)
{
	json_t *list = mem_json(m, json_array()), *item;
	size_t i, most = f->max > 0 ? (size_t)f->max : ENTRIES_MAX;

	if (!json_is_array(json)) {
		err_add(fault, ERR_TYPE_LIST, key, 0);
		return NULL;
	}
	if (json_array_size(json) > most) {
		err_add(fault, ERR_MANY, key, (long)most);
		return NULL;
	}
	json_array_foreach(json, i, item)
	{
		json_t *read = read_nested(m, f, item, mem_print(m, "%s.%zu", key, i), fault);

		if (read != NULL)
			json_array_append(list, read);
	}
	return list;
}

/* One member into `to`, or its error into `fault`. */
static void
read_field(struct mem *m, const struct field *f, const struct sent *src, const char *prefix,
	struct fault *fault, json_t *to)
{
	const char *key = *prefix != '\0' ? mem_print(m, "%s%s", prefix, f->name) : f->name;
	struct value v;
	json_t *read;

	if (!sent_find(m, src, f, &v)) {
		if (f->need)
			err_add(fault, ERR_BLANK, key, 0);
		return;
	}
	if (f->null &&
		(json_is_null(v.json) ||
			(v.text != NULL && text_utf8(v.text, v.length) && text_blank(v.text))))
		read = json_null();
	else if (f->type == IS_OBJECT)
		read = read_nested(m, f, v.json, key, fault);
	else if (f->type == IS_LIST)
		read = read_list(m, f, v.json, key, fault);
	else
		read = input_value(m, f, &v, key, fault);
	if (read != NULL)
		json_object_set(to, f->name, read);
}

static json_t *
read_fields(struct mem *m, const struct field *fields, const struct sent *src, const char *prefix,
	struct fault *fault)
{
	json_t *in = mem_json(m, json_object());

	for (const struct field *f = fields; f->name != NULL; f++)
		read_field(m, f, src, prefix, fault, in);
	return in;
}

json_t *
input_read(struct mem *m, const struct field *fields, const struct sent *sent, struct fault *fault)
{
	static const struct sent nothing;
	json_t *in;

	if (fields == NULL)
		return mem_json(m, json_object());
	in = read_fields(m, fields, sent != NULL ? sent : &nothing, "", fault);
	return err_first(fault) == ERR_NONE ? in : NULL;
}
