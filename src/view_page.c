/* SPDX-License-Identifier: ISC */
/*
 * view_page: the answer to a browser: a page, a form shown again with its errors, an error page, or
 * another place to go to. Owns what every page is told and the headers that only pages have; which
 * templates there are is view_site.c's, what a form holds is view_form.c's.
 */
#include "browser.h"
#include "guard.h"
#include "json.h"
#include "text.h"
#include "view.h"
#include "view_parts.h"

#include <string.h>

const struct route *
view_shown(const struct program *p, const struct route *r)
{
	if (r == NULL || r->page == NULL)
		return NULL;
	for (const struct route *s = p->routes; s->method != 0; s++)
		if (s->html != NULL && s->page != NULL && strcmp(s->page, r->page) == 0)
			return s;
	return NULL;
}

const struct route *
view_taken(const struct program *p, const struct route *r)
{
	for (const struct route *s = p->routes; r != NULL && s->method != 0; s++)
		if (s->method == POST && s->page != NULL && strcmp(s->page, r->page) == 0)
			return s;
	return NULL;
}

/* Errors of a token, on a page: nobody is logged in, or not any more. */
static bool
wants_login(enum err e)
{
	return e == ERR_TOKEN_MISSING || e == ERR_TOKEN_REVOKED;
}

const struct route *
view_again(const struct req *rq)
{
	enum err e = err_first(&rq->fault);

	if (rq->match.api || rq->views == NULL || http_safe(rq->http.method) ||
		rq->http.wrong != ERR_NONE || e == ERR_NONE || e == ERR_INTERNAL || wants_login(e))
		return NULL;
	return view_shown(rq->program, rq->match.route);
}

/* An API's 409, and its 403 for a password that is wanted, are errors of a field here. */
static int
status_of(enum err e)
{
	int status = err_status(e);

	return status == 409 || e == ERR_CURRENT_NEEDED || e == ERR_CURRENT_WRONG ? 422 : status;
}

static json_t *
me(struct req *rq)
{
	json_t *viewer = rq->browser.viewer;
	json_t *row = mem_pack(rq->mem, "{s:s, s:s, s:O?}", "username",
		row_text(viewer, "username"), "role", row_text(viewer, "role"), "image",
		json_object_get(viewer, "image"));

	if (strcmp(row_text(viewer, "role"), "admin") == 0)
		json_object_set_new(row, "admin", json_true());
	view_links(rq->mem, row, rq->views->images);
	if (guard_publish(rq))
		json_object_set_new(row, "publishes", json_true());
	return row;
}

/* What every page is told, beside its own `result`. */
static json_t *
data_of(struct req *rq, json_t *result, const struct route *taken)
{
	json_t *data = mem_json(rq->mem, json_object());
	/* A HEAD shows nothing, so the message stays for the page. */
	const char *key = rq->http.method != HEAD ? browser_flashed(rq) : NULL, *category, *text;

	json_object_update(data, result);
	view_links(rq->mem, data, rq->views->images);
	json_object_set(data, "site", rq->views->site);
	if (rq->browser.viewer != NULL)
		json_object_set(data, "me", me(rq));
	else if (rq->browser.known)
		json_object_set_new(data, "guest", json_true());
	if (key != NULL && (text = view_flash(rq->mem, key, &category)) != NULL)
		json_object_set(data, "flash",
			mem_pack(rq->mem, "[{s:s, s:s}]", "category", category, "text", text));
	if (rq->browser.viewer != NULL || taken != NULL)
		json_object_set_new(data, "csrf_token", json_string(browser_token(rq)));
	if (taken != NULL)
		json_object_set(data, "form", view_form(rq, taken, result));
	return data;
}

static void
render(struct req *rq, const char *html, json_t *data, struct http_response *rs)
{
	const char *why;
	const struct tmpl *t =
		tmpls_need(rq->views->tmpls, mem_print(rq->mem, "%s.html", html), &why);

	if (t == NULL)
		mem_abort("a page whose template was not read at start");
	rs->body = tmpl_render(rq->mem, t, data, &rs->length);
	http_header(rs, "Content-Type", "text/html; charset=utf-8");
	http_header(rs, "Content-Security-Policy", rq->views->csp);
	http_header(rs, "Referrer-Policy", "same-origin");
}

static json_t *
error_of(struct mem *m, int status, enum err e, const char *request)
{
	const char *text, *title = view_title(status, e, &text);

	return mem_pack(m, "{s:{s:i, s:s, s:s, s:s?}}", "error", "status", status, "title", title,
		"text", text, "requestId", request);
}

static void
error_page(struct req *rq, struct http_response *rs)
{
	enum err e = err_first(&rq->fault);

	rs->status = err_status(e);
	render(rq, "error", data_of(rq, error_of(rq->mem, rs->status, e, rq->http.id), NULL), rs);
}

static void
redirect(struct http_response *rs, const char *location)
{
	rs->status = 303;
	http_header(rs, "Location", location);
}

/* To the login, and afterwards to the page that was asked for, if the login would take its address:
 * the headers of an answer have bounds. */
static void
to_login(struct req *rq, struct http_response *rs)
{
	const char *next = text_url(rq->mem, rq->http.path);

	if (http_safe(rq->http.method) && *rq->http.query != '\0' &&
		strstr(rq->http.query, "token=") == NULL) /* a secret goes no further */
		next = mem_print(rq->mem, "%s?%s", next, rq->http.query);
	browser_flash(rq, "info.sign-in");
	if (!(rq->match.allow & GET) || !input_local(next))
		redirect(rs, "/login");
	else
		redirect(rs, mem_print(rq->mem, "/login?next=%s", text_escape(rq->mem, next)));
}

static void
cookies(struct req *rq, struct http_response *rs)
{
	if (rq->browser.ended && rq->out.set[BROWSER_SESSION] == NULL)
		browser_end(rq);
	for (size_t i = 0; i < BROWSER_COOKIES; i++)
		if (rq->out.set[i] != NULL)
			http_header(rs, "Set-Cookie", rq->out.set[i]);
}

void
view_page(struct req *rq, json_t *result, struct http_response *rs)
{
	enum err e = err_first(&rq->fault);
	const struct route *shown = view_shown(rq->program, rq->match.route);

	if (wants_login(e)) {
		to_login(rq, rs);
	} else if (e == ERR_NONE && rq->out.location != NULL) {
		redirect(rs, rq->out.location);
	} else if (e == ERR_NONE && rq->out.file != NULL) {
		rs->status = rq->match.route->status;
		view_body(rq, result, rs);
	} else if (shown == NULL || (e != ERR_NONE && rq->shown == NULL)) {
		error_page(rq, rs);
	} else {
		rs->status = e != ERR_NONE ? status_of(e) : shown->status;
		render(rq, shown->html,
			data_of(rq, e != ERR_NONE ? rq->shown : result,
				view_taken(rq->program, shown)),
			rs);
	}
	http_header(rs, "Vary", "Cookie");
	cookies(rq, rs);
}

const char *
view_still(struct views *views, struct mem *m, const char *name, json_t *data, size_t *length,
	const char **why)
{
	const struct tmpl *t = tmpls_need(views->tmpls, name, why);

	json_object_set(data, "site", views->site);
	return t != NULL ? tmpl_render(m, t, data, length) : NULL;
}

const char *
view_static(struct views *views, struct mem *m, int status, size_t *length)
{
	const char *why; /* views_open has read it */

	return view_still(
		views, m, "error.html", error_of(m, status, ERR_NONE, NULL), length, &why);
}
