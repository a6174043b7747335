/* SPDX-License-Identifier: ISC */
/*
 * http: a request out of CGI variables and an answer into CGI output (RFC 3875, RFC 9110). Owns the
 * two structs and what is decoded of them; knows neither where the variables come from nor what a
 * path means.
 */
#include "http.h"

#include "text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	enum method method;
} methods[] = {
	{ "GET", GET },
	{ "HEAD", HEAD },
	{ "POST", POST },
	{ "PUT", PUT },
	{ "PATCH", PATCH },
	{ "DELETE", DELETE },
	{ "OPTIONS", OPTIONS },
};

enum {
	METHODS = sizeof methods / sizeof methods[0]
};

static const char *
or_empty(const char *s)
{
	return s != NULL ? s : "";
}

/* A variable as a copy in the request's memory: libfcgi's own ends with the connection. */
static const char *
variable(struct mem *m, http_param *param, void *source, const char *name)
{
	const char *value = param(source, name);

	return value != NULL ? mem_copy(m, value, strlen(value)) : NULL;
}

static enum method
method_of(const char *name)
{
	for (size_t i = 0; i < METHODS; i++)
		if (strcmp(methods[i].name, name) == 0)
			return methods[i].method;
	return UNKNOWN;
}

/* The media type alone: "Application/JSON; charset=x" -> "application/json". */
static const char *
media_type(struct mem *m, const char *header)
{
	char *type = mem_copy(m, header, strcspn(header, "; \t"));

	text_lower(type);
	return type;
}

/* The boundary parameter of a media type (RFC 2046 section 5.1.1), quoted or not; NULL = none. */
static const char *
boundary_of(struct mem *m, const char *header)
{
	const char *at = strcasestr(header, "boundary=");
	bool quoted;
	size_t n;

	while (at != NULL && (at == header || strchr("; \t", at[-1]) == NULL))
		at = strcasestr(at + 1, "boundary=");
	if (at == NULL)
		return NULL;
	at += strlen("boundary=");
	quoted = *at == '"';
	at += quoted;
	n = strcspn(at, quoted ? "\"" : "; \t");
	return n > 0 ? mem_copy(m, at, n) : NULL;
}

/* The web server's request id if it looks like one, else a new one. */
static const char *
request_id(struct mem *m, const char *given)
{
	uint8_t bytes[16] = { 0 };
	char *id = mem_get(m, 2 * sizeof bytes + 1);

	if (given != NULL && strlen(given) >= 8 && strlen(given) <= 64 &&
		given[strspn(given, "0123456789abcdefABCDEF-")] == '\0')
		return given;
	if (!text_random(bytes, sizeof bytes))
		return "none";
	text_hex(id, bytes, sizeof bytes);
	return id;
}

/*
 * The decoded path: DOCUMENT_URI of nginx; or REDIRECT_URL, which Apache says of a path that a rule
 * of an .htaccess has led to the program; no client can say either. Else, for a program under its
 * own address, SCRIPT_NAME's last part and PATH_INFO, spelt as nginx would, unless PATH_INFO is an
 * /api path by itself.
 */
static const char *
path_of(struct mem *m, http_param *param, void *source)
{
	const char *uri = variable(m, param, source, "DOCUMENT_URI"), *info, *script, *slash;

	if (uri == NULL || *uri != '/')
		uri = variable(m, param, source, "REDIRECT_URL");
	if (uri != NULL && *uri == '/')
		return uri;
	info = or_empty(variable(m, param, source, "PATH_INFO"));
	script = or_empty(variable(m, param, source, "SCRIPT_NAME"));
	slash = strrchr(script, '/');
	if (strncmp(info, "/api/", 5) == 0 || slash == NULL)
		return *info == '/' ? info : "/";
	return mem_print(m, "/api%.*s.fcgi%s", (int)strcspn(slash, "."), slash, info);
}

void
http_read(struct http_request *rq, struct mem *m, http_param *param, void *source)
{
	const char *length = or_empty(variable(m, param, source, "CONTENT_LENGTH"));
	const char *type = or_empty(variable(m, param, source, "CONTENT_TYPE"));
	const char *preflight = variable(m, param, source, "HTTP_ACCESS_CONTROL_REQUEST_METHOD");
	int64_t declared = 0;

	*rq = (struct http_request){
		.method_name = or_empty(variable(m, param, source, "REQUEST_METHOD")),
		.path = path_of(m, param, source),
		.query = or_empty(variable(m, param, source, "QUERY_STRING")),
		.type = media_type(m, type),
		.boundary = boundary_of(m, type),
		.cookies = or_empty(variable(m, param, source, "HTTP_COOKIE")),
		.origin = variable(m, param, source, "HTTP_ORIGIN"),
		.referer = variable(m, param, source, "HTTP_REFERER"),
		.fetch_site = variable(m, param, source, "HTTP_SEC_FETCH_SITE"),
		.csrf = variable(m, param, source, "HTTP_X_CSRFTOKEN"),
		.preflight = preflight != NULL ? method_of(preflight) : 0,
		.none_match = or_empty(variable(m, param, source, "HTTP_IF_NONE_MATCH")),
		.if_match = or_empty(variable(m, param, source, "HTTP_IF_MATCH")),
		.idempotency_key = or_empty(variable(m, param, source, "HTTP_IDEMPOTENCY_KEY")),
		.preflight_headers =
			or_empty(variable(m, param, source, "HTTP_ACCESS_CONTROL_REQUEST_HEADERS")),
		.port = or_empty(variable(m, param, source, "SERVER_PORT")),
		.authorization = variable(m, param, source, "HTTP_AUTHORIZATION"),
		.address = or_empty(variable(m, param, source, "REMOTE_ADDR")),
		.agent = or_empty(variable(m, param, source, "HTTP_USER_AGENT")),
		.id = request_id(m, variable(m, param, source, "REQUEST_ID")),
		.https = strcasecmp(or_empty(variable(m, param, source, "HTTPS")), "on") == 0,
		.body = "",
	};
	if (rq->csrf == NULL)
		rq->csrf = variable(m, param, source, "HTTP_X_CSRF_TOKEN");
	rq->method = method_of(rq->method_name);
	if (*length != '\0' && (!text_int(length, &declared) || declared < 0))
		rq->wrong = ERR_BAD_REQUEST;
	else
		rq->declared = (size_t)declared;
}

bool
http_has(const struct http_request *rq, const char *tag)
{
	return strcmp(rq->none_match, "*") == 0 || strstr(rq->none_match, tag) != NULL;
}

void
http_header(struct http_response *rs, const char *name, const char *value)
{
	for (const char *c = value; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			mem_abort("a control character in a response header");
	if (rs->headers == HTTP_HEADERS)
		mem_abort("too many response headers");
	rs->header[rs->headers].name = name;
	rs->header[rs->headers++].value = value;
}

static const char *
reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} rows[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 206, "Partial Content" },
		{ 303, "See Other" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 416, "Range Not Satisfiable" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].status == status)
			return rows[i].reason;
	mem_abort("a status without a reason phrase");
}

static size_t
put(char *out, size_t at, const char *text, size_t length)
{
	memcpy(out + at, text, length);
	return at + length;
}

static size_t
put_header(char *out, size_t at, const char *name, const char *value)
{
	at = put(out, at, name, strlen(name));
	at = put(out, at, ": ", 2);
	at = put(out, at, value, strlen(value));
	return put(out, at, "\r\n", 2);
}

const char *
http_write(struct mem *m, const struct http_response *rs, size_t *length)
{
	bool empty = rs->status == 204 || rs->status == 304;
	bool bare = empty || rs->head || rs->source != NULL;
	char status[64], size_text[24], *out;
	size_t size = sizeof status + sizeof size_text + 64 + (bare ? 0 : rs->length), n = 0;

	snprintf(status, sizeof status, "%d %s", rs->status, reason(rs->status));
	snprintf(size_text, sizeof size_text, "%zu", rs->length);
	for (size_t i = 0; i < rs->headers; i++)
		size += strlen(rs->header[i].name) + strlen(rs->header[i].value) + 4;
	out = mem_get(m, size);
	n = put_header(out, n, "Status", status);
	for (size_t i = 0; i < rs->headers; i++)
		n = put_header(out, n, rs->header[i].name, rs->header[i].value);
	if (!empty)
		n = put_header(out, n, "Content-Length", size_text);
	n = put(out, n, "\r\n", 2);
	if (!bare)
		n = put(out, n, rs->body, rs->length);
	*length = n;
	return out;
}

const char *
http_allow(struct mem *m, unsigned bits)
{
	const char *list = "";

	for (size_t i = 0; i < METHODS; i++)
		if (bits & methods[i].method)
			list = mem_print(
				m, "%s%s%s", list, *list != '\0' ? ", " : "", methods[i].name);
	return list;
}

enum err
http_pairs(struct mem *m, const char *text, size_t length, const struct http_pair **pairs,
	size_t *count)
{
	const char *end = text + length;
	struct http_pair *to;
	size_t most = 1;

	for (const char *c = text; c < end; c++)
		most += *c == '&';
	if (most > HTTP_PAIRS)
		return ERR_MANY;
	*pairs = to = mem_get(m, most * sizeof *to);
	for (const char *at = text; at < end;) {
		const char *stop = memchr(at, '&', (size_t)(end - at));
		size_t part = (size_t)((stop != NULL ? stop : end) - at);
		const char *equals = memchr(at, '=', part);
		size_t name = equals != NULL ? (size_t)(equals - at) : part;
		char *copy = mem_copy(m, at, part);
		char *value = copy + name + (equals != NULL);
		ssize_t name_length = text_unescape(copy, name);
		ssize_t value_length = text_unescape(value, part - (size_t)(value - copy));

		if (name_length < 0 || value_length < 0)
			return ERR_ENCODING;
		copy[name_length] = '\0';
		value[value_length] = '\0';
		if (part > 0)
			*to++ = (struct http_pair){ .name = copy,
				.value = value,
				.name_length = (size_t)name_length,
				.value_length = (size_t)value_length };
		at += part + (stop != NULL);
	}
	*count = (size_t)(to - *pairs);
	return ERR_NONE;
}
