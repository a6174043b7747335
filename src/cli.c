/* SPDX-License-Identifier: ISC */
/* cli: the `postern` tool: finds the command, opens what it needs, and holds what commands share.
 */
#include "cli.h"

#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const struct command commands[] = {
	{ "setup", cli_setup, false,
		"[--name NAME] [--url ADDRESS] [--join WHO] [--admin NAME] [--mail MAIL] "
		"[--non-interactive]   as root, after make install: settings, database, keys, nginx, a "
		"link for the first admin; what is there stays" },
	{ "migrate", cli_migrate, true,
		"up | down [N] | status | check | new NAME   the tables; --sql prints instead" },
	{ "user", cli_user, true,
		"add NAME MAIL [--admin] | password NAME (both: password on standard input) | list | "
		"show NAME | role NAME member|admin | lock NAME | unlock NAME | groups NAME [A,B] | "
		"remove NAME | link NAME [--password] | approve NAME | "
		"import FILE [--pictures FOLDER] [--dry-run] | export [FILE] [--json] [--hashes] "
		"[--pictures FOLDER]   members; import and export: CSV or JSON lines" },
	{ "invite", cli_invite, true,
		"MAIL | [MAIL] --link [--days N]   a mail that lets somebody sign up; --link prints the "
		"link instead" },
	{ "session", cli_session, true,
		"list [USER] | end ID | end --user USER   who is signed in where; sign them out" },
	{ "group", cli_group, true,
		"list | new NAME | remove NAME | add GROUP USER | drop GROUP USER   groups of members" },
	{ "hash", cli_hash, false,
		"[--cost N] | --check HASH   hash a password from standard input; or see whether it "
		"has this hash" },
	{ "token", cli_token, true,
		"USER [--ttl 1h] | --show   make one; decode one from standard input" },
	{ "key", cli_key, true,
		"new [ALG] | list | retire KID [--force] | refresh | share   signing keys: a new one (ES256 "
		"by default), all, one less; the secrets behind refresh tokens and links to files" },
	{ "jws", cli_jws, false,
		"sign --key FILE [PAYLOAD] | verify --key FILE [TOKEN]   any algorithm of RFC 7518; "
		"a key of type RSA or oct must name its own" },
	{ "demo", cli_demo, true,
		"[ARTICLES]   four members to try things with; so many articles of 10,000 more" },
	{ "rerender", cli_rerender, true,
		"texts whose HTML was made by an older version, or by another site.external_images" },
	{ "static", cli_static, true,
		"FOLDER   error pages, security.txt, and what the API is, for the web server to "
		"show by itself" },
	{ "tmpl", cli_tmpl, false,
		"PAGE.html | MAIL.txt | --list   show a page or mail for JSON on standard input; which "
		"files are used" },
	{ "tidy", cli_tidy, true, "[-q]   remove what has ended; -q: without a word, for cron" },
	{ "check", cli_check, true, "[-q]   see whether all of each stored file is there" },
	{ "backup", cli_backup, false,
		"FILE [--to AGE-KEY]   all of the database, the keys and the settings in one file; --to "
		"encrypts it for a key of age(1), or those of a file" },
	{ "restore", cli_restore, false,
		"FILE [--key FILE] [--check | --replace] [--settings]   the other way round, into an "
		"empty database; --check only reads it; --replace: what is there goes; --settings: "
		"postern.conf, too" },
	{ "throttle", cli_throttle, true,
		"clear [NAME] [--from ADDRESS]   let somebody try again at once; for the limit of "
		"both together name both" },
	{ "mail", cli_mail, false,
		"[--once | --check] | test ADDRESS | send --to NAME|ADDRESS|group:GROUP --subject TEXT "
		"--text FILE [--html FILE] [--attach FILE]… [--cc BOX]… [--bcc BOX]… [--reply-to BOX] "
		"[--dry-run]   send what is due, until it is told to end (--once: and end; --check: see "
		"whether it could); try the settings; write to members" },
	{ "doctor", cli_doctor, false,
		"[--json] [--url URL] [--sockets FOLDER] [--errors FOLDER]   what is wrong with this "
		"installation, and what to do; exit status 1 if something is" },
	{ "config", cli_config, true,
		"[NAME]   print the settings in force, or one of them, secrets masked" },
	{ "doc", cli_doc, false,
		"man | settings | bash   the manual pages and the completion of bash, as make install "
		"puts them in place" },
};

enum {
	COMMANDS = sizeof commands / sizeof commands[0]
};

int
cli_fail(const char *format, ...)
{
	va_list ap;

	fputs("postern: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	return 1;
}

int
cli_fault(const struct cli *c)
{
	char text[160];

	if (db_trouble(c->db) != DB_FINE)
		return cli_fail("the database does not answer, or is busy: see database.socket in "
				"postern config");
	for (size_t i = 0; i < c->fault.count; i++)
		cli_fail("%s %s", c->fault.flaws[i].key,
			err_text(&c->fault.flaws[i], text, sizeof text));
	return 1;
}

void
cli_open(struct cli *c, const char *class)
{
	c->conf = conf_load(class);
	c->db = db_new(c->conf);
	db_serve(c->db, c->mem, &c->fault);
}

static void
drop_word(struct cli *c, int at, int count)
{
	for (int i = at; i + count < c->argc; i++)
		c->argv[i] = c->argv[i + count];
	c->argc -= count;
}

const char *
cli_option(struct cli *c, const char *option)
{
	for (int i = 0; i + 1 < c->argc; i++)
		if (strcmp(c->argv[i], option) == 0) {
			const char *value = c->argv[i + 1];

			drop_word(c, i, 2);
			return value;
		}
	return NULL;
}

bool
cli_flag(struct cli *c, const char *flag)
{
	for (int i = 0; i < c->argc; i++)
		if (strcmp(c->argv[i], flag) == 0) {
			drop_word(c, i, 1);
			return true;
		}
	return false;
}

bool
cli_password(char *out, size_t size)
{
	struct termios before, quiet;
	bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
	size_t n;

	if (terminal) {
		quiet = before;
		quiet.c_lflag &= (tcflag_t)~ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
		fputs("Password: ", stderr);
	}
	if (fgets(out, (int)size, stdin) == NULL)
		out[0] = '\0';
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	n = strcspn(out, "\r\n");
	if (n == 0 || (out[n] == '\0' && n == size - 1)) {
		cli_fail("a password of 1 to %zu bytes is expected on standard input", size - 2);
		return false;
	}
	out[n] = '\0';
	return true;
}

int
cli_config(struct cli *c)
{
	if (c->argc > 1)
		return cli_fail("usage: postern config [NAME]");
	if (!conf_print(c->conf, c->argc == 1 ? c->argv[0] : NULL, stdout))
		return cli_fail("there is no such setting: see postern config");
	return 0;
}

const struct command *
cli_commands(size_t *count)
{
	*count = COMMANDS;
	return commands;
}

/* Where the three blanks are; NULL: all of it says what it is for. */
static const char *
usage_end(const struct command *c)
{
	return strstr(c->help, "   ");
}

size_t
cli_usage(const struct command *c)
{
	const char *end = usage_end(c);

	return end != NULL ? (size_t)(end - c->help) : 0;
}

const char *
cli_meaning(const struct command *c)
{
	const char *end = usage_end(c);

	return end != NULL ? end + 3 : c->help;
}

static int
help(FILE *to)
{
	fputs("postern " POSTERN_VERSION "\n", to);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "  postern %-8s %s\n", commands[i].name, commands[i].help);
	return to == stderr;
}

static int
run(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	const struct command *command = NULL;
	struct cli c = { .argc = argc - 2, .argv = argv + 2 };
	int status;

	mem_serve_libraries();
	log_open("postern");
	if (strcmp(name, "--version") == 0)
		return puts("postern " POSTERN_VERSION) < 0;
	if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0)
		return help(stdout);
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			command = &commands[i];
	if (command == NULL)
		return argc > 1 ? cli_fail("this is no command (postern help)") : help(stderr);
	c.mem = mem_new();
	if (command->settings)
		cli_open(&c, "owner");
	status = command->run(&c);
	mem_free(c.mem);
	if (c.db != NULL)
		db_free(c.db);
	return status;
}

int
main(int argc, char **argv)
{
	int status = run(argc, argv);

	/* The commands print without looking back: what could not be written is found here. */
	if (fflush(stdout) != 0 || ferror(stdout))
		return cli_fail("standard output cannot be written");
	return status;
}
