/* SPDX-License-Identifier: ISC */
/* serve_start: what a process has before its first request, and until its end. */
#include "cors.h"
#include "fcgi.h"
#include "log.h"
#include "repeat.h"
#include "serve_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
serve_views(struct worker *w)
{
	struct mem *before = mem_serve_json(NULL); /* they outlive the request */
	const char *why;

	if ((w->views = w->program->pages->open(w->program, w->conf, &why)) == NULL)
		log_die("%s", why);
	mem_serve_json(before);
}

const char *
serve_start(struct worker *w, const struct program *p)
{
	const char *why;

	if ((why = route_flaw(p)) != NULL)
		return why;
	w->program = p;
	w->conf = conf_load(p->class);
	input_let_next(w->conf->gate_sites);
	w->pass = (struct pass_rules){ .cost = (int)w->conf->password_cost,
		.locks = w->conf->password_locks,
		.wait = w->conf->password_wait * 1000 };
	if (route_wants_tokens(p, w->conf) &&
		(w->tokens = tokens_open(w->conf, strcmp(p->class, "credentials") == 0, &why)) ==
			NULL)
		return why;
	if (p->pages != NULL && getenv("REQUEST_METHOD") == NULL)
		serve_views(w);
	if (p->repeats != NULL)
		w->repeats = p->repeats->open();
	w->kept = mem_new();
	w->cors = cors_new(w->kept, w->conf);
	w->db = p->counts ? db_new_committed(w->conf) : db_new(w->conf);
	w->mem = mem_new();
	return NULL;
}

void
serve_stop(struct worker *w)
{
	if (w->fcgi != NULL)
		fcgi_close(w->fcgi);
	if (w->mem != NULL)
		mem_free(w->mem);
	if (w->kept != NULL)
		mem_free(w->kept);
	if (w->repeats != NULL)
		w->program->repeats->close(w->repeats);
	if (w->db != NULL)
		db_free(w->db);
	if (w->tokens != NULL)
		tokens_free(w->tokens);
	if (w->views != NULL)
		w->program->pages->close(w->views);
}

int
serve_check(struct worker *w)
{
	struct fault fault = { 0 };
	const char *locks = w->conf->password_locks;

	if (strcmp(w->program->class, "credentials") == 0 && *locks != '\0' &&
		access(locks, W_OK | X_OK) != 0) {
		fprintf(stderr, "%s: password.locks: %s: %s\n", w->program->name, locks,
			strerror(errno));
		return 1;
	}
	db_serve(w->db, w->mem, &fault);
	if (db_row(w->db, "SELECT id FROM sessions LIMIT 0", NULL) == NULL && !db_ok(w->db)) {
		fprintf(stderr,
			"%s: the database does not answer (database.socket, database.user), or has "
			"not been migrated: postern migrate up\n",
			w->program->name);
		return 1;
	}
	return 0;
}
