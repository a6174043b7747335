/* SPDX-License-Identifier: ISC */
/* cli_session: who is signed in where, and the end of it, from the shell. */
#include "agent.h"
#include "cli.h"
#include "json.h"
#include "session.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

static const struct origin shell = { "", "postern", "" };

static int
list(struct cli *c, const char *who)
{
	json_t *user = who != NULL ? cli_member(c, who) : NULL, *rows, *row;
	size_t i;

	if (who != NULL && user == NULL)
		return 1;
	if ((rows = session_list_all(c->db, row_id(user), c->conf->session_idle)) == NULL)
		return cli_fault(c);
	json_array_foreach(rows, i, row)
	{
		printf("%lld\t%s\t%s\t%s\t%s\t%s\n", (long long)row_id(row),
			row_text(row, "username"), row_text(row, "createdAt"),
			row_text(row, "lastSeenAt"), row_text(row, "address"),
			agent_name(c->mem, row_text(row, "agent")));
	}
	return 0;
}

/* End one session of a user, or (0) all. */
static int
end(struct cli *c, int64_t user, int64_t id)
{
	bool ended;

	db_start(c->db, true);
	ended = id != 0 ? session_end_of(c->db, user, id) : session_end_others(c->db, user, 0) > 0;
	if (ended)
		event_add(c->db, EVENT_SESSION_ENDED, user, &shell);
	if (!db_end(c->db))
		return cli_fault(c);
	return ended ? 0 : cli_fail("nobody is signed in there (postern session list)");
}

static int
end_all(struct cli *c, const char *who)
{
	json_t *user = cli_member(c, who);

	return user != NULL ? end(c, row_id(user), 0) : 1;
}

int
cli_session(struct cli *c)
{
	const char *who = cli_option(c, "--user"), *what = c->argc > 0 ? c->argv[0] : "";
	int64_t id = 0;

	if (strcmp(what, "list") == 0 && who == NULL && c->argc <= 2)
		return list(c, c->argc == 2 ? c->argv[1] : NULL);
	if (strcmp(what, "end") == 0 && who != NULL && c->argc == 1)
		return end_all(c, who);
	if (strcmp(what, "end") == 0 && who == NULL && c->argc == 2 && text_int(c->argv[1], &id) &&
		id > 0)
		return end(c, session_owner(c->db, id), id);
	return cli_fail("usage: postern session list [USER] | end ID | end --user USER");
}
