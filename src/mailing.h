/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"

#include <stdint.h>

/* What is written by hand to many: it stands in the database once, and in the outbox for each. */

/*
 * A new one from {subject, text, html, copies, hidden, replyTo}; copies and hidden are mailboxes
 * between line breaks, "" for none; html and replyTo may be null. Its id, or 0.
 */
int64_t mailing_add(struct db *db, json_t *in);

/* Its next attachment, from {mailing, place, name, type, content: in base64}. */
void mailing_attach(struct db *db, json_t *in);

/* Send it to `address`, for a member (0: nobody's). */
void mailing_post(struct db *db, int64_t mailing, int64_t user, const char *address);

/* The members in a group, or with NULL all: those who may get mail, by id: {id, username, email}.
 */
json_t *mailing_members(struct db *db, const char *group);

/* Whether there is a group of this name, in any case. */
bool mailing_group(struct db *db, const char *group);

/* One, with its files: {subject, text, html, copies, hidden, replyTo, files: [{name, type,
 * content}]}; NULL if it is not there, or with an error noted. */
json_t *mailing_get(struct db *db, int64_t id);
