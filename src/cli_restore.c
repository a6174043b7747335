/* SPDX-License-Identifier: ISC */
/*
 * cli_restore: postern restore: a backup back into a database. It is read to its end before
 * anything is changed, so that what is cut off, damaged or under another key never begins. Of
 * MariaDB's accounts it knows nothing: they are this server's own.
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
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	HEAD_MAX = 16 << 20 /* bytes of the line with keys and settings */
};

static const char AGE[] = "age-encryption.org/";

/* What is restored. */
struct backup {
	const char *path, *key; /* `key` of age(1), or NULL */
	int fd;
	json_t *about;
	struct text_hash *hash;
	char log[64]; /* the file of the binary log that was being written, "" if there is none */
	unsigned long long position;
};

/* The bytes as they were written; a child that decrypts goes to `age`. NULL with a line on standard
 * error. */
static FILE *
plain_text(struct backup *b, struct child *age)
{
	char start[sizeof AGE] = "";
	const char *const words[] = { "age", "-d", "-i", b->key, NULL };
	bool encrypted = pread(b->fd, start, sizeof AGE - 1, 0) > 0 && strcmp(start, AGE) == 0;
	int ends[2];

	if (lseek(b->fd, 0, SEEK_SET) < 0)
		return cli_fail("%s: %s", b->path, strerror(errno)), NULL;
	if (!encrypted)
		return fdopen(dup(b->fd), "re");
	if (b->key == NULL)
		return cli_fail("%s is encrypted: --key FILE names the key of age", b->path), NULL;
	if (!child_pipe(ends))
		return NULL;
	if (!child_start(age, words, b->fd, ends[1], "age")) {
		close(ends[0]);
		close(ends[1]);
		return NULL;
	}
	close(ends[1]);
	return fdopen(ends[0], "re");
}

/* The lines before the dump. False if they are none. */
static bool
read_head(struct cli *c, struct backup *b, FILE *from)
{
	char *line = mem_get(c->mem, HEAD_MAX);
	size_t n = sizeof BACKUP_MARK - 1;
	int ch;

	if (fread(line, 1, n, from) != n || memcmp(line, BACKUP_MARK, n) != 0)
		return false;
	text_hash_add(b->hash, line, n);
	for (n = 0; n < HEAD_MAX && (ch = getc(from)) != EOF && ch != '\n'; n++)
		line[n] = (char)ch;
	if (n == HEAD_MAX || ch == EOF)
		return false;
	text_hash_add(b->hash, line, n);
	text_hash_add(b->hash, "\n", 1);
	b->about = json_loadb(line, n, JSON_REJECT_DUPLICATES, NULL);
	return b->about != NULL && json_is_object(mem_json(c->mem, b->about)) &&
		json_is_object(json_object_get(b->about, "parts"));
}

/* Where the binary log stood: a comment of mariadb-dump, in the first lines. */
static void
read_position(struct backup *b, const char *bytes, size_t n)
{
	static const char mark[] = "\n-- CHANGE MASTER TO MASTER_LOG_FILE='";
	static const char next[] = "', MASTER_LOG_POS=";
	const char *at = memmem(bytes, n, mark, sizeof mark - 1), *comma;

	if (at == NULL)
		return;
	at += sizeof mark - 1;
	comma = memmem(at, (size_t)(bytes + n - at), next, sizeof next - 1);
	if (comma == NULL || (size_t)(comma - at) >= sizeof b->log ||
		memchr(comma, ';', (size_t)(bytes + n - comma)) == NULL)
		return;
	memcpy(b->log, at, (size_t)(comma - at));
	b->position = strtoull(comma + sizeof next - 1, NULL, 10);
}

/* The dump, to `to` unless that is -1, and whether all is as its last line says. */
static bool
read_dump(struct backup *b, FILE *from, int to)
{
	char bytes[BACKUP_PIECE + BACKUP_LAST], digest[TEXT_DIGEST_SIZE];
	size_t n = 0, got;

	while ((got = fread(bytes + n, 1, BACKUP_PIECE, from)) > 0) {
		if (n == 0)
			read_position(b, bytes, got);
		n += got;
		if (n <= BACKUP_LAST)
			continue;
		got = n - BACKUP_LAST;
		text_hash_add(b->hash, bytes, got);
		if (to >= 0 && !fd_write(to, bytes, got))
			return false;
		memmove(bytes, bytes + got, n = BACKUP_LAST);
	}
	text_hash_end(b->hash, digest);
	return n == BACKUP_LAST && memcmp(bytes, BACKUP_END, sizeof BACKUP_END - 1) == 0 &&
		memcmp(bytes + sizeof BACKUP_END - 1, digest, 64) == 0 && bytes[n - 1] == '\n';
}

/* Read all of it, the dump to `to` unless that is -1. False with a line on standard error. */
static bool
read_all(struct cli *c, struct backup *b, int to)
{
	struct child age = { 0 };
	FILE *from = plain_text(b, &age);
	bool encrypted = age.name != NULL, good;

	if (from == NULL)
		return false;
	b->hash = text_hash_new(c->mem);
	good = read_head(c, b, from) && read_dump(b, from, to);
	(void)fclose(from);
	if (!child_end(&age))
		good = false;
	return good ||
		cli_fail(encrypted ? "%s is damaged, cut off, or for another key"
				   : "%s is no backup of Postern, or damaged, or cut off",
			b->path) == 0;
}

/* What must not be is found before anything is changed. False with a line on standard error. */
static bool
may_begin(struct cli *c, struct backup *b, bool replace)
{
	struct steps all = { 0 };
	json_t *row;

	if (!steps_find(c, &all))
		return false;
	if ((size_t)row_number(b->about, "steps") > all.count)
		return cli_fail("%s was made by a newer Postern (%s); this is %s", b->path,
			       row_text(b->about, "version"), POSTERN_VERSION) == 0;
	row = db_row(c->db,
		"SELECT COUNT(*) AS n FROM information_schema.tables WHERE table_schema = DATABASE()",
		NULL);
	if (row == NULL)
		return cli_fault(c) == 0;
	return replace || row_number(row, "n") == 0 ||
		cli_fail("the database is not empty; --replace removes all that is in it first") ==
		0;
}

/* The first statements: every table goes. False with an error noted, or none written. */
static bool
put_end(struct cli *c, int to)
{
	json_t *rows = db_rows(c->db,
		"SELECT table_name AS name FROM information_schema.tables"
		" WHERE table_schema = DATABASE()",
		NULL);
	json_t *row;
	size_t i;

	if (rows == NULL || dprintf(to, "SET FOREIGN_KEY_CHECKS = 0;\n") < 0)
		return false;
	json_array_foreach(rows, i, row)
	{
		if (dprintf(to, "DROP TABLE `%s`;\n", row_text(row, "name")) < 0)
			return false;
	}
	return true;
}

static bool
load(struct cli *c, struct backup *b)
{
	const char *words[CHILD_WORDS] = { 0 };
	size_t n = child_database(c, "mariadb", words);
	struct child client = { 0 };
	int ends[2];
	bool good;

	words[n++] = "--batch";
	words[n++] = "--binary-mode"; /* and so without the client's own commands */
	words[n++] = mem_print(c->mem, "--database=%s", c->conf->database_name);
	if (!child_pipe(ends))
		return false;
	good = child_start(&client, words, ends[0], STDOUT_FILENO, "mariadb-client-core");
	child_database_done();
	close(ends[0]);
	good = good && put_end(c, ends[1]) && read_all(c, b, ends[1]);
	close(ends[1]);
	return child_end(&client) && good;
}

/* A line of a class file, or nothing if there is no such secret. */
static const char *
secret_line(struct cli *c, json_t *parts, const char *name)
{
	const char *value = row_text(parts, name);

	if (value == NULL || *value == '\0')
		return "";
	return mem_print(c->mem, "%s = %s\n", strchr(name, '.') + 1, value);
}

/* mail.conf with the account that it has, and the secrets of the backup. */
static bool
restore_mail(struct cli *c, json_t *parts)
{
	const char *path = cli_beside(c, "mail"), *text = cli_read(c->mem, path, NULL), *out = "";
	const char *secrets = mem_print(c->mem, "%s%s", secret_line(c, parts, "mail.key"),
		secret_line(c, parts, "mail.password"));
	bool within = false, there = false;

	if (text == NULL)
		return cli_fail("%s: %s", path, strerror(errno)) == 0;
	for (size_t n; *text != '\0'; text += n) {
		bool begins = strncmp(text, "[mail]", 6) == 0;

		n = strcspn(text, "\n");
		n += text[n] == '\n';
		within = *text == '[' ? begins : within;
		if (!within || (strncmp(text, "key", 3) != 0 && strncmp(text, "password", 8) != 0))
			out = mem_print(c->mem, "%s%.*s%s", out, (int)n, text,
				begins && !there ? secrets : "");
		there = there || begins;
	}
	if (!there)
		out = mem_print(c->mem, "%s\n[mail]\n%s", out, secrets);
	return cli_replace(c, path, out, 0400, "mail");
}

static bool
restore_parts(struct cli *c, json_t *parts, bool settings)
{
	char path[PATH_MAX], folder[PATH_MAX];
	const char *text;

	for (const struct part *p = backup_parts; p->name != NULL; p++) {
		const char *place = backup_place(c->conf, p);

		text = row_text(parts, p->name);
		if (text != NULL && !cli_replace(c, place, text, p->mode, p->class))
			return false;
	}
	conf_place(path, folder);
	text = settings ? row_text(parts, "postern.conf") : NULL;
	return restore_mail(c, parts) && (text == NULL || cli_replace(c, path, text, 0644, NULL));
}

int
cli_restore(struct cli *c)
{
	bool check = cli_flag(c, "--check"), replace = cli_flag(c, "--replace");
	bool settings = cli_flag(c, "--settings");
	struct backup b = { .key = cli_option(c, "--key") };
	static char up[] = "up", *words[] = { up };

	if (c->argc != 1 || *(b.path = c->argv[0]) == '-' || (check && (replace || settings)))
		return cli_fail("usage: postern restore FILE [--key FILE] [--check | --replace] "
				"[--settings]");
	if ((b.fd = open(b.path, O_RDONLY | O_CLOEXEC)) < 0)
		return cli_fail("%s: %s", b.path, strerror(errno));
	if (!read_all(c, &b, -1))
		return 1;
	if (check) {
		printf("%s: all of it is there, made %s by Postern %s\n", b.path,
			row_text(b.about, "made"), row_text(b.about, "version"));
		if (*b.log != '\0')
			printf("the binary log goes on at %llu of %s\n", b.position, b.log);
		return 0;
	}
	cli_open(c, "owner");
	if (!may_begin(c, &b, replace))
		return 1;
	if (!load(c, &b))
		return cli_fail("the database holds a part of it: mend the cause, and do it again "
				"with --replace");
	if (!restore_parts(c, json_object_get(b.about, "parts"), settings))
		return 1;
	c->argc = 1;
	c->argv = words;
	return cli_migrate(c);
}
