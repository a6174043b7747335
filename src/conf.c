/* SPDX-License-Identifier: ISC */
/*
 * conf: the settings, read and checked. Owns who may set what where; their names, defaults and help
 * are rows of conf_table.c, their use is other modules' business. Files are INI, read by libinih:
 * a line holds at most 198 bytes, a longer text goes on in indented lines below it, and " ;" begins
 * a comment.
 */
#include "conf.h"

#include "conf_place.h"
#include "conf_table.h"
#include "conf_value.h"
#include "log.h"
#include "mem.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* One file being read. */
struct source {
	struct conf *conf;
	const char *path;
	FILE *file;
	int line;                /* its number */
	bool indented;           /* it goes on with the value above it */
	bool secret;             /* a class file */
	bool only_account;       /* for conf_account: leave all but database.user and .password */
	bool seen[SETTINGS_MAX]; /* by this file */
	const char *why;         /* the first thing wrong */
};

static char folder[PATH_MAX]; /* of postern.conf */

static const struct setting *
find(const char *name)
{
	for (const struct setting *s = settings; s->name != NULL; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

/* The rules of who may set what where. Returns NULL or what is wrong. */
static const char *
allowed(const struct setting *s, bool secret)
{
	const char *test = getenv("POSTERN_TEST");

	if (s == NULL)
		return "is not a setting (see: postern config)";
	if (s->flag == SECRET && !secret)
		return "is a secret: it belongs in the file of its class, such as credentials.conf";
	if (s->flag == TESTING && (test == NULL || strcmp(test, "1") != 0))
		return "is for tests alone (POSTERN_TEST=1)";
	return NULL;
}

/* inih's reader. It takes the rest of a line over 198 bytes for another line: that must not be. */
static char *
read_line(char *line, int size, void *user)
{
	struct source *src = user;

	if (fgets(line, size, src->file) == NULL)
		return NULL;
	src->line++;
	src->indented = *line == ' ' || *line == '\t';
	if (strchr(line, '\n') == NULL && !feof(src->file) && src->why == NULL)
		src->why = mem_print(conf_kept(),
			"line %d is longer than 198 bytes (go on in an indented line)", src->line);
	return line;
}

/* inih's callback: 1 = go on, 0 = error. */
static int
take(void *user, const char *section, const char *key, const char *value)
{
	struct source *src = user;
	const char *name = mem_print(conf_kept(), "%s.%s", section, key), *wrong;
	const struct setting *s = find(name);

	if (src->only_account && (s == NULL || strncmp(name, "database.", 9) != 0))
		return 1;
	wrong = allowed(s, src->secret);
	if (wrong == NULL && src->seen[s - settings]) {
		if (!src->indented || (s->type != TEXT_ && s->type != ORIGINS && s->type != NAMES))
			wrong = "is given twice";
		else
			value = mem_print(conf_kept(), "%s %s", conf_text(src->conf, s), value);
	}
	if (wrong == NULL)
		wrong = conf_assign(src->conf, s, folder, value);
	if (wrong == NULL)
		src->seen[s - settings] = true;
	else if (src->why == NULL)
		src->why = mem_print(conf_kept(), "%s %s", name, wrong);
	return wrong == NULL;
}

/* Read one file into the settings. False if it is not there; anything else wrong ends the program.
 */
static bool
read_file(struct source *src)
{
	struct stat st;
	int bad;

	if ((src->file = fopen(src->path, "re")) == NULL && errno == ENOENT)
		return false;
	if (src->file == NULL || fstat(fileno(src->file), &st) != 0)
		log_die("%s: cannot be read (%s)", src->path, strerror(errno));
	if (src->secret && (st.st_mode & 077) != 0)
		log_die("%s: holds secrets, so nobody else may read it: chmod 0400 %s", src->path,
			src->path);
	bad = ini_parse_stream(read_line, src, take, src);
	if (ferror(src->file))
		log_die("%s: cannot be read (%s)", src->path, strerror(errno));
	(void)fclose(src->file);
	if (src->why != NULL)
		log_die("%s: %s", src->path, src->why);
	if (bad != 0)
		log_die("%s: line %d is no setting and no [section]", src->path, bad);
	return true;
}

/* POSTERN_SECTION_NAME of the environment. */
static void
read_environment(struct conf *c)
{
	for (char **e = environ; *e != NULL; e++) {
		const char *equals = strchr(*e, '='), *wrong;
		const struct setting *s;
		char *name, *dot;

		if (strncmp(*e, "POSTERN_", 8) != 0 || equals == NULL ||
			strncmp(*e, "POSTERN_CONFIG=", 15) == 0 ||
			strncmp(*e, "POSTERN_TEST=", 13) == 0)
			continue;
		name = mem_copy(conf_kept(), *e + 8, (size_t)(equals - *e - 8));
		text_lower(name);
		if ((dot = strchr(name, '_')) != NULL)
			*dot = '.';
		s = find(name);
		if ((wrong = allowed(s, true)) != NULL ||
			(wrong = conf_assign(c, s, folder, equals + 1)) != NULL)
			log_die("environment %.*s: %s", (int)(equals - *e), *e, wrong);
	}
}

static const char *
class_file(const char *class)
{
	return mem_print(conf_kept(), "%s/%s.conf", folder, class);
}

const struct conf *
conf_load(const char *class)
{
	static struct conf c;
	char path[PATH_MAX] = "";
	struct source src = { .conf = &c, .path = path };

	conf_place(path, folder);
	for (const struct setting *s = settings; s->name != NULL; s++)
		if (s->flag != TESTING)
			conf_assign(&c, s, folder, setting_value(s));
	if (!read_file(&src))
		log_die("%s: is not there", path);
	src = (struct source){ .conf = &c, .path = class_file(class), .secret = true };
	read_file(&src);
	read_environment(&c);
	c.patient = strcmp(class, "owner") == 0;
	if (c.token_access >= c.token_user)
		log_die("%s: token.access must be shorter than token.user_days", path);
	if (c.cors_credentials && strcmp(c.cors_origins, "*") == 0)
		log_die("%s: cors.credentials must be off, or cors.origins name whom to trust",
			path);
	if (c.test_cost != 0)
		c.password_cost = c.test_cost;
	return &c;
}

bool
conf_account(const char *class, const char **user, const char **password)
{
	struct conf c = { .database_user = "", .database_password = "" };
	struct source src = {
		.conf = &c, .path = class_file(class), .secret = true, .only_account = true
	};

	if (!read_file(&src) || *c.database_user == '\0')
		return false;
	*user = c.database_user;
	*password = c.database_password;
	return true;
}

const char *
conf_issuer(const struct conf *c)
{
	static char first[1024];

	if (first[0] == '\0')
		snprintf(first, sizeof first, "%.*s", (int)strcspn(c->site_urls, " \t"),
			c->site_urls);
	return first;
}

long
conf_confirm(const struct conf *c)
{
	return c->site_registration == REGISTRATION_CONFIRM ? CONFIRM_REQUIRE : c->site_confirm;
}

bool
conf_print(const struct conf *c, const char *name, FILE *to)
{
	bool any = false;

	for (const struct setting *s = settings; s->name != NULL; s++) {
		if (name != NULL && strcmp(name, s->name) != 0)
			continue;
		fprintf(to, "# %s\n%s = ", setting_help(s), s->name);
		conf_show(c, s, to);
		any = true;
	}
	return any;
}
