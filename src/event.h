/* SPDX-License-Identifier: ISC */
#pragma once

#include "db.h"

/* Where a request came from, as far as it is told to anybody. Never NULL inside. */
struct origin {
	const char *address; /* REMOTE_ADDR */
	const char *agent;
	const char *request; /* its id */
};

/* What is worth telling the owner of an account afterwards. */
enum event {
	EVENT_REGISTER,
	EVENT_LOGIN,
	EVENT_LOGIN_FAILED,
	EVENT_LOGOUT,
	EVENT_PASSWORD,
	EVENT_EMAIL,
	EVENT_ROLE,
	EVENT_LOCK,
	EVENT_UNLOCK,
	EVENT_GROUPS,
	EVENT_SESSION_ENDED,
	EVENT_REMOVED, /* written before the account goes */
	EVENT_COUNT
};

/* Write an event of user `user` (0 = unknown) in the present unit of work. */
void event_add(struct db *db, enum event what, int64_t user, const struct origin *from);

/* The same as a unit of its own, that a refusal does not undo. */
void event_apart(struct db *db, enum event what, int64_t user, const struct origin *from);

/* The address and agent as stored: cut to their columns, always UTF-8; arguments for a statement.
 */
json_t *origin_args(struct db *db, json_t *base, const struct origin *from);
