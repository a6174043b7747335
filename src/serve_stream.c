/* SPDX-License-Identifier: ISC */
/*
 * serve_stream: bodies and answers that are too long to be held (stream.h): a form's file that a
 * row takes as it comes, and what goes out piece by piece, whole or in part (RFC 9110 sections 13,
 * 14). Owns the order of these; who may come in was asked before.
 */
#include "input.h"
#include "log.h"
#include "serve_parts.h"
#include "stream.h"
#include "text.h"

#include <string.h>
#include <strings.h>

/* A header as a copy: libfcgi's own ends with the connection. */
static const char *
header(struct req *rq, struct fcgi *f, const char *name)
{
	const char *value = fcgi_value(f, name);

	return value != NULL ? mem_copy(rq->mem, value, strlen(value)) : "";
}

static bool
comes(struct req *rq, struct fcgi *f)
{
	const struct route *r = rq->match.route;

	rq->http.range = header(rq, f, "HTTP_RANGE");
	rq->http.if_range = header(rq, f, "HTTP_IF_RANGE");
	if (r == NULL || r->first == NULL || rq->http.wrong != ERR_NONE ||
		strcmp(rq->http.type, "multipart/form-data") != 0)
		return false;
	fcgi_let_come(f, &rq->http);
	return true;
}

static struct sent *
open_form(struct req *rq, struct fault *fault)
{
	return input_come(rq->mem, &rq->http, rq->match.params, rq->match.count, fault);
}

/* Whether what is missing before the file may still come behind it. */
static bool
may_come(const struct req *rq, const struct fault *fault)
{
	size_t length;

	for (const struct field *f = rq->match.route->input; f->name != NULL; f++)
		if (f->type == IS_UPLOAD && input_file(rq->sent, f->name, &length) == NULL)
			return false;
	for (size_t i = 0; i < fault->count; i++)
		if (fault->flaws[i].err != ERR_BLANK ||
			input_text(rq->sent, fault->flaws[i].key) != NULL)
			return false;
	return true;
}

/* End the unit that `first` was in. The database may have made trouble that would be mended by
 * beginning anew, which cannot be. */
static void
broke_off(struct req *rq)
{
	db_end(rq->db);
	if (rq->fault.count > 0)
		return;
	db_complain(rq->db);
	err_add(&rq->fault, ERR_AWAY, NULL, 0);
}

/* The file in units of work of the row's own, the rest of the form, then the last unit: for that
 * alone the session is held. */
static json_t *
take(struct req *rq)
{
	const struct route *r = rq->match.route;
	struct fault early = { 0 };
	json_t *result = NULL, *held;

	rq->in = input_read(rq->mem, r->input, rq->sent, &early);
	if (rq->in == NULL && !may_come(rq, &early)) {
		rq->fault = early;
		return NULL;
	}
	if (serve_unit(rq, nothing, false) == NULL) /* does the session live? */
		return NULL;
	held = r->first(rq); /* it notes in rq->held what there is to be taken back */
	if (held != NULL)
		rq->held = held;
	else
		broke_off(rq);
	if (held != NULL && input_rest(rq->sent, &rq->fault) &&
		(rq->in = input_read(rq->mem, r->input, rq->sent, &rq->fault)) != NULL)
		result = serve_unit(rq, r->run, true);
	if (result == NULL)
		rq->program->undo(rq);
	return result;
}

/* Decimal digits at *at; false if there are none, or too many. */
static bool
digits(const char **at, uint64_t *n)
{
	size_t count = strspn(*at, "0123456789");

	*n = 0;
	for (size_t i = 0; i < count; i++)
		*n = *n * 10 + (uint64_t)((*at)[i] - '0');
	*at += count;
	return count > 0 && count <= 18;
}

enum range {
	WHOLE,
	PART,
	NOWHERE
};

/* One range of bytes (section 14.1.2), for GET alone (14.2); several, and what is none, are
 * answered with all of it. */
static enum range
range_of(const struct req *rq, const struct http_source *s, uint64_t *from, uint64_t *length)
{
	const char *at = rq->http.range;
	uint64_t first = 0, last = s->length - 1;

	if (rq->http.method != GET || strncasecmp(at, "bytes=", 6) != 0 ||
		strchr(at, ',') != NULL ||
		(*rq->http.if_range != '\0' && strcmp(rq->http.if_range, s->tag) != 0))
		return WHOLE;
	at += 6;
	if (*at == '-') { /* so many at the end */
		at++;
		if (!digits(&at, &last) || *at != '\0')
			return WHOLE;
		if (last == 0 || s->length == 0)
			return NOWHERE;
		first = last < s->length ? s->length - last : 0;
		last = s->length - 1;
	} else {
		if (!digits(&at, &first) || *at++ != '-')
			return WHOLE;
		if (*at != '\0' && (!digits(&at, &last) || *at != '\0' || last < first))
			return WHOLE;
		if (first >= s->length)
			return NOWHERE;
		last = last < s->length ? last : s->length - 1;
	}
	*from = first;
	*length = last - first + 1;
	return PART;
}

/* RFC 6266: the name in ASCII for old clients, and in UTF-8 as RFC 8187 writes it. */
static const char *
disposition(struct mem *m, const char *name)
{
	char *ascii = mem_copy(m, name, strlen(name));

	for (char *c = ascii; *c != '\0'; c++)
		if (*c < ' ' || *c > '~' || strchr("\"\\%", *c) != NULL)
			*c = '_';
	return mem_print(
		m, "attachment; filename=\"%s\"; filename*=UTF-8''%s", ascii, text_escape(m, name));
}

static void
show(struct req *rq, struct http_response *rs)
{
	static const char none[] = "{\"errors\":{\"range\":[\"is not within the file\"]}}";
	const struct http_source *s = rq->out.source;
	uint64_t length = s->length;

	http_header(rs, "ETag", s->tag);
	http_header(rs, "Accept-Ranges", "bytes");
	http_header(rs, "Content-Security-Policy", "default-src 'none'; sandbox");
	if (http_has(&rq->http, s->tag)) {
		rs->status = 304;
		return;
	}
	rs->status = 200;
	switch (range_of(rq, s, &rs->from, &length)) {
	case WHOLE: break;
	case PART:
		rs->status = 206;
		http_header(rs, "Content-Range",
			mem_print(rq->mem, "bytes %llu-%llu/%llu", (unsigned long long)rs->from,
				(unsigned long long)(rs->from + length - 1),
				(unsigned long long)s->length));
		break;
	case NOWHERE:
		rs->status = 416;
		http_header(rs, "Content-Range",
			mem_print(rq->mem, "bytes */%llu", (unsigned long long)s->length));
		http_header(rs, "Content-Type", "application/json; charset=utf-8");
		rs->body = none;
		rs->length = sizeof none - 1;
		return;
	}
	http_header(rs, "Content-Type", s->type);
	http_header(rs, "Content-Disposition", disposition(rq->mem, s->name));
	rs->length = (size_t)length;
	rs->source = s;
}

static bool
give_pieces(struct req *rq, const struct http_response *rs, struct fcgi *f)
{
	uint64_t at = rs->from, end = rs->from + rs->length;
	bool good = true;

	while (good && at < end) {
		struct mem_mark mark = mem_mark(rq->mem);
		const char *bytes;
		size_t n;

		good = rs->source->piece(rs->source->of, at, &bytes, &n);
		if (!good) {
			log_error("a file broke off");
		} else {
			n = n < end - at ? n : (size_t)(end - at);
			good = fcgi_piece(f, bytes, n);
			at += n;
		}
		mem_back(rq->mem, &mark);
	}
	return good;
}

static bool
give(struct req *rq, const struct http_response *rs, struct fcgi *f)
{
	size_t length;
	const char *head = http_write(rq->mem, rs, &length);

	if (fcgi_piece(f, head, length) && (rs->head || give_pieces(rq, rs, f)))
		return fcgi_answer(f, "", 0);
	fcgi_cut(f);
	return false;
}

const struct stream_steps stream_steps = { comes, open_form, take, show, fcgi_drain, give };
