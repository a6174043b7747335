/* SPDX-License-Identifier: ISC */
#pragma once

/* What the tests of pages share: templates that say what they were told, and requests for them. */

#include "child.h"
#include "json.h"
#include "view.h"
#include "view_parts.h"

#include <sys/stat.h>

static char folder[] = "/tmp/postern-view-XXXXXX";
static struct mem *m;
static struct views views;

static const char *const files[][2] = {
	{ "form.html",
		"{{site.name}}|{{shown}}|{{#me}}{{username}} {{imageUrl}}{{/me}}|"
		"{{#flash}}{{category}}:{{text}}{{/flash}}|{{#csrf_token}}token{{/csrf_token}}|"
		"{{#form}}{{actionUrl}}{{#errors}}({{.}}){{/errors}}{{/form}}" },
	{ "plain.html", "{{shown}}{{^csrf_token}} without a form{{/csrf_token}}" },
	{ "error.html",
		"{{error.status}} {{error.title}} [{{error.requestId}}]{{#me}} "
		"{{username}}{{/me}}{{#form}} form{{/form}}{{#flash}} {{text}}{{/flash}}" },
};
static const char *const widgets[] = { "text", "textarea", "number", "checkbox", "email", "tags",
	"date", "select", "password", "file", "color", "hidden", "own" };
static const char widget_text[] =
	"[{{name}} {{label}}{{#value}} ={{.}}{{/value}}{{#checked}} checked{{/checked}}"
	"{{#required}} required{{/required}}{{#min}} min{{.}}{{/min}}{{#max}} max{{.}}{{/max}}"
	"{{#minlength}} minlength{{.}}{{/minlength}}{{#maxlength}} maxlength{{.}}{{/maxlength}}"
	"{{#autocomplete}} {{.}}{{/autocomplete}}{{#autocapitalize}} capitalize-{{.}}"
	"{{/autocapitalize}}{{#inputmode}} mode-{{.}}{{/inputmode}}{{#pattern}} "
	"pattern{{/pattern}}"
	"{{#options}} {{id}}:{{value}}{{#selected}}*{{/selected}}{{/options}}"
	"{{#tags}} #{{.}}{{/tags}}{{#hint}} hint:{{.}}{{/hint}}{{#errors}} !{{.}}{{/errors}}"
	"{{#describedby}} by:{{.}}{{/describedby}}{{#invalid}} invalid{{/invalid}}]";

static inline int
put(const char *name, const char *text)
{
	FILE *f = fopen(mem_print(m, "%s/%s", folder, name), "w");

	return f == NULL || fputs(text, f) < 0 || fclose(f) != 0;
}

static inline int
up(void **state)
{
	const char *folders[] = { folder, NULL };
	int failed = mkdtemp(folder) == NULL;

	(void)state;
	m = mem_new();
	failed |= mkdir(mem_print(m, "%s/widgets", folder), 0700);
	for (size_t i = 0; i < COUNT(files); i++)
		failed |= put(files[i][0], files[i][1]);
	for (size_t i = 0; i < COUNT(widgets); i++)
		failed |= put(mem_print(m, "widgets/%s.html", widgets[i]), widget_text);
	views = (struct views){ .mem = m,
		.tmpls = tmpls_new(folders, false),
		.site = mem_pack(m, "{s:s}", "name", "Site"),
		.css = "",
		.csp = "default-src 'none'" };
	return failed;
}

static inline int
down(void **state)
{
	int failed = 0;

	(void)state;
	tmpls_free(views.tmpls);
	for (size_t i = 0; i < COUNT(files); i++)
		failed |= remove(mem_print(m, "%s/%s", folder, files[i][0]));
	for (size_t i = 0; i < COUNT(widgets); i++)
		failed |= remove(mem_print(m, "%s/widgets/%s.html", folder, widgets[i]));
	failed |= rmdir(mem_print(m, "%s/widgets", folder)) | rmdir(folder);
	mem_free(m);
	return failed;
}

static inline json_t *
nobody_runs_it(struct req *rq)
{
	return nothing(rq);
}

/* A request for the row of a page. */
static inline struct req
page_request(enum method method, const char *path, const struct program *p)
{
	static const struct conf conf = { .cookie_domain = "", .site_urls = "http://a" };
	struct req rq = { .mem = m,
		.conf = &conf,
		.program = p,
		.views = &views,
		.http = { .method = method,
			.id = "0a1b2c3d",
			.path = path,
			.query = "",
			.cookies = "",
			.origin = "http://a",
			.port = "80",
			.type = "",
			.body = "" } };

	route_find(&rq.match, m, p, NULL, method, path);
	return rq;
}

/* Give it a form as its body, read as far as input_text needs. */
static inline void
sends(struct req *rq, const char *form)
{
	struct fault fault = { 0 };

	rq->http.type = "application/x-www-form-urlencoded";
	rq->http.body = form;
	rq->http.length = strlen(form);
	rq->sent = input_open(m, &rq->http, NULL, NULL, 0, &fault);
	assert_non_null(rq->sent);
}
