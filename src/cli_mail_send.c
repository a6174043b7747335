/* SPDX-License-Identifier: ISC */
/* cli_mail_send: postern mail send: writes to members. */
#include "cli_mail.h"

int
mail_send(struct cli *c)
{
	return cli_fail("not yet %d", c->argc);
}
