/* SPDX-License-Identifier: ISC */
#pragma once

/* What the files of view share. */

#include "route.h"
#include "tmpl.h"

/* All that pages need and that does not change from request to request. */
struct views {
	struct mem *mem; /* of all this */
	struct tmpls *tmpls;
	json_t *site;    /* what each page is told of the site */
	const char *css; /* the line of style in each page */
	const char *csp; /* Content-Security-Policy */
	bool images;     /* whether pictures of other sites are shown */
};

/* A body of JSON; a file to keep if the row says so. */
void view_body(struct req *rq, json_t *json, struct http_response *rs);

/* The row that shows the page of `r`, and the one that takes its form; NULL if there is none. */
const struct route *view_shown(const struct program *p, const struct route *r);
const struct route *view_taken(const struct program *p, const struct route *r);

/* The answer to a request for a page: a page, a form shown again, an error page, or another place
 * to go to. */
void view_page(struct req *rq, json_t *result, struct http_response *rs);

/*
 * What a page is told of the form that `taken` takes: {actionUrl, errors and invalid if there are
 * some, NAMEHtml…, allHtml; nextUrl: the query "?next=…" if there is one}.
 * Values are those that came with the form, else those of `result` under the row's envelope, else
 * of the input.
 */
json_t *view_form(struct req *rq, const struct route *taken, json_t *result);

/* The widget of a field, "widgets/NAME.html" in `m`; NULL for what no form can hold. */
const char *view_widget(struct mem *m, const struct field *f);

/* The sentence for an error that belongs to no field; NULL: its key and text must do. */
const char *view_sentence(enum err e);

/* The text of a flash message "category.key", and its category in `m`; NULL if it is none of ours.
 */
const char *view_flash(struct mem *m, const char *key, const char **category);

/* Title and text of the error page of a status, for an error if it has a page of its own. */
const char *view_title(int status, enum err e, const char **text);

/*
 * Beside what anywhere in `result` has an address of its own, that address: for `username` and
 * `image` profileUrl and imageUrl (the default one if pictures of other sites are not shown, and
 * this is one), for `slug` articleUrl and editorUrl, for `tagList` tags: [{name, tagUrl}]. Only
 * names ending in Url may stand in links of templates. Beside createdAt and updatedAt createdTime
 * and updatedTime, the same moment in the site's time zone, and createdDay and updatedDay, as
 * people say it.
 */
void view_links(struct mem *m, json_t *result, bool images);
