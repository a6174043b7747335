/* SPDX-License-Identifier: ISC */
/*
 * cli_doc: postern doc: the manual pages postern(1) and postern.conf(5) in mdoc(7), and the
 * completion of bash. Owns how they look; what they say are the tables of commands and settings.
 */
#include "cli_doc.h"

#include "cli.h"
#include "conf_table.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The day on which what stands in this file was last changed (.Dd wants one). */
#define DAY "November 22, 2026"

/* One character of a manual: what roff would take for its own is escaped. The bytes it took. */
static size_t
put_char(const char *s)
{
	unsigned long c = (unsigned char)*s;
	size_t n = 1;

	if (*s == '\\')
		fputs("\\e", stdout);
	else if (*s == '"')
		fputs("\\(dq", stdout);
	else if (*s == '-')
		fputs("\\-", stdout);
	else if (c < 0x80)
		putchar(*s);
	if (c < 0x80)
		return 1;
	for (c &= c >= 0xe0 ? 0x0f : 0x1f; ((unsigned char)s[n] & 0xc0) == 0x80; n++)
		c = c << 6 | ((unsigned char)s[n] & 0x3f);
	printf("\\[u%04lX]", c);
	return n;
}

void
doc_text(const char *s, size_t length)
{
	for (size_t at = 0; at < length;)
		at += put_char(s + at);
}

void
doc_line(const char *s)
{
	fputs("\\&", stdout);
	putchar(toupper((unsigned char)*s));
	doc_text(s + 1, strlen(s + 1));
	puts(".");
}

void
doc_head(const char *title, const char *name, const char *what)
{
	printf(".\\\" Made by postern doc from its tables.\n.Dd " DAY "\n.Dt %s\n.Os\n.Sh NAME\n"
	       ".Nm %s\n.Nd %s\n",
		title, name, what);
}

/* Where the alternative at `s` ends: before " | " outside of brackets. */
static size_t
alternative(const char *s, size_t length)
{
	int depth = 0;
	size_t n = 0;

	for (; n < length; n++) {
		depth += (s[n] == '[') - (s[n] == ']');
		if (depth == 0 && length - n > 3 && strncmp(s + n, " | ", 3) == 0)
			return n;
	}
	return n;
}

/* One item a usage, and what it is for behind the last. */
static void
man_command(const struct command *c)
{
	const char *help = cli_meaning(c);
	size_t length = cli_usage(c), at = 0, n;

	do {
		n = alternative(c->help + at, length - at);
		printf(".It Ic \"%s%s", c->name, n > 0 ? " " : "");
		doc_text(c->help + at, n);
		puts("\"");
		at += n + 3;
	} while (at < length);
	doc_line(help);
}

static int
man(void)
{
	size_t count;
	const struct command *commands = cli_commands(&count);

	doc_head("POSTERN 1", "postern", "look after a Postern site");
	puts(".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar word ...\n.Sh DESCRIPTION\n"
	     "What the owner of a site has for it:\n"
	     "its tables, members, keys, mails and settings.\n"
	     "Most commands read\n.Xr postern.conf 5\n"
	     "and ask the database by the account of the class owner.\nThe commands are:\n"
	     ".Bl -tag -width Ds -compact");
	for (size_t i = 0; i < count; i++) {
		fputs(i > 0 ? ".Pp\n" : "", stdout);
		man_command(&commands[i]);
	}
	puts(".El\n.Sh ENVIRONMENT\n.Bl -tag -width Ds\n.It Ev POSTERN_CONFIG\n"
	     "The settings file, if it is another one than\n.Pa /etc/postern/postern.conf .\n"
	     ".It Ev POSTERN_SECTION_NAME\nA setting, instead of that of the file.\n.El\n"
	     ".Sh EXIT STATUS\n.Ex -std\n.Sh SEE ALSO\n.Xr postern.conf 5");
	return 0;
}

static void
bash_words(const struct command *c)
{
	size_t length = cli_usage(c), at = 0;

	while (at < length) {
		size_t word = strspn(c->help + at, "abcdefghijklmnopqrstuvwxyz-");

		if (islower((unsigned char)c->help[at]))
			printf(" %.*s", (int)word, c->help + at);
		at += alternative(c->help + at, length - at) + 3;
	}
}

/* Every word that begins with a dash, once. */
static void
bash_options(const struct command *c)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz-";

	for (const char *s = c->help; (s = strchr(s, '-')) != NULL;) {
		size_t n = strspn(s, letters);
		bool begins = s > c->help && strchr(" [(", s[-1]) != NULL, again = false;

		for (const char *t = c->help; begins && t < s; t++)
			again |= strncmp(t, s, n) == 0 && strspn(t, letters) == n;
		if (begins && n > 1 && !again)
			printf(" %.*s", (int)n, s);
		s += n;
	}
}

static void
bash_settings(void)
{
	for (const struct setting *s = settings; s->name != NULL; s++)
		if (s->flag != TESTING)
			printf(" %s", s->name);
}

static int
bash(void)
{
	size_t count;
	const struct command *commands = cli_commands(&count);

	puts("# Made by postern doc from its tables.\n_postern()\n{\n\tlocal words='' options=''\n"
	     "\tCOMPREPLY=()\n\tcase ${COMP_WORDS[1]} in");
	for (size_t i = 0; i < count; i++) {
		printf("\t%s)\n\t\twords='", commands[i].name);
		bash_words(&commands[i]);
		if (commands[i].run == cli_config)
			bash_settings();
		fputs("'\n\t\toptions='", stdout);
		bash_options(&commands[i]);
		puts("'\n\t\t;;");
	}
	fputs("\tesac\n\t((COMP_CWORD > 2)) && words=''\n\t((COMP_CWORD > 1)) || words='", stdout);
	for (size_t i = 0; i < count; i++)
		printf(" %s", commands[i].name);
	puts("'\n\tmapfile -t COMPREPLY < <(compgen -W \"$words $options\" -- "
	     "\"${COMP_WORDS[COMP_CWORD]}\")\n}\n"
	     "complete -o default -F _postern postern");
	return 0;
}

int
cli_doc(struct cli *c)
{
	static const struct {
		const char *name;
		int (*print)(void);
	} rows[] = { { "man", man }, { "settings", doc_settings }, { "bash", bash } };

	for (size_t i = 0; c->argc == 1 && i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(c->argv[0], rows[i].name) == 0)
			return rows[i].print();
	return cli_fail("usage: postern doc man | settings | bash");
}
