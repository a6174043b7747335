/* SPDX-License-Identifier: ISC */
/*
 * device: a member's devices and security history, over the API and as a page. Owns what people
 * read of them; what a session and an event are is session.c's and event.c's.
 */
#include "device.h"

#include "agent.h"
#include "browser.h"
#include "guard.h"
#include "json.h"
#include "user.h"

#include <stdlib.h>
#include <string.h>

enum {
	SHOWN = 20 /* devices, and events, on the page */
};

const struct field device_id[] = { { "id", INT, .min = 1, .max = 0, .need = true }, { 0 } };

const struct field device_events_in[] = {
	{ "limit", INT, .min = 1, .max = 100, .clamp = true },
	{ "offset", INT, .min = 0, .max = -1, .clamp = true },
	{ "user", LINE, .max = 30, .null = true },
	{ 0 },
};

json_t *
device_list(struct req *rq)
{
	if (!guard_alive(rq)) /* also for a short token */
		return NULL;
	return under(rq, "sessions",
		session_list(rq->db, rq->me->id, rq->me->session, rq->conf->session_idle));
}

/* "2026-02-18T03:22:56.637Z" as "18 Feb 2026, 03:22". */
static const char *
moment(struct mem *m, const char *iso)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	long month = strtol(iso + 5, NULL, 10), day = strtol(iso + 8, NULL, 10);

	return mem_print(m, "%ld %s %.4s, %.5s", day, months[(month + 11) % 12], iso, iso + 11);
}

static void
say(json_t *row, const char *name, const char *text)
{
	json_object_set_new(row, name, json_string(text));
}

void
device_moment(struct req *rq, json_t *row, const char *name, const char *of)
{
	say(row, name, moment(rq->mem, row_text(row, of)));
}

static void
say_device(struct req *rq, json_t *row)
{
	say(row, "device", agent_name(rq->mem, row_text(row, "agent")));
}

static void
describe_sessions(struct req *rq, json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		say_device(rq, row);
		device_moment(rq, row, "created", "createdAt");
		device_moment(rq, row, "lastSeen", "lastSeenAt");
		device_moment(rq, row, "expires", "expiresAt");
		say(row, "endUrl",
			mem_print(rq->mem, "/sessions/%lld/end", (long long)row_id(row)));
	}
}

static void
describe_events(struct req *rq, json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		say(row, "sentence", event_sentence(row_text(row, "kind")));
		device_moment(rq, row, "created", "createdAt");
		if (*row_text(row, "address") != '\0' || *row_text(row, "agent") != '\0')
			say_device(rq, row);
	}
}

json_t *
device_page(struct req *rq)
{
	json_t *result = device_list(rq);
	json_t *sessions = json_object_get(result, "sessions");
	json_t *page = mem_pack(rq->mem, "{s:i, s:i}", "limit", SHOWN, "offset", 0);
	json_t *events = event_list(rq->db, rq->me->id, page);
	size_t all = json_array_size(sessions);

	if (!db_ok(rq->db))
		return NULL;
	while (json_array_size(sessions) > SHOWN)
		json_array_remove(sessions, json_array_size(sessions) - 1);
	describe_sessions(rq, sessions);
	describe_events(rq, events);
	json_object_set(result, "events", events);
	json_object_set_new(result, "others", json_boolean(all > 1));
	if (all > SHOWN)
		json_object_set_new(result, "more", json_integer((json_int_t)(all - SHOWN)));
	return result;
}

json_t *
device_end(struct req *rq)
{
	int64_t id = row_id(rq->in);
	bool own = id == rq->me->session;

	if (!session_end_of(rq->db, rq->me->id, id))
		return db_refuse(rq->db, ERR_NOT_FOUND, "session");
	event_add(rq->db, own ? EVENT_LOGOUT : EVENT_SESSION_ENDED, rq->me->id, &rq->origin);
	if (own && !rq->match.api)
		browser_end(rq);
	browser_flash(rq, own ? "info.signed-out" : "success.device-ended");
	goes_to(rq, own ? "/" : "/sessions", NULL);
	return nothing(rq);
}

json_t *
device_end_others(struct req *rq)
{
	if (session_end_others(rq->db, rq->me->id, rq->me->session) > 0)
		event_add(rq->db, EVENT_SESSION_ENDED, rq->me->id, &rq->origin);
	browser_flash(rq, "success.devices-ended");
	goes_to(rq, "/sessions", NULL);
	return nothing(rq);
}

json_t *
device_events(struct req *rq)
{
	json_t *page = mem_pack(rq->mem, "{s:i, s:i}", "limit", SHOWN, "offset", 0);
	const char *name = row_text(rq->in, "user");
	int64_t user;
	json_t *rows;
	bool admin;

	if (!guard_alive(rq))
		return NULL;
	admin = strcmp(rq->me->role, "admin") == 0;
	user = admin ? 0 : rq->me->id;
	json_object_update(page, rq->in);
	if (admin && name != NULL && (user = user_find(rq->db, name)) == 0)
		return mem_pack(rq->mem, "{s:[], s:i}", "events", "eventsCount", 0);
	rows = admin ? event_list_all(rq->db, user, page) : event_list(rq->db, user, page);
	return mem_pack(rq->mem, "{s:O?, s:I}", "events", rows, "eventsCount",
		(json_int_t)event_count(rq->db, user));
}
