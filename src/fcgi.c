/* SPDX-License-Identifier: ISC */
/*
 * fcgi: the two ways a request comes in. FastCGI 1.0 by libfcgi, one request a connection, and
 * plain CGI (RFC 3875). Owns the sockets, the signals and the reading of bodies; knows nothing of
 * what a request means.
 *
 * libfcgi 2.4 needs care, and this file takes it: its own signal handling can spin for ever in
 * OS_Accept, so the handlers are ours, set before FCGX_Init (it then leaves them alone), and both
 * signals are blocked but for the ppoll that waits; it has no timeouts, so a timer interrupts a
 * peer that stalls; it does not compare the body with CONTENT_LENGTH, so that is done here; a body
 * left unread on a kept connection would be parsed as the next request, so it is always read to its
 * end.
 */
#include "fcgi.h"

#include "fcgi_params.h"
#include "fd.h"
#include "log.h"

#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
	READ_SECONDS = 3,   /* for all of a request: the web server has buffered it */
	WRITE_SECONDS = 30, /* for all of an answer, a piece of a long one, or to drain a body */
	CHUNK = 16 * 1024,
	DRAIN = 64 << 20, /* bytes of a body that is refused, under CGI */
};

struct fcgi {
	bool cgi, done;
	bool coming;         /* there may be some of the body that nobody has read */
	size_t came, length; /* of it: so far, and as CONTENT_LENGTH says */
	size_t body_max;
	struct http_coming reader;
	FCGX_Request request;
	struct fcgi_params params;
	sigset_t waiting; /* the mask while waiting: stop signals open */
};

static volatile sig_atomic_t stopping, late;

static void
stop(int signal)
{
	(void)signal;
	stopping = 1;
}

static void
interrupt(int signal)
{
	(void)signal; /* most often enough: read(2) and write(2) return EINTR */
	late = 1;
}

/* Interrupt blocking calls after `seconds`, and each second from then on; 0 = no more. What a
 * handler waits for (the database, a slot) takes that in its stride, so the clock of reading runs
 * on until that of writing starts, and stops when there is nothing to do: two system calls a
 * request. */
static void
watch(time_t seconds)
{
	struct itimerval timer = { .it_value.tv_sec = seconds, .it_interval.tv_sec = seconds > 0 };

	late = 0;
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void
take_signals(struct fcgi *f)
{
	struct sigaction on_stop = { .sa_handler = stop }, on_alarm = { .sa_handler = interrupt };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t stops;

	sigaction(SIGTERM, &on_stop, NULL);
	sigaction(SIGUSR1, &on_stop, NULL);
	sigaction(SIGALRM, &on_alarm, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigemptyset(&stops);
	sigaddset(&stops, SIGTERM);
	sigaddset(&stops, SIGUSR1);
	sigprocmask(SIG_BLOCK, &stops, &f->waiting);
	sigdelset(&f->waiting, SIGTERM);
	sigdelset(&f->waiting, SIGUSR1);
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
	take_signals(f);
	if (f->cgi)
		return f;
	/* A peer that keeps an answered connection open holds the worker so many milliseconds. */
	setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "1000", 1);
	if (FCGX_Init() != 0 ||
		FCGX_InitRequest(&f->request, STDIN_FILENO, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
		mem_abort("libfcgi does not start");
	fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
	return f;
}

/* Out of descriptors or memory: the connection still waits, so do not ask again at once. */
static void
rest(int error)
{
	if (error != EMFILE && error != ENFILE && error != ENOBUFS && error != ENOMEM)
		return;
	log_error("no connection can be accepted: %s", strerror(error));
	nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
}

/* While connections wait, ppoll returns them and lets no signal in: ask for one that waits. */
static bool
told_to_stop(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigpending(&signals);
	return stopping || sigismember(&signals, SIGTERM) == 1 ||
		sigismember(&signals, SIGUSR1) == 1;
}

/* Wait for a connection and let libfcgi read its parameters. False = stop. */
static bool
accept_next(struct fcgi *f)
{
	struct pollfd listener = { .fd = STDIN_FILENO, .events = POLLIN };
	int failed;

	for (;;) {
		if (told_to_stop())
			return false;
		if (ppoll(&listener, 1, NULL, &f->waiting) < 0) {
			watch(0);
			continue;
		}
		watch(READ_SECONDS);
		if ((failed = FCGX_Accept_r(&f->request)) != 0) {
			rest(-failed); /* another took it, the peer stalled or sent nonsense */
			continue;
		}
		if (FCGX_GetError(f->request.in) == 0)
			return true;
		/* Cut between two parameters: libfcgi takes those before for all. */
		FCGX_Free(&f->request, 1);
	}
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
		watch(READ_SECONDS); /* nobody has buffered it: each piece has its own time */
		return read(STDIN_FILENO, to, size);
	}
	n = FCGX_GetStr(to, (int)size, f->request.in);
	return n == 0 && FCGX_GetError(f->request.in) != 0 ? -1 : n;
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
		if (late && !f->cgi) /* a peer that never lets us wait is not interrupted */
			shutdown(f->request.ipcFd, SHUT_RD);
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
		watch(READ_SECONDS);
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
	watch(READ_SECONDS);
	n = f->cgi && left == 0 ? 0 : read_some(f, to, f->cgi && left < size ? left : size);
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
	for (watch(WRITE_SECONDS); !late && read_some(f, chunk, sizeof chunk) > 0;)
		;
	if (late)
		shutdown(f->request.ipcFd, SHUT_RD);
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
	FCGX_FClose(f->request.err);
	sent = FCGX_FClose(f->request.out) == 0; /* last: its tail and END_REQUEST go together */
	/* A kept connection would hold the worker while its peer is idle. */
	f->request.keepConnection = 0;
	FCGX_Finish_r(&f->request);
	return sent;
}

bool
fcgi_piece(struct fcgi *f, const char *bytes, size_t length)
{
	watch(WRITE_SECONDS);
	return f->cgi ? fd_write(STDOUT_FILENO, bytes, length)
		      : FCGX_PutStr(bytes, (int)length, f->request.out) == (int)length;
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
