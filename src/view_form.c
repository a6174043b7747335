/* SPDX-License-Identifier: ISC */
/*
 * view_form: a form out of a field table: each field's widget with its label, value, attributes and
 * errors. Owns which attribute follows from which column; the widgets are templates.
 */
#include "browser.h"
#include "json.h"
#include "text.h"
#include "view_parts.h"

#include <string.h>

enum {
	TEXT_BYTES = 16 * 1024
};

const char *
view_widget(struct mem *m, const struct field *f)
{
	const char *widget = input_widget(f);

	return widget != NULL ? mem_print(m, "widgets/%s.html", widget) : NULL;
}

/* The bytes that a field may hold when it is shown again: a page stays small whatever was sent. */
static size_t
most(const struct field *f)
{
	return f->max > 0 ? 4 * (size_t)f->max : TEXT_BYTES;
}

/* What is stored under the field's name. NULL = nothing. */
static json_t *
there_is(const struct route *taken, const struct field *f, json_t *result)
{
	return taken->envelope != NULL
		? json_object_get(json_object_get(result, taken->envelope), f->name)
		: NULL;
}

static bool
is_hidden(const struct field *f)
{
	return f->widget != NULL && strcmp(f->widget, "hidden") == 0;
}

/* What a field holds when its form is shown: what came with it, else what there is. NULL = nothing.
 */
static json_t *
value_of(struct req *rq, const struct route *taken, const struct field *f, json_t *result)
{
	json_t *value, *there = there_is(taken, f, result);
	const char *sent;

	if (f->type == IS_PASSWORD || f->type == IS_UPLOAD)
		return NULL;
	/* Who sends the form once more knows by then what has changed. */
	if (err_first(&rq->fault) == ERR_CHANGED && is_hidden(f))
		return there;
	/* A form from elsewhere must not put its values into ours, whatever else is wrong with it.
	 */
	if (!http_safe(rq->http.method) && browser_from_here(rq)) {
		if (f->type == IS_TAGS)
			return (value = json_object_get(result, f->name)) != NULL
				? value
				: input_tags(rq->mem, rq->sent, f->name);
		sent = input_text(rq->sent, f->name);
		if (f->type == IS_NEXT && sent != NULL && !input_next(sent))
			return NULL;
		return sent != NULL && strlen(sent) <= most(f)
			? mem_json(rq->mem, json_string(sent))
			: NULL;
	}
	return there != NULL ? there : json_object_get(rq->in, f->name);
}

/* Attributes that browsers check by: those of a length, or of a number. */
static void
bounds(const struct field *f, json_t *w)
{
	bool number = f->type == IS_INT || f->type == IS_NUMBER;
	bool text = f->type == IS_LINE || f->type == IS_TEXT || f->type == IS_NAME ||
		f->type == IS_EMAIL || f->type == IS_URL || f->type == IS_SLUG ||
		f->type == IS_PASSWORD;

	if (!number && !text)
		return;
	if (f->min != 0)
		json_object_set_new(w, number ? "min" : "minlength", json_integer(f->min));
	if (f->max > 0)
		json_object_set_new(w, number ? "max" : "maxlength", json_integer(f->max));
}

static void
typing(const struct field *f, json_t *w)
{
	bool login = f->autocomplete != NULL && strcmp(f->autocomplete, "username") == 0;

	if (f->need)
		json_object_set_new(w, "required", json_true());
	if (f->autocomplete != NULL)
		json_object_set_new(w, "autocomplete", json_string(f->autocomplete));
	if (f->accept != NULL)
		json_object_set_new(w, "accept", json_string(f->accept));
	if (f->type == IS_NAME || f->type == IS_EMAIL || login)
		json_object_set_new(w, "autocapitalize", json_string("off"));
	if (f->type == IS_NAME)
		json_object_set_new(w, "pattern",
			json_string("[A-Za-z0-9]([A-Za-z0-9_.\\-]*[A-Za-z0-9_\\-])?"));
	if (f->type == IS_URL || (f->type == IS_LINE && login))
		json_object_set_new(
			w, "inputmode", json_string(f->type == IS_URL ? "url" : "email"));
	if (f->type == IS_TEXT)
		json_object_set_new(w, "rows", json_integer(f->max > 10000 ? 16 : 6));
}

/* The choices of a select or of radio buttons. */
static json_t *
options(struct req *rq, const struct field *f, const char *value)
{
	json_t *list = mem_json(rq->mem, json_array());

	for (size_t i = 0; f->choices[i] != NULL; i++) {
		json_t *one = mem_pack(rq->mem, "{s:s, s:s, s:s}", "value", f->choices[i], "label",
			f->choices[i], "id", mem_print(rq->mem, "%s-%zu", f->name, i));

		if (value != NULL && strcmp(value, f->choices[i]) == 0)
			json_object_set_new(one, "selected", json_true());
		json_array_append(list, one);
	}
	return list;
}

static void
holds(struct req *rq, const struct field *f, json_t *value, json_t *w)
{
	const char *text = json_string_value(value);

	if (f->type == IS_BOOL && (json_is_true(value) || (text != NULL && input_yes(text))))
		json_object_set_new(w, "checked", json_true());
	else if (f->type == IS_CHOICE)
		json_object_set(w, "options", options(rq, f, text));
	else if (f->type == IS_TAGS)
		json_object_set(w, "tags", value);
	else if (f->type != IS_BOOL && value != NULL && !json_is_null(value))
		json_object_set(w, "value", value);
}

/* The errors of one field, and what describes it to a screen reader. */
static void
errors_of(struct req *rq, const struct field *f, json_t *w)
{
	json_t *list = mem_json(rq->mem, json_array());
	const char *hint = f->hint != NULL ? mem_print(rq->mem, "%s-hint", f->name) : "";
	char text[160];

	for (size_t i = 0; i < rq->fault.count; i++)
		if (strcmp(rq->fault.flaws[i].key, f->name) == 0)
			json_array_append_new(list,
				json_string(err_text(&rq->fault.flaws[i], text, sizeof text)));
	if (json_array_size(list) > 0) {
		json_object_set(w, "errors", list);
		json_object_set_new(w, "invalid", json_true());
		hint = mem_print(rq->mem, "%s%s%s-error", hint, *hint != '\0' ? " " : "", f->name);
	}
	if (*hint != '\0')
		json_object_set_new(w, "describedby", json_string(hint));
}

static const char *
widget(struct req *rq, const struct route *taken, const struct field *f, json_t *result)
{
	const char *name = view_widget(rq->mem, f), *why;
	const struct tmpl *t = name != NULL ? tmpls_need(rq->views->tmpls, name, &why) : NULL;
	json_t *w;
	size_t n;

	if (t == NULL)
		return NULL;
	w = mem_pack(rq->mem, "{s:s, s:s, s:s, s:O}", "name", f->name, "id", f->name, "label",
		input_label(rq->mem, f), "site", rq->views->site);
	if (f->hint != NULL)
		json_object_set_new(w, "hint", json_string(f->hint));
	bounds(f, w);
	typing(f, w);
	holds(rq, f, value_of(rq, taken, f, result), w);
	errors_of(rq, f, w);
	return tmpl_render(rq->mem, t, w, &n);
}

/* "Username has already been taken", or the sentence of an error that belongs to no field. */
static const char *
line_of(struct req *rq, const struct route *taken, const struct flaw *flaw)
{
	const char *sentence = view_sentence(flaw->err), *name = flaw->key;
	char text[160];

	if (sentence != NULL)
		return sentence;
	for (const struct field *f = taken->input; f != NULL && f->name != NULL; f++)
		if (strcmp(f->name, flaw->key) == 0)
			name = input_label(rq->mem, f);
	return mem_print(rq->mem, "%s %s", name, err_text(flaw, text, sizeof text));
}

/* The query that takes `next` to the other form: whoever has an account already, or none yet. */
static const char *
next_of(struct req *rq, json_t *next)
{
	const char *text = json_string_value(next);

	return text != NULL ? mem_print(rq->mem, "?next=%s", text_escape(rq->mem, text)) : "";
}

json_t *
view_form(struct req *rq, const struct route *taken, json_t *result)
{
	json_t *form = mem_pack(rq->mem, "{s:s}", "actionUrl", text_url(rq->mem, rq->http.path));
	json_t *lines = mem_json(rq->mem, json_array());
	const char *all = "";

	for (const struct field *f = taken->input; f != NULL && f->name != NULL; f++) {
		const char *html = widget(rq, taken, f, result);

		if (html == NULL)
			continue;
		if (f->type == IS_NEXT)
			json_object_set_new(form, "nextUrl",
				json_string(next_of(rq, value_of(rq, taken, f, result))));
		json_object_set_new(form, mem_print(rq->mem, "%sHtml", f->name), json_string(html));
		all = mem_print(rq->mem, "%s%s", all, html);
	}
	json_object_set_new(form, "allHtml", json_string(all));
	for (size_t i = 0; i < rq->fault.count; i++)
		json_array_append_new(lines, json_string(line_of(rq, taken, &rq->fault.flaws[i])));
	if (rq->fault.count > 0) {
		json_object_set(form, "errors", lines);
		json_object_set_new(form, "invalid", json_true());
	}
	if (err_first(&rq->fault) == ERR_CHANGED)
		json_object_set_new(form, "changed", json_true());
	return form;
}
