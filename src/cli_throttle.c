/* SPDX-License-Identifier: ISC */
/* cli_throttle: lets somebody try again at once who ran into a limit. */
#include "cli.h"
#include "json.h"
#include "text.h"
#include "throttle.h"
#include "user.h"

#include <stdio.h>
#include <string.h>

int
cli_throttle(struct cli *c)
{
	const char *address = cli_option(c, "--from");
	struct attempt t = { .address = address };
	long long n;

	if (c->argc < 1 || c->argc > 2 || strcmp(c->argv[0], "clear") != 0 ||
		(c->argc == 1 && address == NULL))
		return cli_fail("usage: postern throttle clear [NAME] [--from ADDRESS]");
	if (c->argc == 2) {
		t.typed = c->argv[1];
		if (!text_utf8(t.typed, strlen(t.typed)))
			return cli_fail("a name or mail address in UTF-8 is expected");
		t.user = row_id(credential_find(c->db, t.typed));
	}
	n = throttle_forget(c->db, &t);
	return n < 0 ? cli_fault(c) : printf("%lld forgotten\n", n) < 0;
}
