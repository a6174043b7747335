/* SPDX-License-Identifier: ISC */
#pragma once

#include "one_time.h"

#include <stddef.h>

/*
 * A kind of mail. Its texts are templates/mail/NAME.txt, whose first line is "Subject: …", and
 * NAME.html (see tmpl.h). They get what outbox_add was told, and {site: {name, tagline, homeUrl,
 * contact}, user: {username} where the account is known, address, linkUrl, lifeText}.
 */
struct letter {
	const char *name;
	const char *path;    /* of its link, for linkUrl; NULL: none */
	enum one_time token; /* what is put behind the path; ONE_TIME_NONE: nothing */
	long life;           /* of that token, in seconds from the sending on */
	bool to_account;     /* goes to the account of that address, or to nobody */
};

/* All letters, in the table's order; ended by a row whose name is NULL. */
extern const struct letter letters[];

/* The row of this name; NULL if there is none. */
const struct letter *letter_find(const char *name);
