/* SPDX-License-Identifier: ISC */
/* cli_grants: the database accounts by class, and the demo data: SQL files run as they stand. */
#include "cli.h"
#include "cli_migrate.h"
#include "text.h"

#include <errno.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

static const char *const classes[] = { "credentials", "content", "gate", "pictures", "mail" };

enum {
	CLASSES = sizeof classes / sizeof classes[0]
};

/* Accounts and hosts go into statements that take no parameters, so they are plain words. */
static bool
plain(const char *s)
{
	return *s != '\0' && strlen(s) <= 80 &&
		s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] ==
		'\0';
}

/*
 * How the account proves itself: by its password's double SHA-1, as mysql_native_password stores
 * it, so that the password itself never stands in a statement; without one, by unix_socket.
 */
static const char *
identified(struct mem *m, const char *password)
{
	uint8_t once[SHA_DIGEST_LENGTH], twice[SHA_DIGEST_LENGTH];
	char hex[2 * SHA_DIGEST_LENGTH + 1];

	if (*password == '\0')
		return "IDENTIFIED VIA unix_socket";
	SHA1((const unsigned char *)password, strlen(password), once);
	SHA1(once, sizeof once, twice);
	text_hex(hex, twice, sizeof twice);
	for (char *h = hex; *h != '\0'; h++)
		if (*h >= 'a')
			*h = (char)(*h - 'a' + 'A');
	return mem_print(m, "IDENTIFIED VIA mysql_native_password USING '*%s'", hex);
}

/* The text between `-- class NAME` and the next one, with {{account}} filled in. */
static const char *
section(struct mem *m, const char *file, const char *class, const char *account)
{
	static const char mark[] = "{{account}}";
	const char *start = strstr(file, mem_print(m, "\n-- class %s\n", class)), *end, *out = "";

	if (start == NULL)
		return NULL;
	end = strstr(start + 1, "\n-- class ");
	file = mem_copy(m, start, end != NULL ? (size_t)(end - start) : strlen(start));
	for (const char *at; (at = strstr(file, mark)) != NULL; file = at + sizeof mark - 1)
		out = mem_print(m, "%s%.*s%s", out, (int)(at - file), file, account);
	return mem_print(m, "%s%s", out, file);
}

/*
 * Whether the account of a class was given just these rights and this password before: then nothing
 * is revoked, for between REVOKE and GRANT a running site would fail.
 */
static bool
granted(struct cli *c, json_t *args)
{
	return db_row(c->db,
		       "SELECT class FROM schema_grants WHERE class = :class AND checksum = :checksum",
		       args) != NULL;
}

static int
grant_class(struct cli *c, const char *file, const char *class, bool print)
{
	const char *host = *c->conf->database_socket != '\0' ? "localhost" : "%";
	const char *user, *password, *rights, *account, *proof, *all, *revoke, *script, *why;
	uint8_t digest[32];
	char checksum[65];
	json_t *args;

	/* An installation with one account for everything has nothing to grant. */
	if (!conf_account(class, &user, &password) || strcmp(user, c->conf->database_user) == 0)
		return 0;
	if (!plain(user))
		return cli_fail(
			"%s.conf: database.user may hold letters, digits and _ only", class);
	account = mem_print(c->mem, "'%s'@'%s'", user, host);
	if ((rights = section(c->mem, file, class, account)) == NULL)
		return cli_fail("grants.sql: no section for class %s", class);
	proof = identified(c->mem, password);
	all = mem_print(c->mem, "%s %s", proof, rights);
	text_sha256(digest, all, strlen(all));
	text_hex(checksum, digest, sizeof digest);
	args = mem_pack(c->mem, "{s:s, s:s}", "class", class, "checksum", checksum);
	if (print)
		proof = "IDENTIFIED ...";
	revoke = !print && granted(c, args)
		? ""
		: mem_print(c->mem, "REVOKE ALL PRIVILEGES, GRANT OPTION FROM %s;\n", account);
	script = mem_print(c->mem, "CREATE USER IF NOT EXISTS %s %s;\nALTER USER %s %s;\n%s%s",
		account, proof, account, proof, revoke, rights);
	if (print)
		return puts(script) < 0;
	if (!db_script(c->db, script, &why))
		return cli_fail("grants of class %s: %s", class, why);
	db_run(c->db, "REPLACE INTO schema_grants (class, checksum) VALUES (:class, :checksum)",
		args);
	return db_ok(c->db) ? 0 : cli_fault(c);
}

int
migrate_grants(struct cli *c, bool print)
{
	const char *path = mem_print(c->mem, "%s/grants.sql", migrate_folder(c->mem));
	const char *file = cli_read(c->mem, path, NULL);
	int status = 0;

	if (file == NULL)
		return cli_fail("%s: %s", path, strerror(errno));
	for (size_t i = 0; i < CLASSES && status == 0; i++)
		status = grant_class(c, file, classes[i], print);
	return status;
}
