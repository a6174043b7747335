/* SPDX-License-Identifier: ISC */
#pragma once

#include "route.h"

/* The outbox as admins see it: rows for a program of the class credentials. */

/* What queue_list takes: state, page. */
extern const struct field queue_in[];

/* {mails, each {id, letter, address, waiting or failed or sent, created, createdAt, due, tries,
 * answer, retryUrl, dropUrl}; mailsCount; waitingCount, failedCount; late: mails wait though their
 * time has come; asked; pager}. */
json_t *queue_list(struct req *rq);

/* Send the mail `id` at once, or never. */
json_t *queue_retry(struct req *rq);
json_t *queue_drop(struct req *rq);
