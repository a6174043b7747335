/* SPDX-License-Identifier: ISC */
#pragma once

#include "err.h"
#include "mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Methods are bits, so that Allow is an OR of them. */
enum method {
	GET = 1,
	HEAD = 2,
	POST = 4,
	PUT = 8,
	PATCH = 16,
	DELETE = 32,
	OPTIONS = 64,
	UNKNOWN = 128,
};

/* GET, HEAD and OPTIONS: requests that change nothing (RFC 9110 section 9.2.1). */
#define http_safe(method) (((method) & (GET | HEAD | OPTIONS)) != 0)

/* A CGI variable (RFC 3875) of the request, or NULL. */
typedef const char *http_param(void *source, const char *name);

/* A body that is read as it comes: up to `size` bytes of it; 0 at its end, -1 if there is no good
 * end to it. */
struct http_coming {
	ssize_t (*read)(void *source, char *to, size_t size);
	void *source;
};

/* A request as the web server handed it over. All strings live as long as the request. */
struct http_request {
	enum method method;
	const char *method_name;
	const char *path;          /* decoded once, by the web server; begins with '/' */
	const char *query;         /* without '?', still encoded; never NULL */
	const char *type;          /* media type in lower case, without parameters; "" if none */
	const char *boundary;      /* of a multipart body; NULL if there is none */
	const char *authorization; /* NULL if there is none */
	const char *cookies;       /* Cookie header, "" if there is none */
	const char *origin, *referer, *fetch_site; /* headers of these names, NULL if absent */
	const char *csrf;                          /* X-CSRFToken or X-CSRF-Token, or NULL */
	enum method preflight;         /* Access-Control-Request-Method; 0 if there is none */
	const char *none_match;        /* If-None-Match, "" if there is none */
	const char *if_match;          /* If-Match, "" if there is none */
	const char *idempotency_key;   /* "" if there is none */
	const char *preflight_headers; /* Access-Control-Request-Headers, "" if there is none */
	const char *port;              /* the server's own, "" if unknown */
	const char *address;           /* REMOTE_ADDR */
	const char *agent;             /* User-Agent, "" if there is none */
	const char *id;                /* of the web server if it gave one, else made here */
	bool https;
	size_t declared;  /* CONTENT_LENGTH */
	const char *body; /* a NUL stands behind it */
	size_t length;
	const struct http_coming *coming; /* the body, which has not been read; NULL: it has */
	const char *range, *if_range; /* headers of these names, where serve_stream.c reads them */
	enum err wrong; /* what is wrong with the request before anybody has looked at it */
};

enum {
	HTTP_HEADERS = 24, /* of an answer, at most */
	HTTP_PAIRS = 1000, /* of a query or a form */
};

/* An answer: written once, when all of it is known. */
struct http_response {
	int status;
	size_t headers;
	struct {
		const char *name, *value;
	} header[HTTP_HEADERS];
	const char *body;
	size_t length;
	bool head;                        /* the request was HEAD: headers alone */
	const struct http_source *source; /* in place of `body`, `length` bytes of it … */
	uint64_t from;                    /* … from here on */
};

/* What goes out piece by piece, of any length. */
struct http_source {
	const char *type, *tag; /* as in http_bytes */
	const char *name;       /* of the file that it shall become */
	uint64_t length;
	/* The bytes from `at` to the end of their piece; false if they cannot be had. */
	bool (*piece)(void *of, uint64_t at, const char **bytes, size_t *length);
	void *of;
};

/* What goes out as it is, of a media type, known by a tag (RFC 9110 section 8.8.3) in quotes. */
struct http_bytes {
	const char *bytes, *type, *tag;
	size_t length;
};

/* A decoded name and value of a query or a form. The bytes may be anything: input checks them.
 * Behind a value stands a NUL, but for a file's: that points into the body. */
struct http_pair {
	const char *name, *value;
	size_t name_length, value_length;
	const char *filename; /* as the client calls it, perhaps ""; NULL: not a file */
	const char *type;     /* of a file: its media type in lower case; else NULL */
};

/*
 * Fill `rq` from CGI variables: everything but the body. A contradiction is noted in rq->wrong; the
 * request can still be answered.
 */
void http_read(struct http_request *rq, struct mem *m, http_param *param, void *source);

/* Note a header. A value with a control character is a broken invariant and ends the process. */
void http_header(struct http_response *rs, const char *name, const char *value);

/* Headers and body as CGI wants them (RFC 3875 section 6), in `m`; its size in *length. */
const char *http_write(struct mem *m, const struct http_response *rs, size_t *length);

/*
 * Whether the client has what `tag` names already (If-None-Match, RFC 9110 section 13.1.2). Our
 * tags are of one kind and none is a part of another, so its list can be searched.
 */
bool http_has(const struct http_request *rq, const char *tag);

/* "GET, HEAD, …" for the bits in `methods`, in `m`. */
const char *http_allow(struct mem *m, unsigned methods);

/*
 * Split and decode a query or a urlencoded body: the pairs in `m` at *pairs, their number in
 * *count. ERR_NONE, ERR_ENCODING for a broken escape, or ERR_MANY for more than HTTP_PAIRS.
 */
enum err http_pairs(struct mem *m, const char *text, size_t length, const struct http_pair **pairs,
	size_t *count);

/* What an Authorization header holds. */
enum http_credential {
	HTTP_NO_CREDENTIAL,
	HTTP_BEARER,    /* "Bearer x" or "Token x": *value is x */
	HTTP_BASIC,     /* "Basic x" (RFC 7617) */
	HTTP_MALFORMED, /* another scheme, or anything but one blank and one word behind it */
};
enum http_credential http_authorization(const char *header, const char **value);

/*
 * Name and password of a Basic credential, in `m`: base64 of UTF-8 with a colon between them
 * (RFC 7617 section 2). False if it is anything else, or must be free of control characters.
 */
bool http_basic(struct mem *m, const char *credential, const char **name, const char **password);
