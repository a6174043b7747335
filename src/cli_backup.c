/* SPDX-License-Identifier: ISC */
/*
 * cli_backup: postern backup: all of a site in one file that its owner alone may read. Owns what
 * belongs into it (cli_backup.h). The database is that of one moment (--single-transaction), and
 * passes through in pieces.
 */
#include "cli_backup.h"

#include "cli_child.h"
#include "cli_migrate.h"
#include "conf_place.h"
#include "fd.h"
#include "json.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const struct part backup_parts[] = {
	{ "token.keys", offsetof(struct conf, token_keys), 0400, "credentials" },
	{ "token.refresh_key", offsetof(struct conf, token_refresh_key), 0400, "credentials" },
	{ "token.share_key", offsetof(struct conf, token_share_key), 0400, "content" },
	{ "token.public_keys", offsetof(struct conf, token_public_keys), 0444, NULL },
	{ 0 },
};

const char *
backup_place(const struct conf *conf, const struct part *part)
{
	const void *setting = (const char *)conf + part->at;

	return *(const char *const *)setting;
}

/* Where the text goes, and its digest so far. */
struct sink {
	int fd;
	struct text_hash *hash;
};

static bool
put(struct sink *to, const char *bytes, size_t length)
{
	text_hash_add(to->hash, bytes, length);
	return fd_write(to->fd, bytes, length) ||
		cli_fail("the backup cannot be written: %s", strerror(errno)) == 0;
}

/* A file's text as a member; one that is not there is left out. False with a line on standard
 * error. */
static bool
take(struct cli *c, json_t *parts, const char *name, const char *path)
{
	size_t length = 0;
	char *text = cli_read(c->mem, path, &length);

	if (text == NULL && errno == ENOENT)
		return true;
	if (text == NULL)
		return cli_fail("%s: %s", path, strerror(errno)) == 0;
	if (json_object_set_new(parts, name, json_stringn(text, length)) != 0)
		return cli_fail("%s: is no text in UTF-8", path) == 0;
	return true;
}

/* Keys, secrets and settings by name; NULL with a line on standard error. */
static json_t *
collect(struct cli *c)
{
	json_t *parts = mem_json(c->mem, json_object());
	char path[PATH_MAX], folder[PATH_MAX];

	json_object_set_new(parts, "mail.key", json_string(conf_load("mail")->mail_key));
	json_object_set_new(parts, "mail.password", json_string(conf_load("mail")->mail_password));
	cli_open(c, "owner");
	conf_place(path, folder);
	if (!take(c, parts, "postern.conf", path))
		return NULL;
	for (const struct part *p = backup_parts; p->name != NULL; p++)
		if (!take(c, parts, p->name, backup_place(c->conf, p)))
			return NULL;
	return parts;
}

static bool
put_head(struct cli *c, struct sink *to, json_t *parts)
{
	struct steps all = { 0 };
	time_t now = time(NULL);
	char made[32], *line;
	struct tm tm;
	bool good;

	if (!steps_find(c, &all))
		return false;
	(void)strftime(made, sizeof made, "%FT%TZ", gmtime_r(&now, &tm));
	line = json_dumps(mem_pack(c->mem, "{s:s, s:s, s:I, s:O}", "made", made, "version",
				  POSTERN_VERSION, "steps", (json_int_t)all.count, "parts", parts),
		JSON_COMPACT);
	if (line == NULL)
		mem_abort("out of memory");
	good = put(to, BACKUP_MARK, sizeof BACKUP_MARK - 1) && put(to, line, strlen(line)) &&
		put(to, "\n", 1);
	explicit_bzero(line, strlen(line));
	free(line);
	return good;
}

/* What the accounts of this server were given (schema_grants) is true of no other. Where the server
 * writes a binary log, a comment says where it stood at this moment. */
static bool
start_dump(struct cli *c, struct child *dump, int out)
{
	const char *words[CHILD_WORDS] = { 0 };
	json_t *log = db_row(c->db, "SELECT IF(@@log_bin, 'on', NULL) AS log", NULL);
	size_t n = child_database(c, "mariadb-dump", words);
	bool started;

	if (log == NULL)
		return cli_fault(c) == 0;
	words[n++] = "--single-transaction";
	words[n++] = "--quick";
	words[n++] = "--no-tablespaces";
	words[n++] = "--skip-comments";
	if (row_text(log, "log") != NULL)
		words[n++] = "--master-data=2";
	words[n++] =
		mem_print(c->mem, "--ignore-table-data=%s.schema_grants", c->conf->database_name);
	words[n++] = "--";
	words[n++] = c->conf->database_name;
	started = child_start(dump, words, STDIN_FILENO, out, "mariadb-client");
	child_database_done();
	return started;
}

static bool
put_dump(struct cli *c, struct sink *to)
{
	struct child dump = { 0 };
	char piece[BACKUP_PIECE];
	int ends[2];
	bool good;
	ssize_t n;

	if (!child_pipe(ends))
		return false;
	good = start_dump(c, &dump, ends[1]);
	close(ends[1]);
	while (good && (n = read(ends[0], piece, sizeof piece)) != 0)
		good = n > 0 ? put(to, piece, (size_t)n) : errno == EINTR;
	close(ends[0]);
	return child_end(&dump) && good;
}

static bool
put_all(struct cli *c, json_t *parts, int fd)
{
	struct sink to = { fd, text_hash_new(c->mem) };
	char digest[TEXT_DIGEST_SIZE];
	const char *last;

	if (!put_head(c, &to, parts) || !put_dump(c, &to))
		return false;
	text_hash_end(to.hash, digest);
	to.hash = text_hash_new(c->mem);
	last = mem_print(c->mem, BACKUP_END "%s\n", digest);
	return put(&to, last, strlen(last));
}

/* The same through age(1): `key` is a recipient, or a file of them. */
static bool
put_encrypted(struct cli *c, json_t *parts, int fd, const char *key)
{
	const char *const words[] = { "age", access(key, R_OK) == 0 ? "-R" : "-r", key, NULL };
	struct child age = { 0 };
	int ends[2];
	bool good;

	if (!child_pipe(ends))
		return false;
	good = child_start(&age, words, ends[0], fd, "age");
	close(ends[0]);
	good = good && put_all(c, parts, ends[1]);
	close(ends[1]);
	return child_end(&age) && good;
}

int
cli_backup(struct cli *c)
{
	const char *key = cli_option(c, "--to"), *path = c->argc == 1 ? c->argv[0] : "-", *draft;
	json_t *parts;
	bool good;
	int fd;

	if (*path == '-')
		return cli_fail("usage: postern backup FILE [--to AGE-KEY]");
	if ((parts = collect(c)) == NULL)
		return 1;
	draft = mem_print(c->mem, "%s.new", path);
	unlink(draft);
	if ((fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0)
		return cli_fail("%s: %s", draft, strerror(errno));
	good = key != NULL ? put_encrypted(c, parts, fd, key) : put_all(c, parts, fd);
	good = good && fsync(fd) == 0;
	if (close(fd) == 0 && good && rename(draft, path) == 0)
		return 0;
	unlink(draft);
	return cli_fail("no backup was made");
}
