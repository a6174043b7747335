/* SPDX-License-Identifier: ISC */
#pragma once

#include "conf.h"
#include "db.h"
#include "event.h"
#include "http.h"
#include "input.h"
#include "pass.h"
#include "session.h"
#include "token.h"

#include <jansson.h>
#include <stdio.h>

/* Rows of a table leave out the columns at their end that say nothing. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* Who may come in. 0 is no guard: a row that forgets its own is refused at start. */
enum guard {
	OPEN = 1, /* everybody; a token is not even looked at */
	PUBLIC,   /* everybody; a token that is there must be good */
	MEMBER,   /* a good token */
	OWNER,    /* … of a login: a personal one (personal.h) will not do */
	ADMIN,    /* … of an admin */
	GATE,     /* the one row of a program that a web server asks whom it may let in (gate.h) */
};

struct req;
struct program;

/* What the gate is asked, and how it goes about it (gate.h). */
struct gate;
struct gate_steps;

/* How bodies and answers of any length go in and out (stream.h). */
struct stream_steps;

/* How questions that were asked before are answered (repeat.h). */
struct repeat_steps;

/* What pages of other sites may do (cors.h). */
struct cors;

/* The pages of a program: its templates, read once, and what they are told of the site (view.h). */
struct views;

/* A row's function. Its answer is borrowed from the request; NULL after an error was noted. */
typedef json_t *handler(struct req *rq);

/* How a program that has pages serves a browser (serve_page.c): what serve calls for a path that is
 * not of the API. */
struct page_steps {
	struct views *(*open)(const struct program *p, const struct conf *conf, const char **why);
	void (*close)(struct views *views);
	/* Who looks at the page. False with an error noted if that cannot be known now. */
	bool (*find_viewer)(struct req *rq);
	/* Whether a token in the address is to become a session, and that unit of work. */
	bool (*exchanges)(const struct req *rq);
	handler *exchange;
	/* Whether the browser may come in. False with an error noted. */
	bool (*let_in)(struct req *rq);
	/* After an error: ask what the page of a refused form shows beside it. */
	void (*show_again)(struct req *rq);
	void (*answer)(struct req *rq, json_t *result, struct http_response *rs);
};

/*
 * One endpoint. Paths are literal segments, `:name` for one segment, `:name.webp` for one with such
 * an end, `:name+` for the rest of the path; the first row that fits counts, so literal rows stand
 * before those with names. A page path that ends in .json, .webp, .xml or .txt is no page, nor is
 * /metrics: what nobody browses.
 */
struct route {
	enum method method;
	const char *api;  /* under /api; NULL = none */
	const char *page; /* from /; NULL = none */
	enum guard guard;
	const char *envelope;      /* member of a JSON body that holds the fields, or NULL */
	const struct field *input; /* NULL = nothing is read */
	handler *
		first; /* once, outside any transaction: hashing; its answer is rq->held; or NULL */
	handler *run;  /* the work; run again after a deadlock */
	int status;    /* of success: 200, 201, 202, 204 */
	const char *
		html; /* the page: templates/HTML.html; NULL: it always sends a browser elsewhere */
	enum feature feature; /* without it, the row is as if it were not there */
};

/* A program: one noun of the URL. */
struct program {
	const char *name;  /* NAME.fcgi */
	const char *class; /* whose secrets it reads: "credentials", "content", … */
	const struct route *routes;
	/* Bytes of a request body that are read, by the settings; NULL: limits.body. */
	long (*body)(const struct conf *conf);
	/* It changes counts that many change at once, if only when an account goes: see
	 * db_new_committed. */
	bool counts;
	bool logs_in; /* its rows with a `first` are tries at a password: see metrics.h */
	const struct page_steps *pages; /* of a program that has pages; no other links them */
	const struct gate_steps *gate;  /* of the program with the row GATE; likewise */
	/*
	 * Of a program with bodies or answers of any length (stream.h); likewise. Each of its rows
	 * with a `first` takes a form as it comes: `first` takes the file in units of work of its
	 * own, and is never run again; `undo` takes back what it kept when the rest fails.
	 */
	const struct stream_steps *stream;
	handler *undo;
	const struct repeat_steps *repeats; /* of a program whose answers hang on rows; likewise */
};

enum {
	ROUTE_PARAMS = 8
};

/* What a path and a method lead to. */
struct match {
	const struct route *route; /* NULL: see `allow` */
	unsigned allow;            /* methods that the path knows; 0 = unknown path */
	bool api;                  /* answer as JSON */
	struct http_pair params[ROUTE_PARAMS];
	size_t count;
};

/* The cookies that a browser is given. */
enum browser_cookie {
	BROWSER_SESSION, /* who is logged in */
	BROWSER_PRE,     /* stands for the session in the forms of those who are not */
	BROWSER_FLASH,   /* the message that the next page shows */
	BROWSER_COOKIES
};

/* What came with a page's request. */
struct browser {
	const char *cookie[BROWSER_COOKIES]; /* NULL: none, or none of our making */
	json_t *viewer;                      /* the row of session_find; NULL = anonymous */
	bool known;                          /* it was asked who that is, and answered */
	bool ended;                          /* there was a cookie, but its session is no more */
};

/* What an answer does besides showing its result; forgotten when the work is undone. */
struct outcome {
	const char *location; /* where it goes on, a path of this site; NULL: it stays */
	const char *cache;    /* Cache-Control; NULL: no-store */
	/* Of a safe request for JSON: its ETag begins with this, and the client may ask whether it
	 * still holds; NULL: no ETag. */
	const char *etag;
	const char *file; /* the result goes out as a JSON file of this name, from a page as well */
	const struct http_bytes *bytes; /* of an address that is no page: these, not the result */
	const struct http_source
		*source; /* this goes out, and not the result, from a page as well */
	const char *set[BROWSER_COOKIES]; /* Set-Cookie headers, or NULL */
	int status;                       /* of JSON, instead of the row's; 0 = the row's */
};

/* A request on its way through the pipeline. */
struct req {
	const struct program *program;
	const struct conf *conf;
	const struct pass_rules *pass;
	struct views *views;     /* NULL: the program has no pages */
	const struct cors *cors; /* NULL: pages of other sites may do nothing */
	struct tokens *tokens;
	struct db *db;
	struct mem *mem;
	struct http_request http;
	struct match match;
	struct origin origin;
	struct fault fault;
	struct sent *sent; /* what came; NULL where nothing was read */
	json_t *in;        /* the declared members of it */
	struct browser browser;
	struct outcome out;
	struct me *me;     /* who asks; NULL = anonymous */
	json_t *held;      /* what `first` answered */
	bool again;        /* this is the page's row for a refused form, whose own row ran before */
	json_t *shown;     /* for a refused form: the result of the row that shows its page */
	struct gate *gate; /* NULL: this is no gate */
	const char *challenge; /* WWW-Authenticate of a 401; NULL = Bearer */
	bool lost;             /* the database has been already: the next unit tries once less */
};

/*
 * Find the row for `method` and `path` among the program's. Paths are /api/…, a page path, or
 * /api/NAME.fcgi/REST, which stands for /api/NAME/REST or else /api/REST. HEAD takes the GET row.
 * Segments are handed out as they are: decoded by the web server, not checked. Rows of a feature
 * that `conf` has not are passed over; NULL: there are all.
 */
void route_find(struct match *out, struct mem *m, const struct program *p, const struct conf *conf,
	enum method method, const char *path);

/* NULL, or what is wrong with the table: a row without guard, function, status or path. */
const char *route_flaw(const struct program *p);

/* Whether some row looks at tokens, so that the program needs keys. */
bool route_wants_tokens(const struct program *p, const struct conf *conf);

/* The rows, one a line, tab separated: program, method, api path, page path, guard; "-" for none.
 */
void route_print(const struct program *p, FILE *to);

/* What the guard of a row is called. */
const char *route_guard(const struct route *r);

/*
 * Send a browser to `pattern` after this, with :name filled from the object `from`, whose member is
 * text or a whole number; JSON callers take no notice.
 */
void goes_to(struct req *rq, const char *pattern, json_t *from);

/* Send a browser where it was on its way to: the member `next` of the input, else "/". */
void goes_on(struct req *rq);

/* An empty object, for rows that only show a page. */
json_t *nothing(struct req *rq);

/* An object with one member, for `return`. */
json_t *under(struct req *rq, const char *name, json_t *value);
