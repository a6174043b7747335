/* SPDX-License-Identifier: ISC */
/* cli_mail: postern mail: sends what is in the outbox, or one mail to try the settings. */
#include "cli_mail.h"

#include <stdio.h>
#include <string.h>

static int
usage(void)
{
	return cli_fail(
		"usage: postern mail [--once | --check] | mail test ADDRESS | mail send --to "
		"NAME|ADDRESS|group:GROUP --subject TEXT --text FILE …");
}

static void
take_word(struct cli *c)
{
	c->argc--;
	c->argv++;
}

int
cli_mail(struct cli *c)
{
	bool once, check;

	if (c->argc > 0 && strcmp(c->argv[0], "test") == 0) {
		take_word(c);
		cli_open(c, "mail");
		return mail_test(c);
	}
	if (c->argc > 0 && strcmp(c->argv[0], "send") == 0) {
		take_word(c);
		cli_open(c, "owner");
		return mail_send(c);
	}
	once = cli_flag(c, "--once");
	check = cli_flag(c, "--check");
	if (c->argc > 0)
		return usage();
	cli_open(c, "mail");
	return mail_work(c, once, check);
}
