/* SPDX-License-Identifier: ISC */
/*
 * view: from a result or a fault to a response. Owns the headers and the JSON shape of an error;
 * pages are view_page.c's. Decides nothing.
 */
#include "view.h"

#include "cors.h"
#include "json.h"
#include "stream.h"
#include "text.h"
#include "view_parts.h"

#include <string.h>

enum {
	TAG_BYTES = 16
};

static const char RETRY_SECONDS[] = "5";
static const char HSTS[] = "max-age=31536000";

/* {"errors": {"key": ["text", …], …}} */
static json_t *
errors(struct req *rq)
{
	json_t *keys = mem_json(rq->mem, json_object());
	char text[160];

	for (size_t i = 0; i < rq->fault.count; i++) {
		const struct flaw *f = &rq->fault.flaws[i];
		json_t *list = json_object_get(keys, f->key);

		if (list == NULL) {
			json_object_set_new(keys, f->key, json_array());
			list = json_object_get(keys, f->key);
		}
		json_array_append_new(list, json_string(err_text(f, text, sizeof text)));
	}
	return mem_pack(rq->mem, "{s:O}", "errors", keys);
}

/* RFC 6750 section 3: nothing was given, or what was given is no good. */
static const char *
challenge(const struct req *rq)
{
	enum err e = err_first(&rq->fault);

	if (rq->challenge != NULL)
		return rq->challenge;
	return e == ERR_TOKEN_INVALID || e == ERR_TOKEN_EXPIRED || e == ERR_TOKEN_REVOKED
		? "Bearer error=\"invalid_token\""
		: "Bearer";
}

/* A limit knows when it will let the next one pass. */
static const char *
retry_after(struct req *rq)
{
	const struct flaw *f = &rq->fault.flaws[0];

	return f->err == ERR_RATE && f->n > 0 ? mem_print(rq->mem, "%ld", f->n) : RETRY_SECONDS;
}

void
view_body(struct req *rq, json_t *json, struct http_response *rs)
{
	rs->body = json_text(rq->mem, json, &rs->length);
	http_header(rs, "Content-Type", "application/json; charset=utf-8");
	if (rq->out.file != NULL)
		http_header(rs, "Content-Disposition",
			mem_print(rq->mem, "attachment; filename=\"%s\"", rq->out.file));
}

/* Bytes of their own, which no browser takes for a page or runs; or only that the client has them
 * already. */
static void
view_bytes(struct req *rq, struct http_response *rs)
{
	const struct http_bytes *b = rq->out.bytes;

	http_header(rs, "ETag", b->tag);
	http_header(rs, "Content-Security-Policy", "default-src 'none'; sandbox");
	if (http_has(&rq->http, b->tag)) {
		rs->status = 304;
		return;
	}
	http_header(rs, "Content-Type", b->type);
	rs->body = b->bytes;
	rs->length = b->length;
}

/* A tag that names each byte of the answer, behind what the row begins it with; a client that has
 * just these bytes is told so (RFC 9110 section 13.1.2; gzip of a web server makes tags weak). */
static void
view_tag(struct req *rq, struct http_response *rs)
{
	uint8_t hash[32];
	char hex[2 * TAG_BYTES + 1];
	const char *tag;

	text_sha256(hash, rs->body, rs->length);
	text_hex(hex, hash, TAG_BYTES);
	tag = mem_print(rq->mem, "\"%s%s%s\"", rq->out.etag, *rq->out.etag != '\0' ? "-" : "", hex);
	http_header(rs, "ETag", tag);
	http_header(rs, "Vary", "Authorization");
	rq->out.cache = "private, no-cache";
	if (!http_has(&rq->http, tag))
		return;
	rs->status = 304;
	rs->body = "";
	rs->length = 0;
}

static void
view_json(struct req *rq, json_t *result, struct http_response *rs)
{
	enum err e = err_first(&rq->fault);

	rs->status = e != ERR_NONE        ? err_status(e)
		: rq->match.route == NULL ? 204
		: rq->out.status != 0     ? rq->out.status
					  : rq->match.route->status;
	if (e != ERR_NONE)
		view_body(rq, errors(rq), rs);
	else if (rq->out.bytes != NULL)
		view_bytes(rq, rs);
	else if (rs->status != 204)
		view_body(rq, result, rs);
	if (rs->status == 200 && rq->out.etag != NULL)
		view_tag(rq, rs);
}

void
view(struct req *rq, json_t *result, struct http_response *rs)
{
	bool asked = rq->http.method == OPTIONS && err_first(&rq->fault) == ERR_NONE;

	*rs = (struct http_response){ .body = "", .head = rq->http.method == HEAD };
	if (rq->out.source != NULL)
		rq->program->stream->show(rq, rs);
	else if (rq->match.api || rq->program->pages == NULL || asked)
		view_json(rq, result, rs);
	else
		rq->program->pages->answer(rq, result, rs);
	http_header(rs, "X-Request-ID", rq->http.id);
	http_header(rs, "Cache-Control", rq->out.cache != NULL ? rq->out.cache : "no-store");
	http_header(rs, "X-Content-Type-Options", "nosniff");
	if (rq->http.https)
		http_header(rs, "Strict-Transport-Security", HSTS);
	if (rs->status == 401)
		http_header(rs, "WWW-Authenticate", challenge(rq));
	if (rs->status == 429 || rs->status == 503)
		http_header(rs, "Retry-After", retry_after(rq));
	if (rs->status == 405 || asked)
		http_header(rs, "Allow", http_allow(rq->mem, rq->match.allow));
	cors_answer(rq, rs);
}
