/* SPDX-License-Identifier: ISC */
#pragma once

#include "mem.h"

#include <stdbool.h>
#include <stddef.h>

/* A request to a web server, by the tool: how the site looks from outside. */
struct ask {
	const char *method; /* NULL: GET */
	const char *url;
	const char *headers[6]; /* "Name: value" */
	const char *body;       /* or NULL */
	/* Only say that a body of so many bytes will come, and send none of it: answer.accepted. */
	long long announced;
};

struct answer {
	const char *why; /* NULL, or why there is none: one line */
	bool accepted;   /* the body that was announced may come */
	int status;
	const char *head; /* the lines of the header */
	const char *body; /* its first bytes */
};

enum {
	ASK_SECONDS = 5 /* an answer comes in that time, or none */
};

/* The answer is the memory's. It is not followed elsewhere. */
void ask_web(struct mem *m, const struct ask *ask, struct answer *answer);

/* The value of a header in `m`, the first if there are several; NULL: it is not there. */
const char *ask_header(struct mem *m, const struct answer *answer, const char *name);

/* How often a header is there. */
int ask_headers(const struct answer *answer, const char *name);
