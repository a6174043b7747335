/* SPDX-License-Identifier: ISC */
/* cli_signup: postern invite, and postern user link and approve: who may sign up, and who may log
 * in at last. */
#include "cli.h"
#include "input.h"
#include "json.h"
#include "one_time.h"
#include "outbox.h"
#include "text.h"
#include "user.h"

#include <stdio.h>

enum {
	DAY = 86400,
	INVITE_DAYS = 7,
	MOST_DAYS = 90,
	CONFIRM_SECONDS = DAY,
	PASSWORD_SECONDS = 3600
};

/* Print the address of a page with the token that was made for it. */
static int
print_link(struct cli *c, const char *page, const char *token)
{
	if (!db_end(c->db))
		return cli_fault(c);
	return printf("%s%s%s\n", conf_issuer(c->conf), page, token) < 0;
}

int
cli_invite(struct cli *c)
{
	static const struct field fields[] = { { "email", EMAIL, .max = 254, .need = true },
		{ 0 } };
	const char *days = cli_option(c, "--days"), *email = NULL;
	bool link = cli_flag(c, "--link");
	int64_t n = INVITE_DAYS;

	if (c->argc > 1 || (c->argc == 0 && !link) || (days != NULL && !link) ||
		(days != NULL && (!text_int(days, &n) || n < 1 || n > MOST_DAYS)))
		return cli_fail(
			"usage: postern invite MAIL | [MAIL] --link [--days 1 to %d]", MOST_DAYS);
	if (c->argc == 1) {
		struct http_pair word = { .name = "email", .value = email = c->argv[0] };

		if (cli_input(c, fields, &word, 1) == NULL)
			return cli_fault(c);
	}
	db_start(c->db, true);
	event_add(c->db, EVENT_INVITED, 0, &cli_origin);
	if (!link) {
		outbox_add(c->db, "invite", 0, email, NULL);
		return db_end(c->db) ? 0 : cli_fault(c);
	}
	return print_link(c,
		"/register?invite=", one_time_add(c->db, ONE_TIME_INVITE, 0, email, (long)n * DAY));
}

int
cli_link(struct cli *c)
{
	bool password = cli_flag(c, "--password");
	json_t *row, *waits;

	if (c->argc != 1)
		return cli_fail("usage: postern user link NAME [--password]");
	if ((row = cli_member(c, c->argv[0])) == NULL)
		return 1;
	if (!password && (waits = user_unproved(c->db, row_id(row))) != NULL)
		json_object_set(row, "email", json_object_get(waits, "email"));
	db_start(c->db, true);
	if (password)
		return print_link(c, "/password/reset?token=",
			one_time_add(c->db, ONE_TIME_RESET, row_id(row), row_text(row, "email"),
				PASSWORD_SECONDS));
	return print_link(c, "/email/verify?token=",
		one_time_add(c->db, ONE_TIME_CONFIRM, row_id(row), row_text(row, "email"),
			CONFIRM_SECONDS));
}

int
cli_approve(struct cli *c)
{
	json_t *row;

	if (c->argc != 1)
		return cli_fail("usage: postern user approve NAME");
	if ((row = cli_member(c, c->argv[0])) == NULL)
		return 1;
	db_start(c->db, true);
	if (!user_approve(c->db, row_id(row)) && db_ok(c->db)) {
		db_end(c->db);
		return cli_fail("this member does not wait for anything (postern user list)");
	}
	event_add(c->db, EVENT_APPROVED, row_id(row), &cli_origin);
	return db_end(c->db) ? 0 : cli_fault(c);
}
