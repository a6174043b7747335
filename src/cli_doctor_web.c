/* SPDX-License-Identifier: ISC */
/*
 * cli_doctor_web: the checks of the web server, asked as anybody would ask it: what arrives at the
 * programs, and what comes back. Knows no web server's settings but their names.
 */
#include "cli_doctor.h"

#include <stdlib.h>
#include <string.h>

static const char *
base(struct doctor *d)
{
	return d->url != NULL ? d->url : conf_issuer(d->cli.conf);
}

static const char *
at(struct doctor *d, const char *path)
{
	return mem_print(d->cli.mem, "%s%s", base(d), path);
}

static bool
is_https(struct doctor *d)
{
	return strncmp(base(d), "https://", 8) == 0;
}

void
doctor_ask(struct doctor *d, const struct ask *ask, struct answer *answer)
{
	ask_web(d->cli.mem, ask, answer);
	if (answer->why == NULL)
		return;
	if (strstr(answer->why, "SSL") != NULL || strstr(answer->why, "certificate") != NULL)
		doctor_end(
			"%s: %s: site.urls says https, so the web server must speak TLS there, with "
			"a certificate for that name (certbot makes one)",
			base(d), answer->why);
	doctor_end("%s: %s: is the web server running, and is that its address (site.urls, --url)?",
		base(d), answer->why);
}

static void
get(struct doctor *d, const char *path, struct answer *answer)
{
	doctor_ask(d, &(struct ask){ .url = at(d, path) }, answer);
}

void
doctor_address(struct doctor *d)
{
	struct answer answer;
	const char *to;

	get(d, "/api/health/ready", &answer);
	to = ask_header(d->cli.mem, &answer, "Location");
	if (answer.status == 200 && strstr(answer.body, "\"ready\"") != NULL)
		doctor_good(d, "%s is this site", base(d));
	else if (answer.status >= 300 && answer.status < 400 && to != NULL)
		doctor_bad(d,
			"%s leads elsewhere, to %.*s: site.urls must begin with the address that "
			"answers",
			base(d), (int)strcspn(to, "?"), to);
	else if (answer.status == 400 && !is_https(d))
		doctor_bad(d,
			"%s answers 400: if it speaks TLS there, site.urls must begin with https://",
			base(d));
	else if (answer.status >= 500)
		doctor_bad(d,
			"%s answers %d: the web server does not reach the programs, or they not the "
			"database: see sockets and account",
			base(d), answer.status);
	else
		doctor_bad(d,
			"%s answers %d and is not this site: site.urls or the server's name is wrong, "
			"or routes.conf is not included",
			base(d), answer.status);
}

void
doctor_authorization(struct doctor *d)
{
	struct answer answer;

	if (!d->cli.conf->features[FEATURE_API]) {
		doctor_good(d, "nothing to see, features.api is off");
		return;
	}
	doctor_ask(d,
		&(struct ask){
			.url = at(d, "/api/user"), .headers = { "Authorization: Token doctor" } },
		&answer);
	if (answer.status == 401 && strstr(answer.body, "is invalid") != NULL)
		doctor_good(d, "the header arrives");
	else if (answer.status == 401 && strstr(answer.body, "is missing") != NULL)
		doctor_bad(d,
			"the header Authorization does not arrive: CGIPassAuth On (Apache), no "
			"fastcgi_param HTTP_AUTHORIZATION or proxy_set_header of another (nginx)");
	else
		doctor_bad(d, "/api/user answers %d: is routes.conf included?", answer.status);
}

/* Announce a body and see whether the web server lets it come. */
static bool
takes(struct doctor *d, const char *method, const char *path, const char *setting, long bytes)
{
	struct answer answer;

	doctor_ask(d,
		&(struct ask){ .method = method,
			.url = at(d, path),
			.announced = bytes,
			.headers = { "Content-Type: application/octet-stream" } },
		&answer);
	if (answer.accepted || answer.status != 413)
		return true;
	doctor_bad(d,
		"%s: the web server refuses what %s allows, %ld bytes: raise client_max_body_size "
		"(nginx) or LimitRequestBody (Apache) there",
		path, setting, bytes);
	return false;
}

void
doctor_bodies(struct doctor *d)
{
	const struct conf *conf = d->cli.conf;
	bool good = takes(d, "POST", "/login", "limits.body", conf->limits_body);

	good = takes(d, "POST", "/settings/image", "limits.picture", conf->limits_picture) && good;
	if (conf->features[FEATURE_FILES])
		good = takes(d, "POST", "/files", "limits.file", conf->limits_file) && good;
	if (good)
		doctor_good(d, "the web server takes as much as the settings");
}

/* The attributes of the cookie that stands for a browser without a login. */
static bool
check_cookie(struct doctor *d, const char *cookie)
{
	if (is_https(d) && strstr(cookie, "; Secure") == NULL) {
		doctor_bad(d,
			"the programs do not hear that the site is asked by HTTPS, so cookies are not "
			"Secure: pass HTTPS on (fastcgi_param HTTPS $https; behind a proxy, "
			"fastcgi_param HTTPS on)");
		return false;
	}
	if (!is_https(d) && strstr(cookie, "; Secure") != NULL) {
		doctor_bad(d,
			"the programs take %s for HTTPS, so browsers keep no cookie: site.urls must begin "
			"with https://, or the web server must not say HTTPS",
			base(d));
		return false;
	}
	if (strstr(cookie, "; HttpOnly") == NULL || strstr(cookie, "; SameSite=Lax") == NULL ||
		strstr(cookie, "; Path=/") == NULL) {
		doctor_bad(d,
			"the web server changes cookies: they must arrive with HttpOnly, SameSite=Lax "
			"and Path=/");
		return false;
	}
	return true;
}

/* Send the form of the login back as it is: empty, which is refused as such; but not if the cookie
 * or the address of the page were not as they should be. */
static void
check_form(struct doctor *d, const struct answer *page, const char *cookie)
{
	static const char field[] = "name=\"csrf_token\" value=\"";
	struct mem *m = d->cli.mem;
	const char *token = strstr(page->body, field);
	struct answer answer;

	if (token == NULL)
		doctor_end("/login shows no form: is it this site's own (site.templates)?");
	token += strlen(field);
	doctor_ask(d,
		&(struct ask){ .method = "POST",
			.url = at(d, "/login"),
			.headers = { mem_print(
					     m, "Cookie: %.*s", (int)strcspn(cookie, ";"), cookie),
				mem_print(m, "Origin: %s", base(d)) },
			.body = mem_print(m, "csrf_token=%.*s&email=&password=",
				(int)strcspn(token, "\""), token) },
		&answer);
	if (answer.status == 403)
		doctor_bad(d,
			"forms of %s are refused: site.urls must name the address as browsers show it, "
			"and the web server pass cookies on",
			base(d));
	else if (answer.status != 422)
		doctor_bad(d, "an empty form of /login is answered by %d", answer.status);
	else
		doctor_good(d, "cookies and forms work");
}

void
doctor_login(struct doctor *d)
{
	struct answer answer;
	const char *cookie;

	get(d, "/login", &answer);
	cookie = ask_header(d->cli.mem, &answer, "Set-Cookie");
	if (answer.status != 200)
		doctor_bad(d, "/login answers %d: is routes.conf included?", answer.status);
	else if (cookie == NULL)
		doctor_bad(
			d, "/login sets no cookie: the web server must not take Set-Cookie away");
	else if (check_cookie(d, cookie))
		check_form(d, &answer, cookie);
}

/* A header that must be there once, and begin so. */
static bool
has(struct doctor *d, const char *path, const struct answer *answer, const char *name,
	const char *begin)
{
	const char *value = ask_header(d->cli.mem, answer, name);

	if (value == NULL)
		doctor_bad(
			d, "%s comes without %s: the web server must not take it away", path, name);
	else if (ask_headers(answer, name) > 1)
		doctor_bad(d, "%s comes with %s twice: the web server need not add it", path, name);
	else if (strncmp(value, begin, strlen(begin)) != 0)
		doctor_bad(d, "%s comes with another %s: the web server must not change it", path,
			name);
	else
		return true;
	return false;
}

void
doctor_headers(struct doctor *d)
{
	struct answer page, file;
	bool good;

	get(d, "/login", &page);
	get(d, "/static/style.css", &file);
	good = has(d, "/login", &page, "Content-Security-Policy", "default-src 'none'");
	good = has(d, "/login", &page, "X-Content-Type-Options", "nosniff") && good;
	good = has(d, "/login", &page, "Referrer-Policy", "same-origin") && good;
	good = has(d, "/login", &page, "Cache-Control", "no-store") && good;
	good = has(d, "/login", &page, "X-Request-ID", "") && good;
	if (is_https(d))
		good = has(d, "/login", &page, "Strict-Transport-Security", "max-age=") && good;
	if (file.status != 200) {
		doctor_bad(d,
			"/static/style.css answers %d: the web server must know the folder static/ "
			"($postern_share, POSTERN_SHARE)",
			file.status);
		return;
	}
	good = has(d, "/static/style.css", &file, "Content-Type", "text/css") && good;
	good = has(d, "/static/style.css", &file, "X-Content-Type-Options", "nosniff") && good;
	if (good)
		doctor_good(d, "each is there once");
}

/* A body that is too long is refused by the web server, if it has the same limit: by JSON. */
void
doctor_errors(struct doctor *d)
{
	long most = d->cli.conf->limits_body;
	struct answer json, page, login;
	const char *policy, *expected;

	doctor_ask(d,
		&(struct ask){
			.method = "POST", .url = at(d, "/api/login"), .announced = most + 1 },
		&json);
	doctor_ask(d,
		&(struct ask){ .method = "POST", .url = at(d, "/login"), .announced = most + 1 },
		&page);
	get(d, "/login", &login);
	if (json.accepted || page.accepted) {
		doctor_good(d,
			"the programs make all but a few of them: the web server lets longer "
			"bodies through than limits.body");
		return;
	}
	if (json.status != 413 || strstr(json.body, "\"errors\"") == NULL) {
		doctor_bad(d,
			"what the web server refuses under /api is answered by %d and is no JSON of ours: "
			"include errors.conf (nginx) or postern.conf (Apache)",
			json.status);
		return;
	}
	policy = ask_header(d->cli.mem, &page, "Content-Security-Policy");
	expected = ask_header(d->cli.mem, &login, "Content-Security-Policy");
	if (page.status != 413 || strstr(page.body, "</html>") == NULL)
		doctor_bad(d,
			"the web server does not show the pages that postern static makes: see "
			"$postern_errors (nginx) or POSTERN_ERRORS (Apache)");
	else if (policy == NULL || expected == NULL || strcmp(policy, expected) != 0)
		doctor_bad(d,
			"the web server's error pages have another Content-Security-Policy than the "
			"site: put the line of the file policy of postern static into $postern_csp "
			"(nginx) or POSTERN_CSP (Apache)");
	else
		doctor_good(d, "the web server shows ours");
}

/* Files that are nobody's business. */
void
doctor_hidden(struct doctor *d)
{
	static const char *const paths[] = { "/postern.conf", "/owner.conf", "/credentials.conf",
		"/mail.conf", "/keys/private.json", "/keys/refresh.key", "/.htaccess",
		"/sql/grants.sql", "/templates/login.html", "/bin/postern", "/var/postern.conf",
		"/var/owner.conf", "/static../postern.conf", "/static/../postern.conf",
		"/static/%2e%2e/postern.conf", "/static../sql/grants.sql" };
	bool good = true;

	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		struct answer answer;

		get(d, paths[i], &answer);
		if (answer.status != 200)
			continue;
		doctor_bad(d,
			"%s is handed out to everybody: the web server must serve static/ alone; change "
			"all secrets that were there",
			paths[i]);
		good = false;
	}
	if (good)
		doctor_good(d, "settings, keys and SQL are not handed out");
}
