/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"
#include "http.h"

#include <stdint.h>

/*
 * The profile picture of a member from now on, in place of the one before: WebP in hexadecimal, and
 * what the member's file was called. Returns {image}, its address; NULL if the member is gone, or
 * there is no randomness.
 */
json_t *avatar_set(struct db *db, int64_t user, const char *file, const char *webp);

/* The member has no picture from now on, whether it was stored here or was somebody else's. */
void avatar_remove(struct db *db, int64_t user);

/* Forget the stored picture if the member shows another one, or none, by now. */
void avatar_leave(struct db *db, int64_t user);

/* The picture of this name, if its member shows it; else NULL. */
const struct http_bytes *avatar_find(struct db *db, const char *name);

/* What is stored: {image, file, createdAt}; NULL if nothing is. */
json_t *avatar_get(struct db *db, int64_t user);

/* The same with the picture itself as `webp`, in base64: a copy for the member. */
json_t *avatar_copy(struct db *db, int64_t user);
