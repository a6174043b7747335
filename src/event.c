/* SPDX-License-Identifier: ISC */
/* event: the security history. Owns the table `events`; never holds a secret or what was typed. */
#include "event.h"

#include "json.h"
#include "text.h"

#include <string.h>

enum {
	ADDRESS_BYTES = 45,
	AGENT_BYTES = 255,
	REQUEST_BYTES = 64
};

static const struct {
	const char *kind, *sentence;
} kinds[EVENT_COUNT] = {
	[EVENT_REGISTER] = { "register", "The account was made" },
	[EVENT_LOGIN] = { "login", "Signed in" },
	[EVENT_LOGIN_FAILED] = { "login failed", "A wrong password was given" },
	[EVENT_LOGOUT] = { "logout", "Signed out" },
	[EVENT_REFRESH_REUSED] = { "refresh reused",
		"An old token came a second time, so its device was signed out" },
	[EVENT_PASSWORD] = { "password", "The password was changed" },
	[EVENT_RESET] = { "password reset", "A new password was set by a link in a mail" },
	[EVENT_EMAIL_WANTED] = { "email wanted", "Another mail address was asked for" },
	[EVENT_EMAIL] = { "email", "The mail address was changed" },
	[EVENT_ROLE] = { "role", "The role was changed" },
	[EVENT_LOCK] = { "lock", "The account was locked" },
	[EVENT_UNLOCK] = { "unlock", "The account was unlocked" },
	[EVENT_GROUPS] = { "groups", "The groups were changed" },
	[EVENT_KEY] = { "key", "The keys of the site were changed" },
	[EVENT_SESSION_ENDED] = { "session ended", "A device was signed out" },
	[EVENT_REMOVED] = { "account removed", "The account was removed" },
	[EVENT_APPROVED] = { "approved", "The account was approved" },
	[EVENT_CONFIRMED] = { "confirmed", "The mail address was confirmed" },
	[EVENT_REGISTER_AGAIN] = { "register again",
		"Somebody tried to sign up with the address of this account" },
	[EVENT_ROBOT] = { "robot", "A robot tried to sign up" },
	[EVENT_TOKEN_MADE] = { "token made", "A token was made" },
	[EVENT_TOKEN_ENDED] = { "token ended", "A token was ended" },
	[EVENT_INVITED] = { "invited", "An invitation was made" },
	[EVENT_IMPORTED] = { "imported", "The account was brought here from elsewhere" },
	[EVENT_ARTICLE_REMOVED] = { "article removed", "An article was removed" },
	[EVENT_COMMENT_REMOVED] = { "comment removed", "A comment was removed" },
	[EVENT_FILE_REMOVED] = { "file removed", "A file was removed" },
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
args(struct db *db, enum event what, int64_t user, int64_t actor, const struct origin *from)
{
	bool other = actor != 0 && actor != user;
	json_t *row = mem_pack(db_mem(db), "{s:s, s:o, s:o, s:b}", "kind", kinds[what].kind, "user",
		user != 0 ? json_integer(user) : json_null(), "actor",
		other ? json_integer(actor) : json_null(), "other", other);

	return origin_args(db, row, from);
}

#define INSERT                                                                                     \
	"INSERT INTO events (created_at, kind, user_id, actor_id, by_other, address, agent,"       \
	" request_id) VALUES (NOW(3), :kind, :user, :actor, :other, :address, :agent, :request)"

void
event_add(struct db *db, enum event what, int64_t user, const struct origin *from)
{
	event_add_by(db, what, user, 0, from);
}

void
event_add_by(struct db *db, enum event what, int64_t user, int64_t actor, const struct origin *from)
{
	db_run(db, INSERT, args(db, what, user, actor, from));
}

void
event_apart(struct db *db, enum event what, int64_t user, const struct origin *from)
{
	db_apart(db, INSERT, args(db, what, user, 0, from));
}

static json_t *
page_args(struct db *db, int64_t user, json_t *page)
{
	return db_args(db, page, "{s:o}", "user", user != 0 ? json_integer(user) : json_null());
}

#define FROM_EVENTS                                                                                \
	" FROM events e LEFT JOIN users u ON u.id = e.user_id LEFT JOIN users a ON a.id ="         \
	" e.actor_id"
#define PAGE " ORDER BY e.id DESC LIMIT :limit OFFSET :offset"

json_t *
event_list(struct db *db, int64_t user, json_t *page)
{
	return db_rows(db,
		"SELECT e.kind, e.created_at AS createdAt, IF(e.by_other, '', e.address) AS address,"
		" IF(e.by_other, '', e.agent) AS agent, u.username, a.username AS actor,"
		" e.request_id AS requestId" FROM_EVENTS " WHERE e.user_id = :user" PAGE,
		page_args(db, user, page));
}

json_t *
event_list_all(struct db *db, int64_t user, json_t *page)
{
	return db_rows(db,
		"SELECT e.kind, e.created_at AS createdAt, e.address, e.agent, u.username,"
		" a.username AS actor, e.request_id AS requestId" FROM_EVENTS
		" WHERE :user IS NULL OR e.user_id = :user" PAGE,
		page_args(db, user, page));
}

int64_t
event_count(struct db *db, int64_t user)
{
	return row_number(db_row(db,
				  "SELECT COUNT(*) AS n FROM events WHERE :user IS NULL"
				  " OR user_id = :user",
				  page_args(db, user, NULL)),
		"n");
}

const char *
event_sentence(const char *kind)
{
	for (size_t i = 0; i < EVENT_COUNT; i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return kinds[i].sentence;
	return kind;
}
