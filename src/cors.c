/* SPDX-License-Identifier: ISC */
/*
 * cors: which pages of other sites may use the API (Fetch standard, section 3.2). Owns the headers
 * Access-Control-…; cookies count nowhere under /api, whatever they say. Refuses nothing: a browser
 * does, when the headers are missing.
 */
#include "cors.h"

#include "text.h"

#include <string.h>

struct cors {
	const char *origins; /* between blanks */
	bool any, credentials;
	unsigned methods;
	const char *headers; /* between blanks */
	const char *exposed; /* as the header has them, or "" */
	const char *max_age; /* NULL: nothing said */
};

/* Words between blanks as a header lists them. */
static const char *
listed(struct mem *m, const char *words)
{
	const char *list = "";

	while (*words != '\0') {
		size_t n = strcspn(words, " ");

		list = mem_print(m, "%s%s%.*s", list, *list != '\0' ? ", " : "", (int)n, words);
		words += n + (words[n] == ' ');
	}
	return list;
}

const struct cors *
cors_new(struct mem *m, const struct conf *conf)
{
	struct cors *c;

	if (*conf->cors_origins == '\0')
		return NULL;
	c = mem_get(m, sizeof *c);
	*c = (struct cors){ .origins = conf->cors_origins,
		.any = strcmp(conf->cors_origins, "*") == 0,
		.credentials = conf->cors_credentials != 0,
		.methods = (unsigned)conf->cors_methods,
		.headers = conf->cors_headers,
		.exposed = listed(m, conf->cors_exposed),
		.max_age =
			conf->cors_max_age > 0 ? mem_print(m, "%ld", conf->cors_max_age) : NULL };
	return c;
}

/* Those of the headers that were asked for which may be sent, as a header lists them. */
static const char *
allowed_headers(struct mem *m, const struct cors *c, const char *asked)
{
	const char *list = "";

	for (const char *at = c->headers; *at != '\0';) {
		size_t n = strcspn(at, " ");

		if (text_lists(asked, at, n))
			list = mem_print(
				m, "%s%s%.*s", list, *list != '\0' ? ", " : "", (int)n, at);
		at += n + (at[n] == ' ');
	}
	return list;
}

/* What a browser asks before it sends a request that a form could not have sent. */
static void
preflight(const struct req *rq, struct http_response *rs)
{
	const struct cors *c = rq->cors;
	unsigned methods = c->methods & rq->match.allow;
	const char *headers;

	if (!(methods & rq->http.preflight))
		return;
	http_header(rs, "Access-Control-Allow-Methods", http_allow(rq->mem, methods));
	headers = allowed_headers(rq->mem, c, rq->http.preflight_headers);
	if (*headers != '\0')
		http_header(rs, "Access-Control-Allow-Headers", headers);
	if (c->max_age != NULL)
		http_header(rs, "Access-Control-Max-Age", c->max_age);
}

void
cors_answer(const struct req *rq, struct http_response *rs)
{
	const struct cors *c = rq->cors;
	const char *origin = rq->http.origin;

	if (c == NULL || !rq->match.api)
		return;
	http_header(rs, "Vary", "Origin");
	if (!c->any && (origin == NULL || !text_lists(c->origins, origin, strlen(origin))))
		return;
	http_header(rs, "Access-Control-Allow-Origin", c->any ? "*" : origin);
	if (c->credentials)
		http_header(rs, "Access-Control-Allow-Credentials", "true");
	if (rq->http.method == OPTIONS && rq->http.preflight != 0)
		preflight(rq, rs);
	else if (*c->exposed != '\0')
		http_header(rs, "Access-Control-Expose-Headers", c->exposed);
}

/* A map of nginx from `from` to the variable `name`: `value` where `from` fits `pattern`, else "".
 */
static const char *
map(struct mem *m, const char *from, const char *name, const char *pattern, const char *value)
{
	return mem_print(m, "map %s $postern_cors_%s {\n\tdefault \"\";\n\t\"%s\" %s;\n}\n", from,
		name, pattern, *value != '\0' ? value : "\"\"");
}

/* The origins as a regular expression. Between \Q and \E all is literal; an origin of the settings
 * holds no backslash and no quote. */
static const char *
pattern_of(struct mem *m, const struct cors *c)
{
	const char *all = "";

	for (const char *at = c->any ? "" : c->origins; *at != '\0';) {
		size_t n = strcspn(at, " ");

		all = mem_print(m, "%s%s\\Q%.*s\\E", all, *all != '\0' ? "|" : "", (int)n, at);
		at += n + (at[n] == ' ');
	}
	return c->any ? "~^Origin" : mem_print(m, "~*^Origin (?:%s)$", all);
}

const char *
cors_maps(struct mem *m, const struct cors *c)
{
	static const struct cors none = { "", .exposed = "" };
	bool on = c != NULL;

	if (!on)
		c = &none;
	return mem_print(m, "# Made by `postern static`; include it in `http`.\n%s%s%s%s",
		map(m, "$request_uri", "vary", "~^/+api(?:[/?]|$)", on ? "Origin" : ""),
		map(m, "\"$postern_cors_vary $http_origin\"", "origin", pattern_of(m, c),
			!on              ? ""
				: c->any ? "*"
					 : "$http_origin"),
		map(m, "$postern_cors_origin", "credentials", "~.", c->credentials ? "true" : ""),
		map(m, "$postern_cors_origin", "exposed", "~.",
			*c->exposed != '\0' ? mem_print(m, "\"%s\"", c->exposed) : ""));
}
