/* SPDX-License-Identifier: ISC */
/* cli_user: members, hashes and tokens from the shell. Passwords come by standard input
 * alone. */
#include "account.h"
#include "cli.h"
#include "json.h"
#include "jws.h"
#include "one_time.h"
#include "outbox.h"
#include "pass.h"
#include "session.h"
#include "text.h"
#include "token.h"
#include "user.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PASSWORD_SIZE = 1026
};

const struct origin cli_origin = { "", "postern", "" };

/* A new hash by the site's rules; NULL with a line on standard error. */
static const char *
new_hash(struct cli *c, int cost, const char *password)
{
	struct pass_rules rules = { .cost = cost };
	char *hash = mem_get(c->mem, PASS_HASH_MAX);
	bool busy;

	if (pass_hash(&rules, hash, password, strlen(password), &busy))
		return hash;
	cli_fail("this password cannot be hashed: bcrypt takes 1 to %d bytes", PASS_BCRYPT_BYTES);
	return NULL;
}

json_t *
cli_input(struct cli *c, const struct field *fields, struct http_pair *words, size_t count)
{
	struct http_request none = { .method = GET, .query = "" };
	const struct sent *sent;

	for (size_t i = 0; i < count; i++) {
		words[i].name_length = strlen(words[i].name);
		words[i].value_length = strlen(words[i].value);
	}
	sent = input_open(c->mem, &none, NULL, words, count, &c->fault);
	return input_read(c->mem, fields, sent, &c->fault);
}

json_t *
cli_member(struct cli *c, const char *who)
{
	json_t *row = text_utf8(who, strlen(who)) ? credential_find(c->db, who) : NULL;

	if (row == NULL && db_ok(c->db))
		cli_fail("no member is called that (postern user list)");
	else if (row == NULL)
		cli_fault(c);
	return row;
}

static int
user_add_one(struct cli *c, bool admin)
{
	char password[PASSWORD_SIZE];
	struct http_pair words[3] = { { .name = "username" }, { .name = "email" },
		{ .name = "password", .value = password } };
	const char *hash;
	json_t *in, *row;

	if (c->argc != 2)
		return cli_fail("usage: postern user add NAME MAIL [--admin] < PASSWORD");
	if (!cli_password(password, sizeof password))
		return 1;
	words[0].value = c->argv[0];
	words[1].value = c->argv[1];
	in = cli_input(c, account_fields, words, 3);
	if (in == NULL || (hash = new_hash(c, (int)c->conf->password_cost, password)) == NULL)
		return cli_fault(c);
	db_start(c->db, true);
	row = user_add(c->db, in, hash, user_unconfirmed(c->db, in));
	if (row != NULL && admin)
		db_run(c->db, "UPDATE users SET role = 'admin' WHERE id = :id", row);
	event_add(c->db, EVENT_REGISTER, row_id(row), &cli_origin);
	return db_end(c->db) ? 0 : cli_fault(c);
}

static int
user_passwd(struct cli *c)
{
	static const struct field fields[] = {
		{ "password", PASSWORD, .min = 8, .max = PASS_BCRYPT_BYTES, .need = true },
		{ 0 },
	};
	char password[PASSWORD_SIZE];
	struct http_pair word = { .name = "password", .value = password };
	const char *hash;
	json_t *row;

	if (c->argc != 1)
		return cli_fail("usage: postern user password NAME < PASSWORD");
	if ((row = cli_member(c, c->argv[0])) == NULL || !cli_password(password, sizeof password))
		return 1;
	if (cli_input(c, fields, &word, 1) == NULL)
		return cli_fault(c);
	if ((hash = new_hash(c, (int)c->conf->password_cost, password)) == NULL)
		return 1;
	db_start(c->db, true);
	credential_set(c->db, row_id(row), hash);
	session_end_others(c->db, row_id(row), 0);
	one_time_end(c->db, ONE_TIME_RESET, row_id(row));
	event_add(c->db, EVENT_PASSWORD, row_id(row), &cli_origin);
	outbox_add(c->db, "password", row_id(row), row_text(row, "email"), NULL);
	return db_end(c->db) ? 0 : cli_fault(c);
}

static int
user_print(struct cli *c)
{
	json_t *rows = user_list(c->db), *row;
	const char *waits;
	size_t i;

	if (rows == NULL)
		return cli_fault(c);
	json_array_foreach(rows, i, row)
	{
		waits = row_text(row, "waits");
		printf("%lld\t%s\t%s\t%s%s%s%s\t%s\n", (long long)row_id(row),
			row_text(row, "username"), row_text(row, "email"), row_text(row, "role"),
			json_is_true(json_object_get(row, "locked")) ? ", locked" : "",
			waits != NULL ? ", waits for " : "", waits != NULL ? waits : "",
			row_text(row, "createdAt"));
	}
	return 0;
}

int
cli_user(struct cli *c)
{
	bool admin = cli_flag(c, "--admin");
	const char *what = c->argc > 0 ? c->argv[0] : "";

	c->argv++;
	c->argc--;
	if (strcmp(what, "add") == 0)
		return user_add_one(c, admin);
	if (strcmp(what, "password") == 0 || strcmp(what, "passwd") == 0)
		return user_passwd(c);
	if (strcmp(what, "list") == 0 && c->argc == 0)
		return user_print(c);
	if (strcmp(what, "link") == 0)
		return cli_link(c);
	if (strcmp(what, "approve") == 0)
		return cli_approve(c);
	if (strcmp(what, "import") == 0)
		return cli_import(c);
	if (strcmp(what, "export") == 0)
		return cli_export(c);
	return cli_rights(c, what);
}

int
cli_hash(struct cli *c)
{
	const char *check = cli_option(c, "--check"), *cost = cli_option(c, "--cost");
	struct pass_rules rules = { .cost = 4 };
	char password[PASSWORD_SIZE];
	int64_t rounds = 12;
	const char *hash;

	if (c->argc != 0 ||
		(cost != NULL && (!text_int(cost, &rounds) || rounds < 4 || rounds > 15)))
		return cli_fail("usage: postern hash [--cost 4 to 15] | --check HASH");
	if (!cli_password(password, sizeof password))
		return 1;
	if (check != NULL) {
		enum pass found = pass_check(&rules, check, password, strlen(password));

		puts(found == PASS_RIGHT || found == PASS_WEAK ? "match" : "no match");
		return found != PASS_RIGHT && found != PASS_WEAK;
	}
	if ((hash = new_hash(c, (int)rounds, password)) == NULL)
		return 1;
	puts(hash);
	return 0;
}

/* Print header and claims of the token on standard input, trusting neither. */
static int
token_show(struct cli *c)
{
	char *token = cli_read(c->mem, "/dev/stdin", NULL), *part = token;

	if (token == NULL)
		return cli_fail("standard input: %s", strerror(errno));
	part[strcspn(part, " \r\n")] = '\0';
	for (int i = 0; i < 2; i++) {
		size_t n = strcspn(part, ".");
		char *bytes = mem_get(c->mem, n + 1);
		ssize_t length = part[n] == '.' ? text_unbase64url(bytes, part, n) : -1;
		json_t *json = length < 0 ? NULL : json_loadb(bytes, (size_t)length, 0, NULL);

		if (json == NULL)
			return cli_fail("this is no token: its %s is not base64url of JSON",
				i == 0 ? "header" : "payload");
		mem_json(c->mem, json);
		json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
		putchar('\n');
		part += n + 1;
	}
	return 0;
}

int
cli_token(struct cli *c)
{
	const char *ttl = cli_option(c, "--ttl"), *why, *token;
	long life = c->conf->token_access;
	struct tokens *tokens;
	int64_t session;
	bool show = cli_flag(c, "--show");
	struct me me;
	json_t *row;

	if (show && c->argc == 0)
		return token_show(c);
	if (show || c->argc != 1 || (ttl != NULL && (!text_duration(ttl, &life) || life < 1)))
		return cli_fail("usage: postern token USER [--ttl 1h] | --show < TOKEN");
	if ((row = cli_member(c, c->argv[0])) == NULL)
		return 1;
	if ((tokens = tokens_open(c->conf, true, &why)) == NULL)
		return cli_fail("%s", why);
	db_start(c->db, true);
	session = session_add(c->db, row_id(row), row_text(row, "since"),
		&(struct login){ .life = life }, &cli_origin);
	row = user_get(c->db, row_id(row));
	if (!db_end(c->db)) {
		tokens_free(tokens);
		return cli_fault(c);
	}
	me = (struct me){ .id = row_id(row),
		.session = session,
		.username = row_text(row, "username"),
		.role = row_text(row, "role"),
		.groups = row_text(row, "groups") };
	token = token_issue(tokens, c->mem, &me, life);
	tokens_free(tokens);
	return token == NULL ? cli_fail("no randomness") : puts(token) < 0;
}
