/* SPDX-License-Identifier: ISC */
#pragma once

#include "conf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Where mails leave the house, by mail.transport: a folder, a mail server, or the program sendmail.
 */
struct post;

/* A mail that is written, and its envelope. */
struct parcel {
	const char *name; /* of its file, without the ending */
	const char *from; /* addresses alone */
	const char *const *to;
	size_t count;
	const char *bytes; /* lines end in CR LF */
	size_t length;
};

enum posted {
	POST_SENT,
	POST_AGAIN,   /* not now: this mail later */
	POST_DOUBT,   /* it was handed over, and nobody said whether it was taken */
	POST_REFUSED, /* this mail never */
	POST_AWAY,    /* nobody there who takes mails, or lets us in: all mails later */
};

enum {
	POST_ANSWER = 400 /* bytes of what was said */
};

/* What is wrong with the settings of the transport, one line; NULL: nothing. */
const char *post_check(const struct conf *conf);

/* `stop`, which a signal may set, breaks off what takes long. */
struct post *post_open(const struct conf *conf, const volatile int *stop);
void post_close(struct post *p);

/* Hand a mail over. What was said to it is in post_answer until the next one. */
enum posted post_send(struct post *p, const struct parcel *parcel);
const char *post_answer(const struct post *p);

/* Go as far as one can without a mail: POST_SENT if nothing stands in its way. */
enum posted post_try(struct post *p);

/* What to do next after the last mail, a fixed text; NULL: nothing. */
const char *post_advice(const struct post *p);

/* Write the dialogue with a mail server, without its secrets, to `to`. */
void post_show(struct post *p, FILE *to);

/* Nothing more for a while: let the mail server go. */
void post_rest(struct post *p);
