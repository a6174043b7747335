/* SPDX-License-Identifier: ISC */
/* letter: the table of the kinds of mail. Owns which link each carries and for how long; its words
 * are templates. */
#include "letter.h"

#include <string.h>

enum {
	MINUTE = 60,
	DAY = 86400
};

const struct letter letters[] = {
	/* name       path                      token             life         to_account */
	{ "reset", "/password/reset?token=", ONE_TIME_RESET, 30L * MINUTE, true },
	{ "confirm", "/email/verify?token=", ONE_TIME_CONFIRM, 2L * DAY, false },
	{ "exists", "/password/forgot", ONE_TIME_NONE, 0, true },
	{ "password", "/password/forgot", ONE_TIME_NONE, 0, false },
	{ "email_old", "/settings", ONE_TIME_NONE, 0, false },
	{ "invite", "/register?invite=", ONE_TIME_INVITE, 7L * DAY, false },
	{ "mailing", NULL, ONE_TIME_NONE, 0, false }, /* postern mail send; it has no template */
	{ "test", NULL, ONE_TIME_NONE, 0, false },    /* postern mail test */
	{ NULL, NULL, ONE_TIME_NONE, 0, false },
};

const struct letter *
letter_find(const char *name)
{
	for (const struct letter *l = letters; l->name != NULL; l++)
		if (strcmp(l->name, name) == 0)
			return l;
	return NULL;
}
