/* SPDX-License-Identifier: ISC */
#pragma once

#include "conf.h"
#include "db.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Limits that all workers of all programs share: a try is refused, with ERR_RATE and the seconds
 * until the next one passes, when one of its buckets is empty. A refused try is not counted.
 *
 * A take is a committed unit of its own, so it belongs into a row's `first`, outside the
 * transaction, and before what it protects.
 */

/* What is counted one by one. */
enum throttle {
	THROTTLE_REGISTER,
	THROTTLE_REFRESH,
	THROTTLE_FORGOT, /* mails for a new password */
	THROTTLE_MAIL    /* other mails that strangers can cause: they take none of those away */
};

/*
 * Count one by `who`, and one by the network of `address`; NULL for one that does not matter. False
 * with an error noted if it may not go on.
 */
bool throttle_take(struct db *db, const struct conf *conf, enum throttle what, const char *who,
	const char *address);

/* A try at a password. */
struct attempt {
	int64_t user;        /* whose; 0 = there is nobody of this name */
	const char *typed;   /* the name or mail address that came */
	const char *address; /* where from: REMOTE_ADDR */
	bool known;          /* this member has logged in there before */
};

/*
 * Count a try by account, by address, and by the two together. Where its member is known, an
 * account's own limit does not hold: others use it up, the owner still gets in. False as above.
 */
bool throttle_try(struct db *db, const struct conf *conf, const struct attempt *t);

/*
 * Forget what was counted of `t` by account, by address and by both; where one of the two is not
 * known (no `user` and no `typed`, no `address`), by the other. How many buckets that were, or -1.
 */
long long throttle_forget(struct db *db, const struct attempt *t);

/* The password was right: forget the tries at this account here, and give the address this one
 * back. As db_apart. */
void throttle_passed(struct db *db, const struct conf *conf, const struct attempt *t);

/* Nobody looked at the password: the try does not count. As db_apart. */
void throttle_return(struct db *db, const struct conf *conf, const struct attempt *t);
