/* SPDX-License-Identifier: ISC */
/*
 * cli_doctor_settings: the checks of what stands in files: settings, secrets, keys and error pages.
 * That they can be read is tried with the rights of those who must.
 */
#include "cli_doctor.h"
#include "json.h"
#include "jws.h"
#include "token_keys.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	MINUTE = 60,
	DAY = 86400
};

/* Whether the host of the first of site.urls is the domain of cookies or below it. */
static bool
cookie_fits(struct doctor *d)
{
	const char *domain = d->cli.conf->cookie_domain;
	const char *host = strstr(conf_issuer(d->cli.conf), "://") + 3;
	size_t n = strcspn(host, ":"), length = strlen(domain);

	return *domain == '\0' ||
		(n >= length && strncmp(host + n - length, domain, length) == 0 &&
			(n == length || host[n - length - 1] == '.'));
}

void
doctor_settings(struct doctor *d)
{
	const struct conf *conf = d->cli.conf;
	struct mem *m = d->cli.mem;
	struct stat st;
	bool good = true;

	if (strstr(conf->site_time_zone, "..") != NULL ||
		stat(mem_print(m, "/usr/share/zoneinfo/%s", conf->site_time_zone), &st) != 0 ||
		!S_ISREG(st.st_mode)) {
		doctor_bad(d,
			"site.time_zone must be a name such as Europe/Berlin, of the package tzdata");
		good = false;
	}
	if (*conf->site_templates != '\0' &&
		(stat(conf->site_templates, &st) != 0 || !S_ISDIR(st.st_mode))) {
		doctor_bad(d, "site.templates: %s is no folder: make it, or leave the setting out",
			conf->site_templates);
		good = false;
	}
	if (!cookie_fits(d)) {
		doctor_bad(d,
			"session.cookie_domain is not the host of site.urls or a domain above it, so "
			"browsers drop the cookie and nobody stays logged in: change one of them");
		good = false;
	}
	if (good)
		doctor_good(d, "%s/postern.conf, for %s", doctor_folder(d), conf_issuer(conf));
}

/* That they can be read and nobody else may, has been seen when the check began. */
void
doctor_secrets(struct doctor *d)
{
	const char *folder = doctor_folder(d);
	const char *path = mem_print(d->cli.mem, "%s/%s.conf", folder, d->class);
	const struct passwd *user = getpwnam(mem_print(d->cli.mem, "postern-%s", d->class));
	struct stat st;

	if (stat(path, &st) != 0)
		doctor_bad(d, "%s: %s: it names the database account of its programs (INSTALL.md)",
			path, strerror(errno));
	else if (strcmp(folder, "/etc/postern") == 0 && user != NULL && st.st_uid != user->pw_uid)
		doctor_bad(d, "%s belongs to somebody else than its programs: chown postern-%s %s",
			path, d->class, path);
	else
		doctor_good(d, "%s", path);
}

/* A file that nobody else may read. */
static bool
is_private(struct doctor *d, const char *path, const char *make)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		doctor_bad(d, "%s: %s (postern key %s makes %s)", path, strerror(errno), make,
			strcmp(make, "new") == 0 ? "keys" : "one");
		return false;
	}
	if ((st.st_mode & 077) != 0) {
		doctor_bad(d,
			"%s may be read by others: chmod 0400 %s, and think of new keys "
			"(postern key %s)",
			path, path, make);
		return false;
	}
	if (access(path, R_OK) != 0) {
		doctor_bad(d,
			"%s cannot be read by the programs of %s: chown it to the owner of "
			"%s.conf",
			path, d->class, d->class);
		return false;
	}
	return true;
}

/* When the key that signs was made, as the private file says; 0 if it does not. */
static time_t
made_at(struct doctor *d)
{
	const char *text = cli_read(d->cli.mem, d->cli.conf->token_keys, NULL);
	json_t *all = text != NULL ? json_loads(text, 0, NULL) : NULL;
	json_int_t at = json_integer_value(
		json_object_get(json_array_get(json_object_get(all, "keys"), 0), "iat"));

	json_decref(all);
	return (time_t)at;
}

/* Whether other programs know each key by its public half. */
static bool
public_fits(struct doctor *d, struct token_keys *private)
{
	const char *why;
	struct token_keys *public = token_keys_open(d->cli.conf, false, &why);
	json_t *key;
	size_t i;
	bool all = true;

	if (public == NULL) {
		doctor_bad(d, "%s", why);
		return false;
	}
	json_array_foreach(json_object_get(token_keys_public(private), "keys"), i, key)
	{
		all = all && jwks_find(token_keys_set(public), row_text(key, "kid")) != NULL;
	}
	token_keys_free(public);
	if (!all)
		doctor_bad(d,
			"%s lacks a key of %s, so other programs refuse its tokens: postern key new "
			"writes both anew",
			d->cli.conf->token_public_keys, d->cli.conf->token_keys);
	return all;
}

void
doctor_keys(struct doctor *d)
{
	const struct conf *conf = d->cli.conf;
	const char *why;
	struct token_keys *keys;
	const struct jwk *signer;

	if (!is_private(d, conf->token_keys, "new") ||
		!is_private(d, conf->token_refresh_key, "refresh"))
		return;
	if ((keys = token_keys_open(conf, true, &why)) == NULL) {
		doctor_bad(d, "%s", why);
		return;
	}
	signer = jwks_signer(token_keys_set(keys));
	if (!public_fits(d, keys))
		;
	else if (made_at(d) > time(NULL) + MINUTE)
		doctor_bad(d,
			"the key that signs was made in the future: the clock was, or is, wrong: set it, "
			"then postern key new");
	else
		doctor_good(d, "%s signs (%s), refresh tokens have their secret", jwk_kid(signer),
			jwk_alg(signer));
	token_keys_free(keys);
}

void
doctor_share_key(struct doctor *d)
{
	const char *path = d->cli.conf->token_share_key, *text, *why = "holds no private key";
	struct jwks *set;
	size_t length = 0;

	if (!d->cli.conf->features[FEATURE_FILES]) {
		doctor_good(d, "no links to files: features.files is off");
		return;
	}
	if (!is_private(d, path, "share"))
		return;
	text = cli_read(d->cli.mem, path, &length);
	set = text != NULL ? jwks_read(text, length, JWS_PRODUCTION, &why) : NULL;
	if (set != NULL && jwks_signer(set) != NULL)
		doctor_good(d, "links to files have theirs");
	else
		doctor_bad(d, "%s: %s: postern key share makes one", path, why);
	if (set != NULL)
		jwks_free(set);
}

/* A text of one folder as it would be in another: nginx.conf says where it is. */
static const char *
moved(struct mem *m, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	char real[PATH_MAX];

	if (at == NULL || realpath(to, real) == NULL)
		return text;
	return mem_print(m, "%.*s%s%s", (int)(at - text), text, real, at + strlen(from));
}

/* The first file of a folder that is not the same in another; NULL: all are. security.txt says when
 * it ends, and differs. */
static const char *
differs(struct doctor *d, const char *fresh, const char *old)
{
	struct mem *m = d->cli.mem;
	DIR *folder = opendir(fresh);
	const struct dirent *e;
	const char *found = NULL;

	while (folder != NULL && found == NULL && (e = readdir(folder)) != NULL) {
		const char *new = NULL, *was;

		if (e->d_name[0] == '.' || strcmp(e->d_name, "security.txt") == 0)
			continue;
		new = cli_read(m, mem_print(m, "%s/%s", fresh, e->d_name), NULL);
		was = cli_read(m, mem_print(m, "%s/%s", old, e->d_name), NULL);
		if (new != NULL && (was == NULL || strcmp(moved(m, new, fresh, old), was) != 0))
			found = mem_copy(m, e->d_name, strlen(e->d_name));
	}
	if (folder != NULL)
		closedir(folder);
	return found;
}

static void
remove_folder(struct mem *m, const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *e;

	while (folder != NULL && (e = readdir(folder)) != NULL)
		unlink(mem_print(m, "%s/%s", path, e->d_name));
	if (folder != NULL)
		closedir(folder);
	rmdir(path);
}

/* Whether security.txt is there as site.contact wants it, and holds for a while yet. */
static const char *
security_flaw(struct doctor *d, const char *folder)
{
	const char *text =
		cli_read(d->cli.mem, mem_print(d->cli.mem, "%s/security.txt", folder), NULL);
	const char *expires = text != NULL ? strstr(text, "Expires: ") : NULL;
	struct tm tm = { 0 };

	if (*d->cli.conf->site_contact == '\0')
		return text != NULL ? "security.txt is there though site.contact is empty" : NULL;
	if (expires == NULL || strptime(expires + 9, "%Y-%m-%dT", &tm) == NULL)
		return "security.txt is missing though site.contact is set";
	return timegm(&tm) < time(NULL) + DAY ? "security.txt ends" : NULL;
}

void
doctor_static(struct doctor *d)
{
	struct mem *m = d->cli.mem;
	char fresh[] = "/tmp/postern-doctor-XXXXXX", *words[] = { fresh };
	const char *folder = doctor_find(d, d->errors, "errors", "/var/lib/postern/errors"), *wrong;
	int status;

	if (folder == NULL)
		doctor_end(
			"there is no folder of error pages: postern static /var/lib/postern/errors "
			"makes it, or --errors names it");
	if (mkdtemp(fresh) == NULL)
		doctor_end("no folder can be made in /tmp: %s", strerror(errno));
	d->cli.argv = words;
	d->cli.argc = 1;
	status = cli_static(&d->cli);
	wrong = status == 0 ? differs(d, fresh, folder) : NULL;
	remove_folder(m, fresh);
	if (status != 0)
		exit(1); /* it has said why */
	if (wrong != NULL)
		doctor_bad(d,
			"%s/%s is not as the settings and templates are now: postern static %s, and "
			"let the web server read its settings again",
			folder, wrong, folder);
	else if ((wrong = security_flaw(d, folder)) != NULL)
		doctor_bad(d, "%s: postern static %s", wrong, folder);
	else
		doctor_good(d, "%s", folder);
}
