/* SPDX-License-Identifier: ISC */
#pragma once

#include "route.h"

/*
 * Questions that were asked before, by nobody in particular: a GET without login, cookie or Origin.
 * Its answer hangs on its address, the settings and the rows of the database, and on nothing else.
 * So the rows are asked for each time; but where they are byte by byte what they were, the answer
 * is the one that was made of them. Nothing is ever out of date, and nothing has to be told so.
 *
 * For programs all of whose such answers are made of rows: not of files, and not of the time.
 */
struct repeats;

/* Steps, so that other programs do not link them (see stream.h). */
struct repeat_steps {
	/* A process has one, of bounded size. Free it with `close`. */
	struct repeats *(*open)(void);
	void (*close)(struct repeats *repeats);

	/* Whether the request was answered. If not, and it is answered otherwise, `keep` is next.
	 */
	bool (*answer)(struct repeats *repeats, struct req *rq, struct http_response *rs);

	/* Remember the answer, if it may be. */
	void (*keep)(struct repeats *repeats, struct req *rq, const struct http_response *rs);
};

extern const struct repeat_steps repeat_steps;
