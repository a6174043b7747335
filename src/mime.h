/* SPDX-License-Identifier: ISC */
#pragma once

#include "mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* A mailbox: an address and, perhaps, a name. */
struct mime_box {
	const char *name;    /* "" = none */
	const char *address; /* NULL = no mailbox */
};

struct mime_file {
	const char *name, *type;
	const char *base64; /* the content, see mime_base64 */
};

/* A mail. Texts are UTF-8; lines of the two bodies may end as they like. */
struct mime {
	struct mime_box from, to, reply_to;
	const struct mime_box *copies;
	size_t copies_count;
	const char *subject;
	const char *text, *html; /* html NULL: none */
	const char *id;          /* for Message-ID, without the angle brackets */
	time_t date;
	const struct mime_file *files;
	size_t files_count;
};

/*
 * Read "Name <address>", "\"Name\" <address>" or "address" (RFC 5322 section 3.4, of one mailbox,
 * without comments). What is wrong with it, a fixed text; NULL: nothing.
 */
const char *mime_read_box(struct mem *m, const char *text, struct mime_box *box);

/* Why mail cannot go to this address, a fixed text; NULL: it can. Addresses are ASCII, for many
 * servers take no others. */
const char *mime_address_wrong(const char *address);

/*
 * The mail as it is sent, in `m`, its size in *length: ASCII, lines that end in CR LF, of 76
 * characters where it is encoded, and never of 998. The same mail makes the same bytes.
 * NULL with a fixed text at *why: a line break or another control character where none may be, an
 * address that is none.
 */
const char *mime_write(struct mem *m, const struct mime *mail, size_t *length, const char **why);

/* `length` bytes as base64 (RFC 4648 section 4), in `m`. */
const char *mime_base64(struct mem *m, const void *bytes, size_t length);
