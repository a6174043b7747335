/* SPDX-License-Identifier: ISC */
/*
 * cli_static: postern static FOLDER: what a web server shows without asking a program: the error
 * pages, the policy and the headers that go with them, security.txt (RFC 9116), what the API is
 * (openapi.json, and a page that says the same), and for nginx all that a `server` includes.
 */
#include "cli.h"
#include "cli_docs.h"
#include "conf_place.h"
#include "cors.h"
#include "json.h"
#include "view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	SECURITY_DAYS = 180 /* RFC 9116 section 2.5.5: less than a year */
};

/* One file, in one stroke. False with errno. */
static bool
put(struct cli *c, const char *folder, const char *name, const char *text, size_t length)
{
	const char *path = mem_print(c->mem, "%s/%s", folder, name);
	const char *draft = mem_print(c->mem, "%s.new", path);
	FILE *f = fopen(draft, "we");

	if (f == NULL)
		return false;
	if (fwrite(text, 1, length, f) != length || fchmod(fileno(f), 0644) != 0) {
		(void)fclose(f);
		return false;
	}
	return fclose(f) == 0 && rename(draft, path) == 0;
}

static bool
drop(struct cli *c, const char *folder, const char *name)
{
	return unlink(mem_print(c->mem, "%s/%s", folder, name)) == 0 || errno == ENOENT;
}

/* Whom to tell of a hole; no file if nobody is named. */
static bool
put_security(struct cli *c, const char *contact, const char *folder)
{
	const char *text;
	time_t end = time(NULL) + SECURITY_DAYS * 86400L;
	struct tm tm;
	char expires[32];

	if (contact == NULL)
		return drop(c, folder, "security.txt");
	(void)strftime(expires, sizeof expires, "%Y-%m-%dT00:00:00Z", gmtime_r(&end, &tm));
	text = mem_print(c->mem, "Contact: %s\nExpires: %s\n", contact, expires);
	return put(c, folder, "security.txt", text, strlen(text));
}

static bool
put_errors(struct cli *c, struct views *views, const char *folder)
{
	static const int statuses[] = { 403, 404, 405, 413, 429, 431, 500, 503 };

	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		size_t n;
		const char *html = view_static(views, c->mem, statuses[i], &n);

		if (!put(c, folder, mem_print(c->mem, "%d.html", statuses[i]), html, n))
			return false;
	}
	return true;
}

/* The rows that this site has; no files if the API is off, or was not installed. */
static bool
put_docs(struct cli *c, struct views *views, const char *folder)
{
	const char *text, *html, *why;
	json_t *document = NULL;
	size_t n, size;

	if (c->conf->features[FEATURE_API])
		document = docs_document(c->mem, conf_issuer(c->conf), view_features(views));
	if (document == NULL)
		return drop(c, folder, "openapi.json") && drop(c, folder, "docs.html");
	text = json_text(c->mem, document, &n);
	html = view_still(views, c->mem, "docs.html", docs_page(c->mem, document), &size, &why);
	if (html == NULL) {
		cli_fail("%s", why);
		errno = EINVAL;
		return false;
	}
	return put(c, folder, "openapi.json", text, n) && put(c, folder, "docs.html", html, size);
}

/* What stands in a `server` of nginx. Relative names are below /etc/nginx. */
static bool
put_nginx(struct cli *c, const char *folder, const char *policy)
{
	const char *own = c->conf->site_templates, *text;
	char share[PATH_MAX] = "", errors[PATH_MAX];

	if (conf_near(share, "static"))
		*strrchr(share, '/') = '\0';
	if (realpath(folder, errors) == NULL)
		return false;
	text = mem_print(c->mem,
		"# Made by postern static; a `server` includes it.\n"
		"client_max_body_size %ld;\n"
		"set $postern_own    \"%s\";\n"
		"set $postern_share  \"%s\";\n"
		"set $postern_errors \"%s\";\n"
		"set $postern_csp    \"%s\";\n"
		"include postern/fastcgi.conf;\n"
		"include postern/errors.conf;\n"
		"include postern/pages.conf;\n"
		"include postern/routes.conf;\n"
		"include postern/gate.conf;\n",
		c->conf->limits_body, *own != '\0' ? own : share, share, errors, policy);
	return put(c, folder, "nginx.conf", text, strlen(text));
}

int
cli_static(struct cli *c)
{
	static const struct route routes[] = {
		{ GET, NULL, "/", OPEN, NULL, NULL, NULL, nothing, 200, NULL }, { 0 }
	};
	const char *folder = c->argc == 1 ? c->argv[0] : NULL, *why, *policy, *maps;
	struct views *views;
	bool done;

	if (folder == NULL)
		return cli_fail("usage: postern static FOLDER");
	views = views_open(&(struct program){ "postern", "owner", routes }, c->conf, &why);
	if (views == NULL)
		return cli_fail("%s", why);
	policy = view_policy(views);
	maps = cors_maps(c->mem, cors_new(c->mem, c->conf));
	done = (mkdir(folder, 0755) == 0 || errno == EEXIST) && put_errors(c, views, folder) &&
		put(c, folder, "policy", policy, strlen(policy)) &&
		put(c, folder, "cors.conf", maps, strlen(maps)) && put_nginx(c, folder, policy) &&
		put_security(c, view_contact(views), folder) && put_docs(c, views, folder);
	if (!done)
		cli_fail("%s: cannot be written (%s)", folder, strerror(errno));
	views_free(views);
	return done ? 0 : 1;
}
