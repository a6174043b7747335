/* SPDX-License-Identifier: ISC */
/* cli_mail_test: postern mail test: one mail, now, with all that is said to the server. Owns what
 * to do next when it fails. */
#include "cli_mail.h"

int
mail_test(struct cli *c)
{
	return cli_fail("not yet %d", c->argc);
}
