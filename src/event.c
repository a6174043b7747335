/* SPDX-License-Identifier: ISC */
/* event: the security history. Owns the table `events`; never holds a secret or what was typed. */
#include "event.h"

#include "text.h"

#include <string.h>

enum {
	ADDRESS_BYTES = 45,
	AGENT_BYTES = 255,
	REQUEST_BYTES = 64
};

static const char *const kinds[EVENT_COUNT] = {
	[EVENT_REGISTER] = "register",
	[EVENT_LOGIN] = "login",
	[EVENT_LOGIN_FAILED] = "login failed",
	[EVENT_LOGOUT] = "logout",
	[EVENT_PASSWORD] = "password",
	[EVENT_EMAIL] = "email",
	[EVENT_ROLE] = "role",
	[EVENT_LOCK] = "lock",
	[EVENT_UNLOCK] = "unlock",
	[EVENT_GROUPS] = "groups",
	[EVENT_SESSION_ENDED] = "session ended",
	[EVENT_REMOVED] = "account removed",
};

/* At most `size` bytes of well-formed UTF-8; anything else becomes "". */
static json_t *
cut(const char *s, size_t size)
{
	size_t n = strnlen(s, size + 1);

	if (n > size)
		for (n = size; n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80;)
			n--;
	return text_utf8(s, n) ? json_stringn(s, n) : json_string("");
}

json_t *
origin_args(struct db *db, json_t *base, const struct origin *from)
{
	return db_args(db, base, "{s:o, s:o, s:o}", "address", cut(from->address, ADDRESS_BYTES),
		"agent", cut(from->agent, AGENT_BYTES), "request",
		cut(from->request, REQUEST_BYTES));
}

static json_t *
args(struct db *db, enum event what, int64_t user, const struct origin *from)
{
	json_t *who = user != 0 ? json_integer(user) : json_null();

	return origin_args(
		db, mem_pack(db_mem(db), "{s:s, s:o}", "kind", kinds[what], "user", who), from);
}

#define INSERT                                                                                     \
	"INSERT INTO events (created_at, kind, user_id, address, agent, request_id)"               \
	" VALUES (NOW(3), :kind, :user, :address, :agent, :request)"

void
event_add(struct db *db, enum event what, int64_t user, const struct origin *from)
{
	db_run(db, INSERT, args(db, what, user, from));
}

void
event_apart(struct db *db, enum event what, int64_t user, const struct origin *from)
{
	db_apart(db, INSERT, args(db, what, user, from));
}
