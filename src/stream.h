/* SPDX-License-Identifier: ISC */
#pragma once

#include "fcgi.h"
#include "route.h"

/*
 * Bodies and answers of any length, the one exception to the rule that a request is read whole and
 * its answer written whole. What other programs do not use they do not link: so these are steps,
 * which a program with such rows names.
 */
struct stream_steps {
	/* Whether the body of this request is read as it comes; what else this wants of the head.
	 */
	bool (*comes)(struct req *rq, struct fcgi *f);

	/* As input_open. */
	struct sent *(*open)(struct req *rq, struct fault *fault);

	/* From what was sent to the result, after the guard; NULL with the error noted. */
	json_t *(*take)(struct req *rq);

	/* Headers and status for rq->out.source, which may be wanted in part, or be known. */
	void (*show)(struct req *rq, struct http_response *rs);

	/* Before the answer to a request whose body came: what nobody has read goes. */
	void (*drain)(struct fcgi *f);

	/* Write the answer with rs->source. False if it could not be written to its end. */
	bool (*give)(struct req *rq, const struct http_response *rs, struct fcgi *f);
};

extern const struct stream_steps stream_steps;
