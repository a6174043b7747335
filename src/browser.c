/* SPDX-License-Identifier: ISC */
/*
 * browser: the cookies of a page's request, and the defence against forged forms. Owns what the
 * cookies hold and how the CSRF token follows from them: HMAC-SHA-256 of the session's cookie, or
 * of the cookie `pre` of those who are not logged in, so that it needs no key and no column. Knows
 * no page.
 */
#include "browser.h"

#include "cookie.h"
#include "json.h"
#include "text.h"

#include <string.h>

enum {
	RANDOM_BYTES = 32,
	VALUE_CHARS = 43 /* of base64url for so many bytes */
};

static const char *const names[BROWSER_COOKIES] = { "session", "pre", "flash" };

/* Where a cookie counts: only a session is shared with sub-domains. */
static struct cookie_place
place(const struct req *rq, enum browser_cookie kind)
{
	return (struct cookie_place){ .https = rq->http.https,
		.domain = kind == BROWSER_SESSION ? rq->conf->cookie_domain : "",
		.port = rq->http.port };
}

static void
set(struct req *rq, enum browser_cookie kind, const char *value, long life)
{
	struct cookie_place where = place(rq, kind);

	rq->out.set[kind] = cookie_set(rq->mem, names[kind], value, life, &where);
}

/* Whether a value can be one of ours. */
static bool
ours(enum browser_cookie kind, const char *value)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
	size_t n = strlen(value);

	return value[strspn(value, alphabet)] == '\0' &&
		(kind == BROWSER_FLASH ? n <= 40 : n == VALUE_CHARS);
}

void
browser_read(struct req *rq)
{
	if (*rq->http.cookies == '\0')
		return;
	for (enum browser_cookie kind = 0; kind < BROWSER_COOKIES; kind++) {
		struct cookie_place where = place(rq, kind);
		const char *value = cookie_get(
			rq->mem, rq->http.cookies, cookie_name(rq->mem, names[kind], &where));

		rq->browser.cookie[kind] = value != NULL && ours(kind, value) ? value : NULL;
	}
}

/* What a session keeps of its cookie. */
static const char *
hash(struct mem *m, const char *cookie)
{
	char *hex = mem_get(m, TEXT_DIGEST_SIZE);

	text_digest(hex, cookie);
	return hex;
}

const char *
browser_session(struct req *rq, bool *two)
{
	const char *cookie = rq->browser.cookie[BROWSER_SESSION];
	struct cookie_place where = place(rq, BROWSER_SESSION);

	*two = *rq->http.cookies != '\0' &&
		cookie_twice(rq->mem, rq->http.cookies,
			cookie_name(rq->mem, names[BROWSER_SESSION], &where));
	return cookie != NULL ? hash(rq->mem, cookie) : NULL;
}

json_t *
browser_viewer(struct req *rq)
{
	const char *cookie = rq->browser.cookie[BROWSER_SESSION];
	json_t *row = session_find(rq->db, hash(rq->mem, cookie), rq->conf->session_idle);

	if (!db_ok(rq->db))
		return NULL;
	if (row == NULL) {
		rq->browser.ended = true;
		rq->browser.cookie[BROWSER_SESSION] = NULL;
		return nothing(rq);
	}
	rq->browser.viewer = row;
	rq->me = mem_get(rq->mem, sizeof *rq->me);
	*rq->me = (struct me){ .id = row_number(row, "userId"),
		.session = row_id(row),
		.username = row_text(row, "username"),
		.role = row_text(row, "role"),
		.groups = row_text(row, "groups") };
	session_touch(rq->db, row);
	return row;
}

/* Whether `address` (an origin, or a page of it) belongs to one of the addresses of the site. */
static bool
of_this_site(const struct req *rq, const char *address)
{
	for (const char *url = rq->conf->site_urls; *url != '\0'; url += *url == ' ') {
		size_t n = strcspn(url, " ");

		if (strncmp(address, url, n) == 0 && (address[n] == '\0' || address[n] == '/'))
			return true;
		url += n;
	}
	return false;
}

bool
browser_from_here(const struct req *rq)
{
	const char *site = rq->http.fetch_site;
	const char *from = rq->http.origin != NULL ? rq->http.origin : rq->http.referer;

	if (site != NULL)
		return strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
	return from != NULL && of_this_site(rq, from);
}

/* The token that belongs to a cookie. */
static const char *
token_of(struct mem *m, const char *cookie)
{
	uint8_t mac[32];
	char *token = mem_get(m, text_base64url_size(sizeof mac));

	text_hmac(mac, cookie, "csrf");
	text_base64url(token, mac, sizeof mac);
	return token;
}

static const char *
form_cookie(const struct req *rq)
{
	const char *session = rq->browser.cookie[BROWSER_SESSION];

	return session != NULL ? session : rq->browser.cookie[BROWSER_PRE];
}

bool
browser_trusted(struct req *rq)
{
	const char *cookie = form_cookie(rq), *want, *given = input_text(rq->sent, "csrf_token");

	if (given == NULL)
		given = rq->http.csrf;
	if (!browser_from_here(rq)) {
		rq->fault.count = 0;
		return err_add(&rq->fault, ERR_ORIGIN, NULL, 0);
	}
	want = cookie != NULL ? token_of(rq->mem, cookie) : NULL;
	if (want != NULL && given != NULL && text_same(want, strlen(want), given, strlen(given)))
		return true;
	rq->fault.count = 0;
	return err_add(&rq->fault, ERR_CSRF, NULL, 0);
}

/* 32 random bytes as text; NULL if there is no randomness. */
static const char *
random_value(struct mem *m)
{
	uint8_t bytes[RANDOM_BYTES];
	char *value = mem_get(m, text_base64url_size(sizeof bytes));

	if (!text_random(bytes, sizeof bytes))
		return NULL;
	text_base64url(value, bytes, sizeof bytes);
	return value;
}

const char *
browser_token(struct req *rq)
{
	if (form_cookie(rq) == NULL) {
		const char *value = random_value(rq->mem);

		if (value == NULL)
			mem_abort("no randomness for the form of a page");
		rq->browser.cookie[BROWSER_PRE] = value;
		set(rq, BROWSER_PRE, value, COOKIE_SESSION);
	}
	return token_of(rq->mem, form_cookie(rq));
}

const char *
browser_begin(struct req *rq, long life)
{
	const char *value = random_value(rq->mem);

	if (value == NULL)
		return db_refuse(rq->db, ERR_AWAY, NULL);
	set(rq, BROWSER_SESSION, value, life > 0 ? life : COOKIE_SESSION);
	return hash(rq->mem, value);
}

void
browser_end(struct req *rq)
{
	set(rq, BROWSER_SESSION, "", COOKIE_REMOVE);
}

void
browser_flash(struct req *rq, const char *key)
{
	set(rq, BROWSER_FLASH, key, COOKIE_SESSION);
}

const char *
browser_flashed(struct req *rq)
{
	const char *key = rq->browser.cookie[BROWSER_FLASH];

	if (key != NULL)
		set(rq, BROWSER_FLASH, "", COOKIE_REMOVE);
	return key;
}
