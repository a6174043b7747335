/* SPDX-License-Identifier: ISC */
/* cli_doc_settings: postern.conf(5), from the table of settings. */
#include "cli_doc.h"
#include "conf_table.h"

#include <stdio.h>
#include <string.h>

static void
put_bounds(const struct setting *s, const char *unit)
{
	if (s->most < s->least)
		printf(", %d%s or more", s->least, unit);
	else if (s->least != 0 || s->most != 0)
		printf(", %d to %d%s", s->least, s->most, unit);
}

/* What a value must be. */
static void
put_type(const struct setting *s)
{
	static const char *const rows[] = {
		[TEXT_] = "a text",
		[FILE_] = "a path; a relative one begins in the folder of postern.conf",
		[COLOUR] = "#rrggbb",
		[ORIGINS] = "addresses such as https://example.org, with blanks between",
		[NAMES] = "names, with blanks or commas between",
		[PUBLISHERS] = "member, admin or group:NAME",
		[DOMAIN_] = "a domain name",
		[INT_] = "a whole number",
		[DURATION] = "seconds, or such as 15m, 12h, 7d",
		[DAYS] = "days",
		[SWITCH] = "on or off",
		[RATE] = "such as 10/5m: ten at once, and ten more in each five minutes; or off",
		[WORDS] = "",
	};
	const char *words = setting_words(s);

	if (s->type == WORDS) {
		printf("\\&%s ", s->most == 1 ? "One of" : "Some of");
		doc_text(words, strlen(words));
	} else {
		printf("\\&Value: ");
		doc_text(rows[s->type], strlen(rows[s->type]));
	}
	if (s->type == INT_ || s->type == DAYS)
		put_bounds(s, "");
	if (s->type == DURATION)
		put_bounds(s, " seconds");
}

static void
put_setting(const struct setting *s)
{
	const char *value = setting_value(s), *name = strchr(s->name, '.') + 1;

	printf(".It Cm %s\n", name);
	doc_line(setting_help(s));
	put_type(s);
	if (s->flag == SECRET)
		puts(".\nNever in this file: see\n.Sx SECRETS .");
	else if (*value == '\0')
		puts(".\nBy default empty.");
	else
		printf(".\n.Pp\n.Dl %s = ", name), doc_text(value, strlen(value)), putchar('\n');
}

static void
put_settings(void)
{
	const char *section = "";
	size_t n = 0;

	for (const struct setting *s = settings; s->name != NULL; s++) {
		if (s->flag == TESTING)
			continue;
		if (strncmp(s->name, section, n + 1) != 0 || n == 0) {
			printf("%s", n > 0 ? ".El\n" : "");
			section = s->name;
			n = strcspn(section, ".");
			printf(".Ss Section %.*s\n.Bl -tag -width Ds\n", (int)n, section);
		}
		put_setting(s);
	}
	puts(".El");
}

int
doc_settings(void)
{
	doc_head("POSTERN.CONF 5", "postern.conf", "settings of a Postern site");
	puts(".Sh DESCRIPTION\n"
	     "An INI file, read by each program when it starts:\nsections in brackets, and lines\n"
	     ".Ql name = value .\n"
	     "An unknown name or a bad value stops the program with one line.\n"
	     "It is looked for where the variable\n.Ev POSTERN_CONFIG\nsays, else in\n"
	     ".Pa /etc/postern ,\nelse beside the program or one folder above it.\n.Pp\n"
	     "Each setting may be overridden by a variable of the environment:\n"
	     ".Ev POSTERN_SITE_NAME\nfor\n.Cm name\nin the section [site].\n.Pp\n"
	     "The command\n.Ql postern config\nprints the values in force.\n"
	     "Below stands each setting with its default.");
	put_settings();
	puts(".Sh SECRETS\n"
	     "Passwords and keys stand in files of their own beside this one,\n"
	     "which nobody else may read, one for each class of programs:\n"
	     ".Pa owner.conf ,\n.Pa credentials.conf ,\n.Pa content.conf ,\n.Pa gate.conf ,\n"
	     ".Pa pictures.conf ,\n.Pa mail.conf .\n"
	     "A program opens that of its own class alone.\n"
	     ".Sh FILES\n.Bl -tag -width Ds\n.It Pa /etc/postern/postern.conf\n"
	     "The settings of an installed site.\n.El\n"
	     ".Sh SEE ALSO\n.Xr postern 1");
	return 0;
}
