/* SPDX-License-Identifier: ISC */
/*
 * cli_mail_work: the worker: takes mails out of the outbox, one after the other, and sends them.
 * Owns when a mail is tried again and when it is given up; makes no mails and knows no server.
 */
#include "cli_mail.h"
#include "json.h"
#include "log.h"
#include "metrics.h"
#include "outbox_work.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum {
	IDLE = 1,         /* seconds until the outbox is looked at again */
	REST = 30,        /* seconds without a mail: the server's connection goes */
	PAUSE = 5,        /* seconds until a server that was not there is tried again, at first; all
			   * mails are due by then, for it is not they who were refused */
	LONGEST = 60,     /* at last */
	TRIES = 2,        /* at sending, at once: see post_to_server */
	SPARE = 60,       /* seconds of a lease over what they may take */
	RECORD_TRIES = 30 /* a second each, to write down what was sent */
};

struct work {
	struct cli *c;
	struct writer *writer;
	struct post *post;
	bool away;   /* nobody there who takes mails */
	bool broken; /* the database does not answer, or not as it should */
	long sent, failed, later;
};

static volatile int stop;

static void
end(int signal)
{
	(void)signal;
	stop = 1;
}

/* How long until a mail is tried for the next time, after `tries`. */
static long
wait_of(int64_t tries)
{
	static const long minutes[] = { 1, 5, 15, 60, 120, 240 };
	size_t i = tries > 0 ? (size_t)tries - 1 : 0, last = sizeof minutes / sizeof *minutes - 1;

	return 60 * minutes[i < last ? i : last];
}

/* What came of a mail, as the outbox is to know it. */
struct result {
	enum posted posted;
	bool forget;
	char answer[POST_ANSWER];
};

static void
note(struct work *w, json_t *row, const struct result *r)
{
	const struct conf *conf = w->c->conf;
	struct db *db = w->c->db;
	bool old = row_number(row, "age") >= conf->mail_give_up;
	bool doubt = r->posted == POST_DOUBT;
	long wait = r->posted == POST_AWAY ? PAUSE : wait_of(row_number(row, "tries"));

	if (r->forget)
		outbox_forget(db, row);
	else if (r->posted == POST_SENT)
		outbox_sent(db, row, r->answer);
	else if (r->posted == POST_REFUSED || old ||
		(doubt && row_number(row, "doubts") >= OUTBOX_DOUBTS))
		outbox_failed(db, row, r->answer);
	else
		outbox_again(db, row, stop ? 0 : wait, doubt, r->answer);
}

/* Write down what came of it, however long the database takes: else it would be sent again. */
static void
record(struct work *w, json_t *row, const struct result *r)
{
	struct db *db = w->c->db;

	for (int tries = 0; tries < RECORD_TRIES; tries++) {
		w->c->fault = (struct fault){ 0 };
		db_start(db, false);
		note(w, row, r);
		if (db_ok(db))
			return;
		sleep(1);
	}
	log_error("mail %lld: what came of it could not be written down; it may be sent again",
		(long long)row_id(row));
}

static void
count(struct work *w, json_t *row, const struct result *r)
{
	static const char *const words[] = { [POST_SENT] = "sent",
		[POST_AGAIN] = "later",
		[POST_DOUBT] = "perhaps sent",
		[POST_REFUSED] = "refused",
		[POST_AWAY] = "no server" };
	char now[32];

	metrics_add(r->posted == POST_SENT          ? METRIC_MAIL_SENT
			: r->posted == POST_REFUSED ? METRIC_MAIL_FAILED
						    : METRIC_MAIL_LATER);
	w->sent += r->posted == POST_SENT;
	w->failed += r->posted == POST_REFUSED;
	w->later += r->posted != POST_SENT && r->posted != POST_REFUSED;
	(void)strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime(&(time_t){ time(NULL) }));
	printf("%s mail %lld %s: %s%s%s\n", now, (long long)row_id(row), row_text(row, "letter"),
		words[r->posted], *r->answer != '\0' ? ": " : "", r->answer);
	(void)fflush(stdout);
}

/* Make it and send it. False if the database does not answer. */
static bool
deliver(struct work *w, json_t *row, struct result *r)
{
	struct parcel parcel;
	const char *why;

	if (row_number(row, "doubts") > OUTBOX_DOUBTS) {
		r->posted = POST_REFUSED;
		snprintf(r->answer, sizeof r->answer,
			"it was begun twice, and nobody knows whether it arrived");
		return true;
	}
	switch (write_mail(w->writer, w->c->db, row, &parcel, &why)) {
	case WRITTEN_NOT: return false;
	case WRITTEN_NOBODY: r->forget = true; return true;
	case WRITTEN_WRONG:
		r->posted = POST_REFUSED;
		snprintf(r->answer, sizeof r->answer, "%s", why);
		return true;
	case WRITTEN: break;
	}
	r->posted = post_send(w->post, &parcel);
	snprintf(r->answer, sizeof r->answer, "%s", post_answer(w->post));
	return true;
}

/* It was not begun. Where that cannot be written down either, its lease will end. */
static void
give_back(struct work *w, json_t *row)
{
	w->c->fault = (struct fault){ 0 };
	db_start(w->c->db, false);
	outbox_again(w->c->db, row, PAUSE, false, NULL);
}

/* One mail that is due. False if there is none, or the database does not answer. */
static bool
one(struct work *w)
{
	const struct conf *conf = w->c->conf;
	struct db *db = w->c->db;
	struct result r = { .posted = POST_REFUSED };
	json_t *row;

	db_start(db, false);
	row = outbox_claim(db, TRIES * (conf->mail_connect + conf->mail_timeout) + SPARE);
	if (row == NULL || !deliver(w, row, &r)) {
		w->broken = !db_ok(db);
		if (row != NULL)
			give_back(w, row);
		return false;
	}
	record(w, row, &r);
	w->away = r.posted == POST_AWAY;
	if (!r.forget)
		count(w, row, &r);
	return true;
}

/* All that is due, as long as somebody takes it. */
static void
round_of(struct work *w)
{
	w->away = w->broken = false;
	while (!stop && !w->away) {
		bool more = one(w);

		mem_drop(w->c->mem);
		w->c->fault = (struct fault){ 0 };
		if (!more)
			return;
	}
}

static void
nap(long seconds)
{
	if (!stop)
		nanosleep(&(struct timespec){ .tv_sec = seconds }, NULL);
}

static void
go_on(struct work *w)
{
	long pause = PAUSE, idle = 0;

	while (!stop) {
		long before = w->sent;

		round_of(w);
		if (w->sent > before || !(w->away || w->broken))
			pause = PAUSE;
		idle = w->sent > before ? 0 : idle + 1;
		if (idle == REST)
			post_rest(w->post);
		nap(w->away || w->broken ? pause : IDLE);
		if (w->away || w->broken)
			pause = 2 * pause < LONGEST ? 2 * pause : LONGEST;
	}
}

int
mail_work(struct cli *c, bool once, bool check)
{
	struct work w = { .c = c };
	const char *why = post_check(c->conf);
	struct sigaction action = { .sa_handler = end };

	if (why != NULL)
		return cli_fail("%s", why);
	if ((w.writer = writer_open(c)) == NULL)
		return 1;
	if (check) {
		writer_close(w.writer);
		return 0;
	}
	metrics_open(c->conf, "mail", "mail");
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	w.post = post_open(c->conf, &stop);
	if (once)
		round_of(&w);
	else
		go_on(&w);
	post_close(w.post);
	writer_close(w.writer);
	if (once && w.broken)
		return cli_fail("the database does not answer, or is busy: see database.socket in "
				"postern config");
	if (once && w.away)
		return cli_fail("no server takes mails now; they wait (postern mail test ADDRESS "
				"shows why)");
	return 0;
}
