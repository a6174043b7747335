/* SPDX-License-Identifier: ISC */
/*
 * fcgi: the two ways a request comes in. FastCGI 1.0 by libfcgi, one request a connection, and
 * plain CGI (RFC 3875). Owns the connections and the reading of bodies; knows nothing of what a
 * request means.
 *
 * libfcgi 2.4 needs care, and this file takes it: its own accepting and signal handling can spin
 * for ever, so connections are accepted by fcgi_wait.c, whose signals are taken before FCGX_Init
 * (it then leaves them alone); it has no timeouts, so a peer that stalls is shut down; it does not
 * compare the body with CONTENT_LENGTH, so that is done here; a body left unread on a kept
 * connection would be parsed as the next request, so it is always read to its end; after an answer
 * it waits for the peer to close, which nobody needs who has read all of its input.
 */
#include "fcgi.h"

#include "fcgi_params.h"
#include "fcgi_wait.h"
#include "fd.h"

#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	READ_SECONDS = 3,   /* for all of a request: the web server has buffered it */
	WRITE_SECONDS = 30, /* for all of an answer, a piece of a long one, or to drain a body */
	CHUNK = 16 * 1024,
	DRAIN = 64 << 20, /* bytes of a body that is refused, under CGI */
};

struct fcgi {
	bool cgi, done;
	bool ended;          /* nothing of the input is left */
	bool coming;         /* there may be some of the body that nobody has read */
	size_t came, length; /* of it: so far, and as CONTENT_LENGTH says */
	size_t body_max;
	struct http_coming reader;
	FCGX_Request request;
	struct fcgi_params params;
};

/* libfcgi would let those addresses alone connect. Deny by default: who wants that is told. */
static void
refuse_addresses(void)
{
	struct sockaddr_storage name = { 0 };
	socklen_t size = sizeof name;

	if (getenv("FCGI_WEB_SERVER_ADDRS") != NULL &&
		getsockname(STDIN_FILENO, (struct sockaddr *)&name, &size) == 0 &&
		name.ss_family != AF_UNIX)
		mem_abort("FCGI_WEB_SERVER_ADDRS is not looked at: listen on a unix socket");
}

static bool
listening(int fd)
{
	int on = 0;
	socklen_t size = sizeof on;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &size) == 0 && on;
}

struct fcgi *
fcgi_open(size_t body_max)
{
	struct fcgi *f = calloc(1, sizeof *f);

	if (f == NULL)
		mem_abort("out of memory");
	f->body_max = body_max;
	f->cgi = !listening(STDIN_FILENO);
	if (f->cgi && getenv("REQUEST_METHOD") == NULL) {
		free(f);
		return NULL;
	}
	fcgi_wait_open(!f->cgi);
	if (f->cgi)
		return f;
	refuse_addresses();
	/* A peer that keeps an answered connection open holds the worker so many milliseconds. */
	setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "1000", 1);
	if (FCGX_Init() != 0 || FCGX_InitRequest(&f->request, -1, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
		mem_abort("libfcgi does not start");
	return f;
}

/* Wait for a connection and let libfcgi read its parameters. False = stop. */
static bool
accept_next(struct fcgi *f)
{
	int fd;

	while ((fd = fcgi_wait_next()) >= 0) {
		fcgi_wait_read(fd, READ_SECONDS);
		f->ended = false;
		/* As if it were a kept one: libfcgi reads from it, and accepts none itself. */
		f->request.ipcFd = fd;
		f->request.keepConnection = 1;
		if (FCGX_Accept_r(&f->request) != 0) {
			fcgi_wait_over(); /* the peer stalled or sent nonsense, and is gone */
			continue;
		}
		f->request.keepConnection = 0;
		if (FCGX_GetError(f->request.in) == 0)
			return true;
		/* Cut between two parameters: libfcgi takes those before for all. */
		fcgi_wait_over();
		FCGX_Free(&f->request, 1);
	}
	return false;
}

const char *
fcgi_value(void *source, const char *name)
{
	struct fcgi *f = source;

	return f->cgi ? getenv(name) : fcgi_params_get(&f->params, name);
}

/* What must not come twice: libfcgi answers with the first, and who knows which one counted
 * elsewhere. */
static void
refuse_twins(struct fcgi *f, struct http_request *rq)
{
	static const char *const names[] = {
		"CONTENT_LENGTH=", "REQUEST_METHOD=", "HTTP_AUTHORIZATION="
	};
	enum {
		LENGTH,
		METHOD,
		AUTHORIZATION,
		NAMES
	};
	unsigned seen[NAMES] = { 0 };

	for (char **e = f->request.envp; *e != NULL; e++)
		for (size_t i = 0; i < NAMES; i++)
			seen[i] += **e == *names[i] && strncmp(*e, names[i], strlen(names[i])) == 0;
	if (seen[LENGTH] > 1 || seen[METHOD] > 1)
		rq->wrong = ERR_BAD_REQUEST;
	if (seen[AUTHORIZATION] > 1)
		rq->authorization =
			""; /* no credential, and not none: refused where one is looked at */
}

/* Up to `size` bytes of the body; 0 = its end, -1 = the peer failed. */
static ssize_t
read_some(struct fcgi *f, char *to, size_t size)
{
	ssize_t n;

	if (f->cgi) {
		/* Nobody has buffered it: each piece has its own time. */
		fcgi_wait_read(STDIN_FILENO, READ_SECONDS);
		return read(STDIN_FILENO, to, size);
	}
	if ((n = FCGX_GetStr(to, (int)size, f->request.in)) > 0)
		return n;
	f->ended = FCGX_GetError(f->request.in) == 0;
	return f->ended ? 0 : -1;
}

/* Read the body to its end, keep what fits, and say what is wrong with it. */
static void
read_body(struct fcgi *f, struct mem *m, struct http_request *rq)
{
	bool keep = rq->wrong == ERR_NONE && rq->declared <= f->body_max;
	char chunk[CHUNK], *body = keep ? mem_get(m, rq->declared + 1) : NULL;
	/* A connection to its end; under CGI as far as CONTENT_LENGTH says. Of what is not kept no
	 * sea, but Apache loses an answer that comes before it was taken. */
	size_t want = !f->cgi ? (size_t)-1 : keep || rq->declared <= DRAIN ? rq->declared : 0;
	size_t total = 0;
	ssize_t n = 0;

	while (total < want &&
		(n = read_some(f, chunk, want - total < CHUNK ? want - total : CHUNK)) > 0) {
		if (keep && total + (size_t)n <= rq->declared)
			memcpy(body + total, chunk, (size_t)n);
		total += (size_t)n;
	}
	if (rq->wrong == ERR_NONE && !keep)
		rq->wrong = ERR_BODY_LARGE;
	if (rq->wrong == ERR_NONE && (total != rq->declared || n < 0))
		rq->wrong = ERR_BODY_LENGTH;
	if (rq->wrong == ERR_NONE) {
		rq->body = body;
		rq->length = total;
	}
}

bool
fcgi_next(struct fcgi *f, struct mem *m, struct http_request *rq)
{
	if (f->cgi ? f->done : !accept_next(f))
		return false;
	if (f->cgi)
		fcgi_wait_read(STDIN_FILENO, READ_SECONDS);
	else
		fcgi_params_set(&f->params, f->request.envp);
	http_read(rq, m, fcgi_value, f);
	if (!f->cgi)
		refuse_twins(f, rq);
	return true;
}

void
fcgi_body(struct fcgi *f, struct mem *m, struct http_request *rq)
{
	if (!f->cgi && f->request.role == FCGI_AUTHORIZER) /* has no body (FastCGI 1.0, 6.3) */
		rq->body = "";
	else
		read_body(f, m, rq);
	fcgi_wait_over();
}

/* http_coming: some of a body that nobody keeps. */
static ssize_t
read_coming(void *source, char *to, size_t size)
{
	struct fcgi *f = source;
	size_t left = f->length - f->came;
	ssize_t n;

	if (!f->coming)
		return f->came == f->length ? 0 : -1;
	if (!f->cgi)
		fcgi_wait_read(f->request.ipcFd, READ_SECONDS);
	n = f->cgi && left == 0 ? 0 : read_some(f, to, f->cgi && left < size ? left : size);
	fcgi_wait_over();
	if (n <= 0)
		f->coming = false;
	if (n < 0 || (size_t)n > left || (n == 0 && left > 0)) {
		f->came = f->length + 1; /* and so it stays */
		return -1;
	}
	f->came += (size_t)n;
	return n;
}

void
fcgi_let_come(struct fcgi *f, struct http_request *rq)
{
	f->coming = true;
	f->came = 0;
	f->length = rq->declared;
	f->reader = (struct http_coming){ read_coming, f };
	rq->coming = &f->reader;
	fcgi_wait_over();
}

void
fcgi_drain(struct fcgi *f)
{
	char chunk[CHUNK];

	while (f->cgi && f->length - f->came <= DRAIN && read_coming(f, chunk, CHUNK) > 0)
		; /* as in read_body */
	if (f->cgi || !f->coming)
		return;
	f->coming = false;
	fcgi_wait_read(f->request.ipcFd, WRITE_SECONDS);
	while (read_some(f, chunk, sizeof chunk) > 0)
		;
	fcgi_wait_over();
}

/*
 * Close the connection: a kept one would hold the worker while its peer is idle. libfcgi would shut
 * it down and wait for the peer, so that what the peer has still sent does not break the answer off
 * (a socket that is closed with unread input is reset). When all was read there is no such thing.
 */
static void
hang_up(struct fcgi *f)
{
	int fd = f->request.ipcFd;

	FCGX_Free(&f->request, !f->ended);
	if (!f->ended)
		return;
	f->request.ipcFd = -1;
	close(fd);
}

/* The request is over. */
static bool
finish(struct fcgi *f)
{
	bool sent;

	if (f->cgi) {
		f->done = true;
		return true;
	}
	fcgi_wait_write(f->request.ipcFd, WRITE_SECONDS);
	FCGX_FClose(f->request.err);
	sent = FCGX_FClose(f->request.out) == 0; /* last: its tail and END_REQUEST go together */
	fcgi_wait_over();
	hang_up(f);
	return sent;
}

bool
fcgi_piece(struct fcgi *f, const char *bytes, size_t length)
{
	bool sent;

	fcgi_wait_write(f->cgi ? STDOUT_FILENO : f->request.ipcFd, WRITE_SECONDS);
	sent = f->cgi ? fd_write(STDOUT_FILENO, bytes, length)
		      : FCGX_PutStr(bytes, (int)length, f->request.out) == (int)length;
	fcgi_wait_over();
	return sent;
}

bool
fcgi_answer(struct fcgi *f, const char *bytes, size_t length)
{
	bool sent = fcgi_piece(f, bytes, length);

	return finish(f) && sent;
}

void
fcgi_cut(struct fcgi *f)
{
	if (f->cgi)
		f->done = true;
	else
		FCGX_Free(&f->request, 1); /* without END_REQUEST */
}

void
fcgi_close(struct fcgi *f)
{
	free(f);
}
