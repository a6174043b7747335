/* SPDX-License-Identifier: ISC */
#pragma once

#include "conf.h"
#include "err.h"
#include "mem.h"

#include <stdint.h>

/* A link to a file, for whoever has it. */
struct share {
	int64_t file, version; /* see file_links */
	long long expires;     /* Unix seconds */
};

/* The token of a link: a JWT with type "share" and sub "file:ID". NULL if there is no key, which is
 * told to the log. */
const char *share_make(const struct conf *conf, struct mem *m, const struct share *s);

/* Read such a token: ERR_NONE, ERR_TOKEN_INVALID, ERR_TOKEN_EXPIRED, or ERR_INTERNAL without a
 * key. Whether the version still counts is file.c's to say. */
enum err share_read(const struct conf *conf, struct mem *m, const char *token, struct share *s);
