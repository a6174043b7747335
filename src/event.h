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
	EVENT_REFRESH_REUSED, /* a refresh token older than it may be: its session has ended */
	EVENT_PASSWORD,
	EVENT_RESET, /* … by a link that was mailed */
	EVENT_EMAIL,
	EVENT_EMAIL_WANTED, /* counts when it is confirmed */
	EVENT_ROLE,
	EVENT_LOCK,
	EVENT_UNLOCK,
	EVENT_GROUPS,
	EVENT_KEY, /* of the site, so of no member */
	EVENT_SESSION_ENDED,
	EVENT_REMOVED, /* written before the account goes */
	EVENT_APPROVED,
	EVENT_CONFIRMED,      /* the address is the member's own */
	EVENT_REGISTER_AGAIN, /* somebody tried to sign up with the address of an account */
	EVENT_ROBOT,          /* a form was filled in where people see nothing */
	EVENT_INVITED,
	EVENT_IMPORTED,   /* from another site, with the password that it had there */
	EVENT_TOKEN_MADE, /* a personal one */
	EVENT_TOKEN_ENDED,
	EVENT_ARTICLE_REMOVED, /* by whomever */
	EVENT_COMMENT_REMOVED,
	EVENT_FILE_REMOVED,
	EVENT_COUNT
};

/* Write an event of user `user` (0 = unknown) in the present unit of work, done by nobody else. */
void event_add(struct db *db, enum event what, int64_t user, const struct origin *from);

/* The same, done by the user `actor`; 0 = the user, or the tool. */
void event_add_by(
	struct db *db, enum event what, int64_t user, int64_t actor, const struct origin *from);

/* The same as a unit of its own, that a refusal does not undo. */
void event_apart(struct db *db, enum event what, int64_t user, const struct origin *from);

/*
 * The events of a member as the member may see them, newest first: {kind, createdAt, address,
 * agent, username, actor: the name of somebody else who did it, or null, requestId}; where somebody
 * else did it, address and agent are "". `page` is {limit, offset}.
 */
json_t *event_list(struct db *db, int64_t user, json_t *page);

/* The same as an admin may see them, of `user` or (0) of everybody. */
json_t *event_list_all(struct db *db, int64_t user, json_t *page);

/* How many events there are of `user`, or (0) of everybody. */
int64_t event_count(struct db *db, int64_t user);

/* What the kind of an event says to people, without a full stop. */
const char *event_sentence(const char *kind);

/* The address and agent as stored: cut to their columns, always UTF-8; arguments for a statement.
 */
json_t *origin_args(struct db *db, json_t *base, const struct origin *from);
