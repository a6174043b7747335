/* SPDX-License-Identifier: ISC */
#pragma once

#include "http.h"
#include "mem.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Where requests come from: FastCGI when descriptor 0 is a listening socket, else one request of
 * plain CGI when REQUEST_METHOD is set.
 */
struct fcgi;

/*
 * Get ready. `body_max`: bytes of a request body that are kept; a longer one is read to its end and
 * noted as ERR_BODY_LARGE. NULL if there is neither a socket nor a CGI request. Call once, before
 * any request; installs the handlers of SIGTERM, SIGUSR1, SIGALRM and SIGPIPE.
 */
struct fcgi *fcgi_open(size_t body_max);

/*
 * Wait for the next request and read all of it into `rq` but its body. False when the process
 * should end: told so by SIGTERM or SIGUSR1, or the one CGI request is done.
 */
bool fcgi_next(struct fcgi *f, struct mem *m, struct http_request *rq);

/* Read the body, too. */
void fcgi_body(struct fcgi *f, struct mem *m, struct http_request *rq);

/*
 * Instead: let it come. Then rq->coming reads it: -1 if it is not as long as Content-Length says,
 * or the peer is gone. What nobody has read is to be passed over before the answer: fcgi_drain.
 */
void fcgi_let_come(struct fcgi *f, struct http_request *rq);
void fcgi_drain(struct fcgi *f);

/* Write the whole answer and be done with the request. False if the peer had gone. */
bool fcgi_answer(struct fcgi *f, const char *bytes, size_t length);

/* Write a piece of an answer, which has a time of its own. False if the peer has gone. */
bool fcgi_piece(struct fcgi *f, const char *bytes, size_t length);

/* Break the connection off in the middle of an answer, so that nobody takes it for whole. */
void fcgi_cut(struct fcgi *f);

/* A variable of the web server as it came with the present request, an http_param of the
 * struct fcgi. */
const char *fcgi_value(void *source, const char *name);

void fcgi_close(struct fcgi *f);
