/* SPDX-License-Identifier: ISC */
#pragma once

/* What the transports share; for post*.c alone. */

#include "mem.h"
#include "post.h"

struct smtp;

struct post {
	const struct conf *conf;
	const volatile int *stop;
	char answer[POST_ANSWER];
	const char *advice; /* what to do next, or NULL */
	FILE *show;         /* the dialogue, or NULL */
	struct smtp *smtp;  /* a connection, while there is one */
};

/* Note what was said: one line, UTF-8, without control characters. Returns `posted`. */
__attribute__((format(printf, 3, 4))) enum posted
post_said(struct post *p, enum posted posted, const char *format, ...);

/* The transports. */
enum posted post_to_program(struct post *p, const struct parcel *parcel);
enum posted post_to_server(struct post *p, const struct parcel *parcel);

/* Say who we are to the mail server, and log in. */
enum posted post_greet_server(struct post *p);
