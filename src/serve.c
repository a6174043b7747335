/* SPDX-License-Identifier: ISC */
/*
 * serve: the pipeline, and every program's main. The only file that knows all stages:
 *
 *     request -> guard -> input -> store -> view -> response
 *
 * Owns their order, what runs in a transaction, and what is run again.
 */
#include "serve.h"

#include "cors.h"
#include "fcgi.h"
#include "gate.h"
#include "guard.h"
#include "log.h"
#include "metrics.h"
#include "repeat.h"
#include "serve_parts.h"
#include "stream.h"
#include "text.h"
#include "view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	TRIES = 4,
	JITTER = 30000000 / 256 /* nanoseconds, times a byte of chance */
};

static void
pause_a_little(int tries)
{
	uint8_t random = 0;

	(void)text_random(&random, 1);
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 + JITTER * random * tries }, NULL);
}

json_t *
serve_unit(struct req *rq, handler *run, bool transaction)
{
	bool lost = rq->lost;

	rq->lost = false;
	for (int tries = 1;; tries++) {
		json_t *result;

		rq->out = (struct outcome){ 0 };
		db_start(rq->db, transaction);
		result = guard_session(rq) ? run(rq) : NULL;
		if (db_end(rq->db))
			return result;
		rq->out = (struct outcome){ 0 };
		if (db_trouble(rq->db) == DB_FINE)
			return NULL;
		rq->fault.count = 0;
		if (tries == TRIES || (db_trouble(rq->db) == DB_LOST && lost)) {
			db_complain(rq->db);
			err_add(&rq->fault, ERR_AWAY, NULL, 0);
			return NULL;
		}
		if (db_trouble(rq->db) == DB_AGAIN)
			pause_a_little(tries);
		else
			lost = true;
	}
}

void
serve_sent(struct req *rq, struct fault *fault)
{
	const struct route *r = rq->match.route;

	if (rq->http.coming != NULL)
		rq->sent = rq->program->stream->open(rq, fault);
	else if (r != NULL && (r->input != NULL || (!rq->match.api && !http_safe(rq->http.method))))
		rq->sent = input_open(
			rq->mem, &rq->http, r->envelope, rq->match.params, rq->match.count, fault);
}

const struct route *
serve_row_of(struct req *rq)
{
	if (rq->match.allow == 0)
		err_add(&rq->fault, ERR_NOT_FOUND, NULL, 0);
	else if (rq->match.route == NULL && rq->http.method != OPTIONS)
		err_add(&rq->fault, ERR_METHOD, NULL, 0);
	return rq->match.route;
}

static bool
let_in(struct req *rq)
{
	if (serve_row_of(rq) == NULL || !guard_token(rq))
		return false;
	/* Only the database knows a personal token, and a bad one learns nothing of the input. */
	if (rq->me != NULL && rq->me->personal != NULL && serve_unit(rq, nothing, false) == NULL)
		return false;
	serve_sent(rq, &rq->fault);
	return rq->fault.count == 0;
}

/* From a request to the result of its row; NULL with the error noted, or for OPTIONS. */
static json_t *
answer(struct req *rq)
{
	const struct page_steps *pages = NULL;
	const struct route *r;

	if (!rq->match.api)
		pages = rq->program->pages;
	if (rq->http.wrong != ERR_NONE) {
		if (pages == NULL || pages->find_viewer(rq)) /* whose page it is, is asked first */
			err_add(&rq->fault, rq->http.wrong, NULL, 0);
		return NULL;
	}
	if (pages != NULL && pages->exchanges(rq))
		return serve_unit(rq, pages->exchange, true);
	if (pages != NULL ? !pages->let_in(rq) : !let_in(rq))
		return NULL;
	r = rq->match.route;
	if (rq->http.coming != NULL)
		return rq->program->stream->take(rq);
	if ((rq->in = input_read(rq->mem, r->input, rq->sent, &rq->fault)) == NULL)
		return NULL;
	if (r->first != NULL && (rq->held = serve_unit(rq, r->first, false)) == NULL)
		return NULL;
	/* A safe request changes nothing, but for the login by GET: its first step has hashed. */
	return serve_unit(rq, r->run, r->first != NULL || !http_safe(rq->http.method));
}

/* The gate has one question, and neither pages nor JSON. */
static void
serve_gate(struct worker *w, struct req *rq, struct http_response *response)
{
	rq->match.route = w->program->routes;
	w->program->gate->read(rq, fcgi_value, w->fcgi);
	if (w->program->gate->asks(rq))
		(void)serve_unit(rq, rq->match.route->run, false);
	w->program->gate->answer(rq, response);
}

static void
serve_row(struct req *rq, struct http_response *response)
{
	json_t *result = answer(rq); /* as JSON or as a page, or what was wrong */

	if (rq->fault.count > 0 && rq->program->pages != NULL)
		rq->program->pages->show_again(rq);
	if (result == NULL && rq->fault.count == 0 && rq->match.route != NULL &&
		(rq->match.api || rq->out.location == NULL) && rq->match.route->status != 204) {
		log_error("a row answered nothing: %s %s", rq->program->name,
			rq->match.route->api != NULL ? rq->match.route->api
						     : rq->match.route->page);
		err_add(&rq->fault, ERR_INTERNAL, NULL, 0);
	}
	view(rq, result, response);
}

/* The same for programs that know questions again. */
static void
serve_row_again(struct worker *w, struct req *rq, struct http_response *response)
{
	const struct repeat_steps *steps = w->program->repeats;

	if (steps->answer(w->repeats, rq, response))
		return;
	serve_row(rq, response);
	steps->keep(w->repeats, rq, response);
}

static long
microseconds_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - then->tv_sec) * 1000000 + (now.tv_nsec - then->tv_nsec) / 1000;
}

static void
serve_one(struct worker *w, struct req *rq)
{
	struct http_response response;
	struct timespec start;
	const char *bytes;
	size_t length;
	long took;

	clock_gettime(CLOCK_MONOTONIC, &start);
	db_serve(w->db, w->mem, &rq->fault);
	rq->origin = (struct origin){ rq->http.address, rq->http.agent, rq->http.id };
	if (w->program->gate != NULL)
		serve_gate(w, rq, &response);
	else if (w->repeats != NULL)
		serve_row_again(w, rq, &response);
	else
		serve_row(rq, &response);
	if (rq->http.coming != NULL)
		w->program->stream->drain(w->fcgi);
	if (response.source != NULL) {
		w->program->stream->give(rq, &response, w->fcgi);
	} else {
		bytes = http_write(w->mem, &response, &length);
		fcgi_answer(w->fcgi, bytes, length);
	}
	took = microseconds_since(&start);
	metrics_request(response.status, took);
	if (rq->program->logs_in && rq->match.route != NULL && rq->match.route->first != NULL)
		metrics_login(response.status);
	log_request(&(struct log_line){ rq->http.id, rq->http.method_name, rq->http.path,
		response.status, took, rq->me != NULL ? rq->me->username : NULL });
}

/* Find the row of a request, which may want to read the body by itself. */
static void
receive(struct worker *w, struct req *rq)
{
	if (w->program->gate == NULL)
		route_find(
			&rq->match, rq->mem, rq->program, rq->conf, rq->http.method, rq->http.path);
	if (w->program->pages != NULL && w->views == NULL && !rq->match.api) {
		serve_views(w);
		rq->views = w->views;
	}
	if (w->program->stream == NULL || !w->program->stream->comes(rq, w->fcgi))
		fcgi_body(w->fcgi, w->mem, &rq->http);
}

static void
loop(struct worker *w)
{
	struct http_request http;

	mem_serve_json(w->mem);
	while (fcgi_next(w->fcgi, w->mem, &http)) {
		struct req rq = { .program = w->program,
			.conf = w->conf,
			.pass = &w->pass,
			.tokens = w->tokens,
			.views = w->views,
			.cors = w->cors,
			.db = w->db,
			.mem = w->mem,
			.http = http };

		receive(w, &rq);
		serve_one(w, &rq);
		mem_drop(w->mem);
	}
	mem_serve_json(NULL);
}

bool
serve_option(int argc, char **argv, const char *option)
{
	return argc > 1 && getenv("REQUEST_METHOD") == NULL && strcmp(argv[1], option) == 0;
}

int
serve(int argc, char **argv, const struct program *program)
{
	struct worker w = { 0 };
	const char *why;
	int status = 0;

	mem_serve_libraries();
	log_open(program->name);
	if (serve_option(argc, argv, "--version"))
		return puts("postern " POSTERN_VERSION) < 0;
	if (serve_option(argc, argv, "--routes"))
		return route_print(program, stdout), 0;
	if (serve_option(argc, argv, "--class"))
		return puts(program->class) < 0;
	if (!serve_option(argc, argv, "--check"))
		log_linger();
	if ((why = serve_start(&w, program)) == NULL) {
		long body = program->body != NULL ? program->body(w.conf) : w.conf->limits_body;
		if (serve_option(argc, argv, "--check")) {
			status = serve_check(&w);
		} else if ((w.fcgi = fcgi_open((size_t)body)) != NULL) {
			metrics_open(w.conf, program->class, program->name);
			loop(&w);
		} else {
			why = "no socket on descriptor 0 and no CGI request in the environment: a FastCGI "
			      "process manager or a web server starts it (make run)";
		}
	}
	serve_stop(&w);
	if (why != NULL)
		log_die("%s", why);
	return status;
}
