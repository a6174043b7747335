/* SPDX-License-Identifier: ISC */
/*
 * view_site: what pages need that does not change: the templates of a program's rows, what the
 * settings say of the site, the content security policy. Made once, at start.
 */
#include "conf_place.h"
#include "json.h"
#include "text.h"
#include "theme.h"
#include "view.h"
#include "view_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* "About https://example.org/about, Rules /rules" as [{label, linkUrl}]; NULL if it is not so. */
static json_t *
footer(struct mem *m, const char *setting)
{
	json_t *links = mem_json(m, json_array());

	for (const char *at = setting; *at != '\0'; at += *at == ',') {
		size_t n, label;

		at += strspn(at, " \t");
		for (n = strcspn(at, ","); n > 0 && at[n - 1] == ' '; n--)
			;
		for (label = n; label > 0 && at[label - 1] != ' '; label--)
			;
		if (label < 2 || label == n)
			return NULL;
		json_array_append(links,
			mem_pack(m, "{s:s#, s:s}", "label", at, (int)label - 1, "linkUrl",
				text_url(m, mem_copy(m, at + label, n - label))));
		at += strcspn(at, ",");
	}
	return links;
}

/* A mail address or a web address as a link; NULL if it is neither. */
static const char *
contact_url(struct mem *m, const char *contact)
{
	if (strncasecmp(contact, "https://", 8) == 0 || strncasecmp(contact, "http://", 7) == 0)
		return text_url(m, contact);
	if (strchr(contact, '@') == NULL || strpbrk(contact, ": /?") != NULL)
		return NULL;
	return text_url(m, mem_print(m, "mailto:%s", contact));
}

/* Scripts and styles of our own alone; pictures also from elsewhere, if they are wanted, or if the
 * logo is there; no frames, no plug-ins. The
 * one line of style in the page is known by its hash (CSP level 2, section 4.2.3). */
static const char *
policy(struct mem *m, const char *css, const char *sites, bool images)
{
	uint8_t digest[32];
	char hash[text_base64url_size(sizeof digest)];

	text_sha256(digest, css, strlen(css));
	text_base64url(hash, digest, sizeof digest);
	for (char *c = hash; *c != '\0'; c++)
		*c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
	return mem_print(m,
		"default-src 'none'; style-src 'self' 'sha256-%s='; script-src 'self'; "
		"img-src 'self'%s; connect-src 'self'; form-action 'self'%s%s; base-uri 'none'; "
		"frame-ancestors 'none'",
		hash, images ? " https:" : "", *sites != '\0' ? " " : "", sites);
}

/* What there is, for the links that lead there: each feature by its name, signup, and
 * confirm where a newcomer's address must be. */
static json_t *
features(struct mem *m, const struct conf *conf)
{
	bool closed = conf->site_registration & (REGISTRATION_CLOSED | REGISTRATION_INVITE);

	return mem_pack(m, "{s:b, s:b, s:b, s:b, s:b, s:b, s:b}", "api",
		(int)conf->features[FEATURE_API], "articles", (int)conf->features[FEATURE_ARTICLES],
		"comments", (int)conf->features[FEATURE_COMMENTS], "follow",
		(int)conf->features[FEATURE_FOLLOW], "files", (int)conf->features[FEATURE_FILES],
		"signup", !closed, "confirm", conf_confirm(conf) == CONFIRM_REQUIRE);
}

/* The largest picture that is taken, as people say it. */
static const char *
picture_most(struct mem *m, const struct conf *conf)
{
	long kilobytes = conf->limits_picture / 1024;

	return kilobytes % 1024 == 0 ? mem_print(m, "%ld MB", kilobytes / 1024)
				     : mem_print(m, "%ld KB", kilobytes);
}

/* Let this process tell time as in that zone. False if there is none of this name. */
static bool
zone(struct mem *m, const char *name)
{
	if (strcmp(name, "UTC") != 0 &&
		(*name == '/' || strstr(name, "..") != NULL ||
			access(mem_print(m, "/usr/share/zoneinfo/%s", name), R_OK) != 0))
		return false;
	if (setenv("TZ", mem_print(m, ":%s", name), 1) != 0)
		return false;
	tzset();
	return true;
}

/* What each page is told of the site. NULL with *why. */
static json_t *
site_of(struct views *v, const struct conf *conf, const char **why)
{
	struct mem *m = v->mem;
	json_t *links = footer(m, conf->site_footer);
	const char *contact;
	json_t *site = mem_pack(m, "{s:s, s:s, s:s, s:O, s:s}", "name", conf->site_name, "logoUrl",
		text_url(m, conf->site_logo), "themeCss", v->css, "features", features(m, conf),
		"pictureMost", picture_most(m, conf));

	if (*conf->site_time_zone == '\0' || !zone(m, conf->site_time_zone)) {
		*why = "site.time_zone must be a name such as Europe/Berlin, of the package tzdata";
		return NULL;
	}
	if (links == NULL) {
		*why = "site.footer must be of texts and addresses: About /about, Rules /rules";
		return NULL;
	}
	if (json_array_size(links) > 0)
		json_object_set(site, "footer", links);
	if (*conf->site_tagline != '\0')
		json_object_set_new(site, "tagline", json_string(conf->site_tagline));
	if (*conf->site_contact == '\0')
		return site;
	if ((contact = contact_url(m, conf->site_contact)) == NULL) {
		*why = "site.contact must be a mail address, or a web address with https:";
		return NULL;
	}
	json_object_set_new(site, "contact", json_string(conf->site_contact));
	json_object_set_new(site, "contactUrl", json_string(contact));
	return site;
}

/* Read the template of a page, and the widgets of its form. */
static bool
read_page(struct views *v, const struct program *p, const struct route *r, const char **why)
{
	const struct route *taken = view_taken(p, r);

	if (tmpls_need(v->tmpls, mem_print(v->mem, "%s.html", r->html), why) == NULL)
		return false;
	for (const struct field *f = taken != NULL ? taken->input : NULL;
		f != NULL && f->name != NULL; f++) {
		const char *widget = view_widget(v->mem, f);

		if (widget != NULL && tmpls_need(v->tmpls, widget, why) == NULL)
			return false;
	}
	return true;
}

static bool
read_pages(struct views *v, const struct program *p, const char **why)
{
	for (const struct route *r = p->routes; r->method != 0; r++)
		if (r->html != NULL && !read_page(v, p, r, why))
			return false;
	return tmpls_need(v->tmpls, "error.html", why) != NULL;
}

struct views *
views_open(const struct program *p, const struct conf *conf, const char **why)
{
	static char said[PATH_MAX + 256];
	char installed[PATH_MAX];
	const char *folders[] = { conf->site_templates, installed, NULL };
	struct views *v;
	struct mem *m;

	*why = NULL;
	if (!conf_near(installed, "templates")) {
		*why = "no folder templates beside or above the program, nor in share/postern there";
		return NULL;
	}
	if (*conf->site_templates != '\0' && access(conf->site_templates, R_OK | X_OK) != 0) {
		*why = "the folder of site.templates is not there, or cannot be read";
		return NULL;
	}
	m = mem_new();
	v = mem_get(m, sizeof *v);
	*v = (struct views){ .mem = m,
		.tmpls = tmpls_new(*conf->site_templates != '\0' ? folders : folders + 1, false) };
	v->css = theme_css(m, conf->site_accent);
	v->images = conf->site_external_images;
	v->csp = policy(m, v->css, conf->gate_sites, v->images || *conf->site_logo != '/');
	v->site = site_of(v, conf, why);
	if (v->site != NULL && read_pages(v, p, why))
		return v;
	snprintf(said, sizeof said, "%s", *why);
	*why = said;
	views_free(v);
	return NULL;
}

void
views_free(struct views *v)
{
	tmpls_free(v->tmpls);
	mem_free(v->mem);
}

const char *
view_contact(const struct views *v)
{
	return row_text(v->site, "contactUrl");
}

const char *
view_policy(const struct views *v)
{
	return v->csp;
}

json_t *
view_features(const struct views *v)
{
	return json_object_get(v->site, "features");
}
