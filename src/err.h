/* SPDX-License-Identifier: ISC */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Everything that can go wrong with a request, and what its maker is told: one row each in err.c.
 * The text never echoes what came with the request, nor what a library said.
 */
enum err {
	ERR_NONE = 0,
	ERR_BAD_REQUEST,   /* 400: FastCGI or CGI parameters that contradict each other */
	ERR_BODY_LENGTH,   /* 400: fewer or more bytes than Content-Length says */
	ERR_TOKEN_MISSING, /* 401 */
	ERR_TOKEN_INVALID,
	ERR_TOKEN_EXPIRED,
	ERR_TOKEN_REVOKED,
	ERR_STALE,          /* 401: at the gate: the login is too old for this place */
	ERR_CREDENTIALS,    /* 401: wrong name or password; never says which */
	ERR_FORBIDDEN,      /* 403 */
	ERR_SCOPE,          /* 403: a personal token that may not do this */
	ERR_CURRENT_NEEDED, /* 403: the login is too old for this */
	ERR_CURRENT_WRONG,  /* 403 */
	ERR_ORIGIN,         /* 403: a form that came from elsewhere */
	ERR_CSRF,           /* 403: a form without its token, or with an old one */
	ERR_CLOSED,         /* 403: nobody signs up here */
	ERR_INVITATION,     /* 403: nobody signs up here without one */
	ERR_WAITS_APPROVAL, /* 403: the right password of one who may not log in yet */
	ERR_WAITS_ADDRESS,
	ERR_NOT_FOUND,     /* 404 */
	ERR_METHOD,        /* 405 */
	ERR_TAKEN,         /* 409 */
	ERR_ADDRESS_TAKEN, /* 409: by somebody else, since it was asked for */
	ERR_LAST_ADMIN,    /* 409: there would be nobody left to look after the members */
	ERR_CHANGED,       /* 412: somebody else has changed it */
	ERR_BODY_LARGE,    /* 413 */
	ERR_FILES_FULL,    /* 413: a member has as many bytes of files as may be */
	ERR_MEDIA_TYPE,    /* 415 */
	ERR_RANGE,         /* 416: no byte of a file is where it is asked for */
	ERR_BLANK,         /* 422 from here on */
	ERR_SHORT,         /* n = least number of characters */
	ERR_LONG,          /* n = greatest number of characters */
	ERR_LONG_BYTES,    /* n = greatest number of bytes */
	ERR_SMALL,         /* n = least value */
	ERR_BIG,           /* n = greatest value */
	ERR_MANY,          /* n = greatest number of entries */
	ERR_TYPE_TEXT,     /* not a string */
	ERR_TYPE_INT,
	ERR_TYPE_NUMBER,
	ERR_TYPE_BOOL,
	ERR_TYPE_LIST,
	ERR_TYPE_OBJECT,
	ERR_TYPE_FILE,  /* not an uploaded file */
	ERR_FILE_SMALL, /* n = least number of bytes */
	ERR_FILE_LARGE, /* n = greatest number of bytes */
	ERR_ENCODING,   /* not UTF-8, or a NUL */
	ERR_LINE,       /* a control character or a line break */
	ERR_NAME,       /* not a username */
	ERR_RESERVED,   /* a username that would mislead */
	ERR_CONFIRM,    /* what was typed to confirm is something else */
	ERR_EMAIL,
	ERR_URL,
	ERR_SLUG,
	ERR_DATE,
	ERR_CHOICE,
	ERR_COLOR,
	ERR_PICTURE_KIND, /* not a JPEG, PNG or WebP; the four stand together */
	ERR_PICTURE_MOVES,
	ERR_PICTURE_PIXELS,
	ERR_PICTURE_BROKEN,
	ERR_DOMAIN,    /* a mail address of a domain that is not taken */
	ERR_ONE_TIME,  /* a link that is used up, too old, or none of ours */
	ERR_SCOPES,    /* 422: not what a personal token can be for */
	ERR_TOKENS,    /* 422: a member has as many personal tokens as may be */
	ERR_KEY_USED,  /* an Idempotency-Key that came with another request */
	ERR_JSON,      /* 422: broken JSON */
	ERR_MULTIPART, /* 422: a broken multipart form */
	ERR_DEEP,      /* 422: JSON nested too deep, or too many values */
	ERR_RATE,      /* 429; n = seconds until it may be tried again */
	ERR_INTERNAL,  /* 500: our fault; the log says more */
	ERR_BUSY,      /* 503: no room for this now */
	ERR_AWAY,      /* 503: the database is away */
	ERR_COUNT
};

/* One thing wrong, with the member it concerns. */
struct flaw {
	enum err err;
	const char *key; /* fixed text or request memory */
	long n;          /* the bound that the text names, if it names one */
};

enum {
	FLAWS_MAX = 32
};

/*
 * What is wrong with a request: the first error decides the status and sticks; further flaws of the
 * same status stand beside it. Zeroed = nothing wrong.
 */
struct fault {
	size_t count;
	struct flaw flaws[FLAWS_MAX];
};

/* The HTTP status of an error, 400 to 503. */
int err_status(enum err e);

/* The member an error is reported under when the caller names none. */
const char *err_key(enum err e);

/* The text of a flaw, written to `out` (at most `size` bytes with the NUL). Returns `out`. */
const char *err_text(const struct flaw *f, char *out, size_t size);

/*
 * Note an error: `key` NULL takes err_key(e). After a first error only errors of the same status
 * are added. Always returns false, so that a check can `return err_add(…)`.
 */
bool err_add(struct fault *f, enum err e, const char *key, long n);

/* The first error, or ERR_NONE. */
enum err err_first(const struct fault *f);
