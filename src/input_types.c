/* SPDX-License-Identifier: ISC */
/*
 * input_types: what a single value must be, one row a type. Owns the rules of texts, numbers and
 * lists (those of names, addresses and dates are input_names.c's); knows nothing of where a value
 * came from but whether it was text.
 */
#include "input_types.h"

#include "input_check.h"
#include "text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	TAG_CHARS = 60
};

json_t *
check_wrong(const struct check *c, enum err e, long n)
{
	err_add(c->fault, e, c->key, n);
	return NULL;
}

static json_t *
right(const struct check *c, json_t *json)
{
	return mem_json(c->m, json);
}

/* Length within the bounds of the field, in characters. */
bool
check_fits(const struct check *c)
{
	long n = (long)text_length(c->v->text);

	if (n < c->f->min)
		return err_add(c->fault, ERR_SHORT, c->key, c->f->min);
	if (c->f->max > 0 && n > c->f->max)
		return err_add(c->fault, ERR_LONG, c->key, c->f->max);
	return true;
}

json_t *
check_as_text(const struct check *c)
{
	return right(c, json_stringn(c->v->text, c->v->length));
}

bool
check_is_control(const char *s)
{
	unsigned char b = (unsigned char)*s;

	return b < ' ' || b == 0x7f || (b == 0xc2 && (unsigned char)s[1] < 0xa0);
}

bool
check_has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if (check_is_control(s))
			return true;
	return false;
}

json_t *
check_line(const struct check *c)
{
	if (check_has_control(c->v->text))
		return check_wrong(c, ERR_LINE, 0);
	return check_fits(c) ? check_as_text(c) : NULL;
}

json_t *
check_text(const struct check *c)
{
	return check_fits(c) ? check_as_text(c) : NULL;
}

json_t *
check_choice(const struct check *c)
{
	for (size_t i = 0; c->f->choices[i] != NULL; i++)
		if (strcmp(c->f->choices[i], c->v->text) == 0)
			return check_as_text(c);
	return check_wrong(c, ERR_CHOICE, 0);
}

json_t *
check_password(const struct check *c)
{
	if (c->f->max > 0 && (long)c->v->length > c->f->max)
		return check_wrong(c, ERR_LONG_BYTES, c->f->max);
	if ((long)text_length(c->v->text) < c->f->min)
		return check_wrong(c, ERR_SHORT, c->f->min);
	return check_as_text(c);
}

static bool
small(const struct field *f, double n)
{
	return (f->min != 0 || f->max != 0) && n < (double)f->min;
}

static bool
big(const struct field *f, double n)
{
	return (f->min != 0 || f->max != 0) && f->max >= f->min && n > (double)f->max;
}

json_t *
check_int(const struct check *c)
{
	const struct field *f = c->f;
	int64_t n = 0;

	if (c->v->json != NULL ? !json_is_integer(c->v->json) : !text_int(c->v->text, &n))
		return check_wrong(c, ERR_TYPE_INT, 0);
	if (c->v->json != NULL)
		n = json_integer_value(c->v->json);
	if (small(f, (double)n))
		return f->clamp ? right(c, json_integer(f->min))
				: check_wrong(c, ERR_SMALL, f->min);
	if (big(f, (double)n))
		return f->clamp ? right(c, json_integer(f->max)) : check_wrong(c, ERR_BIG, f->max);
	return right(c, json_integer(n));
}

json_t *
check_number(const struct check *c)
{
	const struct field *f = c->f;
	char *end = NULL;
	double n;

	if (c->v->json != NULL) {
		if (!json_is_number(c->v->json))
			return check_wrong(c, ERR_TYPE_NUMBER, 0);
		n = json_number_value(c->v->json);
	} else {
		/* strtod alone would take "inf", "0x10" and blanks. */
		if (c->v->length == 0 || c->v->text[strspn(c->v->text, "0123456789+-.eE")] != '\0')
			return check_wrong(c, ERR_TYPE_NUMBER, 0);
		n = strtod(c->v->text, &end);
		if (*end != '\0' || !isfinite(n))
			return check_wrong(c, ERR_TYPE_NUMBER, 0);
	}
	if (small(f, n))
		return check_wrong(c, ERR_SMALL, f->min);
	return big(f, n) ? check_wrong(c, ERR_BIG, f->max) : right(c, json_real(n));
}

static bool
among(const char *const *words, const char *text)
{
	while (*words != NULL && strcmp(*words, text) != 0)
		words++;
	return *words != NULL;
}

bool
input_yes(const char *text)
{
	static const char *const yes[] = { "true", "on", "1", "yes", NULL };

	return among(yes, text);
}

json_t *
check_bool(const struct check *c)
{
	static const char *const no[] = { "false", "off", "0", "no", "", NULL };

	if (json_is_boolean(c->v->json))
		return c->v->json;
	if (c->v->json != NULL)
		return check_wrong(c, ERR_TYPE_BOOL, 0);
	if (input_yes(c->v->text))
		return json_true();
	return among(no, c->v->text) ? json_false() : check_wrong(c, ERR_TYPE_BOOL, 0);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Tags of a form: "c, unix" -> ["c", "unix"]; not many more than may be. */
static json_t *
split_tags(const struct check *c)
{
	json_t *list = mem_json(c->m, json_array());
	size_t most = c->f->max > 0 ? (size_t)c->f->max : SIZE_MAX;

	for (const char *s = c->v->text; *s != '\0'; s += *s == ',') {
		size_t n;

		if (json_array_size(list) > most)
			break;
		s += strspn(s, " \t");
		n = strcspn(s, ",");
		while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
			n--;
		if (n > 0)
			json_array_append_new(list, json_stringn(s, n));
		s += strcspn(s, ",");
	}
	return list;
}

json_t *
check_tags(const struct check *c)
{
	json_t *list = c->v->json == NULL ? split_tags(c) : c->v->json, *item, *out;
	const char **texts;
	size_t i, n = json_array_size(list);

	if (!json_is_array(list))
		return check_wrong(c, ERR_TYPE_LIST, 0);
	if (c->f->max > 0 && (long)n > c->f->max)
		return check_wrong(c, ERR_MANY, c->f->max);
	texts = mem_get(c->m, (n + 1) * sizeof *texts);
	json_array_foreach(list, i, item)
	{
		texts[i] = json_string_value(item);
		if (texts[i] == NULL || text_blank(texts[i]))
			return check_wrong(c, ERR_BLANK, 0);
		if (check_has_control(texts[i]))
			return check_wrong(c, ERR_LINE, 0);
		if (text_length(texts[i]) > TAG_CHARS)
			return check_wrong(c, ERR_LONG, TAG_CHARS);
	}
	qsort(texts, n, sizeof *texts, by_text);
	out = mem_json(c->m, json_array());
	for (i = 0; i < n; i++)
		if (i == 0 || strcmp(texts[i], texts[i - 1]) != 0)
			json_array_append_new(out, json_string(texts[i]));
	return out;
}

/* Types whose value need not be a text. */
static bool
loose(enum field_type type)
{
	return type == IS_INT || type == IS_NUMBER || type == IS_BOOL || type == IS_TAGS ||
		type == IS_UPLOAD;
}

json_t *
input_value(struct mem *m, const struct field *f, const struct value *v, const char *key,
	struct fault *fault)
{
	struct check c = { m, f, v, key, fault };

	if (v->json == NULL && !text_utf8(v->text, v->length))
		return check_wrong(&c, ERR_ENCODING, 0);
	if (!loose(f->type) && (v->text == NULL || text_blank(v->text)))
		return check_wrong(&c, f->null ? ERR_TYPE_TEXT : ERR_BLANK, 0); /* null has gone */
	/* cppcheck-suppress returnDanglingLifetime ; what a check returns is the request's */
	return f->check(&c);
}

const char *
input_widget(const struct field *f)
{
	static const char *const widgets[] = { [IS_TEXT] = "textarea",
		[IS_INT] = "number",
		[IS_NUMBER] = "number",
		[IS_BOOL] = "checkbox",
		[IS_EMAIL] = "email",
		[IS_TAGS] = "tags",
		[IS_DATE] = "date",
		[IS_CHOICE] = "select",
		[IS_PASSWORD] = "password",
		[IS_UPLOAD] = "file",
		[IS_COLOR] = "color",
		[IS_NEXT] = "hidden",
		[IS_LIST] = NULL };

	if (f->widget != NULL || f->check == NULL)
		return f->widget;
	return widgets[f->type] != NULL ? widgets[f->type] : "text";
}

const char *
input_label(struct mem *m, const struct field *f)
{
	const char *from = f->name;
	char *label, *to;

	if (f->label != NULL)
		return f->label;
	label = to = mem_get(m, 2 * strlen(from) + 1);
	for (; *from != '\0'; from++) {
		if (to > label && isupper((unsigned char)*from))
			*to++ = ' ';
		*to++ = strchr("_-", *from) != NULL ? ' ' : (char)tolower((unsigned char)*from);
	}
	*label = (char)toupper((unsigned char)*label);
	return label;
}
