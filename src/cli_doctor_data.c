/* SPDX-License-Identifier: ISC */
/* cli_doctor_data: the checks of the database: whether it answers, is set up as it must be, and its
 * work goes on: mails, tidying. Changes nothing. */
#include "cli_doctor.h"
#include "json.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	OLDEST = 1006,      /* MariaDB 10.6: 100 times the first number, and the second */
	APART = 2,          /* seconds between two clocks that nobody minds */
	LATE_MAIL = 15 * 60 /* seconds */
};

/* The first row; without one the check ends with what is wrong. */
#define first(d, sql) need(d, db_row((d)->cli.db, sql, NULL))

static json_t *
need(struct doctor *d, json_t *row)
{
	const struct conf *c = d->cli.conf;
	const char *place = *c->database_socket != '\0'
		? c->database_socket
		: mem_print(d->cli.mem, "%s:%ld", c->database_host, c->database_port);

	if (row != NULL)
		return row;
	switch (db_error(d->cli.db)) {
	case 1045: /* access denied */
	case 1698:
		doctor_end(
			"the database refuses %s with the password of %s.conf: postern migrate up "
			"gives it to the accounts of programs; that of owner.conf is yours to give",
			c->database_user, d->class);
	case 1044: /* no rights in it */
	case 1049:
		doctor_end("there is no database %s, or %s may not enter it: see INSTALL.md, then "
			   "postern migrate up",
			c->database_name, c->database_user);
	case 1142: /* no right to a table, or no such table */
	case 1143:
	case 1146:
		doctor_end("tables are missing, or %s may not read them: postern migrate up",
			c->database_user);
	default:
		doctor_end("no database answers at %s (error %u): is MariaDB running, and do "
			   "database.socket, database.host and database.port name it?",
			place, db_error(d->cli.db));
	}
}

void
doctor_reach(struct doctor *d)
{
	first(d, "SELECT 1 AS here");
}

static bool
check_version(struct doctor *d, json_t *row)
{
	const char *version = row_text(row, "version");
	char *rest;
	long number = strtol(version, &rest, 10) * 100;

	number += *rest == '.' ? strtol(rest + 1, NULL, 10) : 0;
	if (strstr(version, "MariaDB") != NULL && number >= OLDEST)
		return true;
	doctor_bad(d, "the server is %s: Postern needs MariaDB 10.6 or later", version);
	return false;
}

static bool
check_tables(struct doctor *d)
{
	json_t *row = first(d,
		"SELECT COUNT(*) AS n, COALESCE(MIN(table_name), '') AS name"
		" FROM information_schema.tables WHERE table_schema = DATABASE()"
		" AND (table_collation NOT LIKE 'utf8mb4%' OR engine <> 'InnoDB')");

	if (row_number(row, "n") == 0)
		return true;
	doctor_bad(d,
		"the table %s is not of InnoDB and utf8mb4: ALTER TABLE %s ENGINE = InnoDB, CONVERT "
		"TO CHARACTER SET utf8mb4",
		row_text(row, "name"), row_text(row, "name"));
	return false;
}

void
doctor_database(struct doctor *d)
{
	json_t *row = first(d,
		"SELECT VERSION() AS version, @@GLOBAL.sql_mode AS mode,"
		" FIND_IN_SET('STRICT_ALL_TABLES', @@SESSION.sql_mode) > 0 AS strict,"
		" TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), NOW()) AS zone,"
		" @@SESSION.character_set_connection AS charset,"
		" (SELECT default_character_set_name FROM information_schema.schemata"
		"  WHERE schema_name = DATABASE()) AS fallback");
	bool good = check_version(d, row);

	if (strstr(row_text(row, "mode"), "STRICT_") == NULL) {
		doctor_bad(d,
			"sql_mode of the server is not strict: the programs set their own, but others who "
			"write here would lose data without a word: sql_mode = STRICT_TRANS_TABLES below "
			"[mariadbd], or SET GLOBAL sql_mode");
		good = false;
	}
	if (!json_is_true(json_object_get(row, "strict")) || row_number(row, "zone") != 0 ||
		strcmp(row_text(row, "charset"), "utf8mb4") != 0) {
		doctor_bad(d,
			"a connection does not keep its sql_mode, time_zone and character set: a proxy "
			"before the database must hand out a connection of its own to each client");
		good = false;
	}
	if (strcmp(row_text(row, "fallback"), "utf8mb4") != 0) {
		doctor_bad(d, "new tables would be of %s: ALTER DATABASE %s CHARACTER SET utf8mb4",
			row_text(row, "fallback"), d->cli.conf->database_name);
		good = false;
	}
	if (check_tables(d) && good)
		doctor_good(d, "%s", row_text(row, "version"));
}

void
doctor_migrations(struct doctor *d)
{
	char check[] = "check", *words[] = { check };

	doctor_reach(d);
	d->cli.argv = words;
	d->cli.argc = 1;
	if (cli_migrate(&d->cli) != 0)
		exit(1); /* it has said why */
	doctor_good(d, "none is pending");
}

void
doctor_clock(struct doctor *d)
{
	json_t *row =
		first(d, "SELECT TIMESTAMPDIFF(SECOND, '1970-01-01', UTC_TIMESTAMP()) AS now");
	long long apart = row_number(row, "now") - (long long)time(NULL);

	if (apart >= -APART && apart <= APART)
		doctor_good(d, "the database's is ours");
	else
		doctor_bad(d,
			"the database's is %lld seconds %s ours, so tokens and logins end at the wrong "
			"time: let both machines ask a time server (timedatectl set-ntp true)",
			apart < 0 ? -apart : apart, apart < 0 ? "behind" : "ahead of");
}

void
doctor_outbox(struct doctor *d)
{
	json_t *row = first(d,
		"SELECT COUNT(IF(state = 'waiting', 1, NULL)) AS waiting,"
		" COALESCE(MAX(IF(state = 'waiting', TIMESTAMPDIFF(SECOND, due_at, NOW()), NULL)), 0)"
		" AS late, COUNT(IF(state = 'waiting' AND tries > 2, 1, NULL)) AS tried,"
		" COUNT(IF(state = 'failed' AND done_at > NOW() - INTERVAL 1 DAY, 1, NULL)) AS dead"
		" FROM outbox");
	long long late = row_number(row, "late"), dead = row_number(row, "dead");
	long long tried = row_number(row, "tried");

	if (late > LATE_MAIL)
		doctor_bad(d,
			"a mail is due for %lld minutes: postern mail does not run: systemctl status "
			"postern-mail, or a line of cron for postern mail --once",
			late / 60);
	if (tried > 0)
		doctor_bad(d,
			"%lld mails were tried more than twice: /admin/mail shows what the server said",
			tried);
	if (dead > 0)
		doctor_bad(d,
			"%lld mails of the last day were given up: /admin/mail shows why, and tries them "
			"again",
			dead);
	if (late <= LATE_MAIL && tried == 0 && dead == 0)
		doctor_good(
			d, "%lld mails wait, none for long", (long long)row_number(row, "waiting"));
}

/* What has ended longest ago and is still there: tidying takes it within minutes. */
void
doctor_tidy(struct doctor *d)
{
	json_t *row = need(d,
		db_row(d->cli.db,
			"SELECT GREATEST("
			"COALESCE((SELECT TIMESTAMPDIFF(HOUR, MIN(full_at), NOW()) FROM throttles), 0),"
			"COALESCE((SELECT TIMESTAMPDIFF(HOUR, MIN(expires_at), NOW()) FROM"
			" one_time_tokens), 0),"
			"COALESCE((SELECT TIMESTAMPDIFF(HOUR, MIN(expires_at), NOW())"
			" - :sessions DIV 3600 FROM sessions), 0),"
			"COALESCE((SELECT TIMESTAMPDIFF(HOUR, MIN(done_at), NOW()) - :mails DIV 3600"
			" FROM outbox), 0)) AS hours",
			mem_pack(d->cli.mem, "{s:I, s:I}", "sessions",
				(json_int_t)d->cli.conf->tidy_sessions, "mails",
				(json_int_t)d->cli.conf->tidy_mails)));
	long long hours = row_number(row, "hours");

	if (hours > 2)
		doctor_bad(d,
			"what has ended %lld hours ago is still there: postern tidy does not run: "
			"systemctl status postern-tidy.timer, or a line of cron for postern tidy -q",
			hours);
	else
		doctor_good(d, "what has ended is removed");
}
