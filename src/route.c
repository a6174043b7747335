/* SPDX-License-Identifier: ISC */
/*
 * route: from a path and a method to a row. Owns the spelling of paths; knows nothing of what a row
 * does.
 */
#include "route.h"

#include "json.h"
#include "text.h"

#include <string.h>

static const char *const guards[] = { "none", "open", "public", "member", "owner", "admin",
	"gate" };

/* Match one path against one pattern, filling params. */
static bool
matches(struct match *out, const char *pattern, const char *path)
{
	out->count = 0;
	while (*pattern == '/' && *path == '/') {
		size_t want = strcspn(++pattern, "/"), have = strcspn(++path, "/");

		if (*pattern == ':') {
			bool rest = pattern[want - 1] == '+';
			size_t name = strcspn(pattern, "./+"), end = want - name - rest;

			have = rest ? strlen(path) : have;
			if (have <= end || out->count == ROUTE_PARAMS ||
				strncmp(pattern + name, path + have - end, end) != 0)
				return false;
			out->params[out->count++] = (struct http_pair){ .name = pattern + 1,
				.name_length = name - 1,
				.value = path,
				.value_length = have - end };
		} else if (want != have || strncmp(pattern, path, want) != 0) {
			return false;
		}
		pattern += want;
		path += have;
	}
	return *pattern == '\0' && *path == '\0';
}

/* The params point into pattern and path: give them ends. */
static void
keep_params(struct match *out, struct mem *m)
{
	for (size_t i = 0; i < out->count; i++) {
		struct http_pair *p = &out->params[i];

		p->name = mem_copy(m, p->name, p->name_length);
		p->value = mem_copy(m, p->value, p->value_length);
	}
}

/* A few addresses outside of /api are no pages: /.well-known/jwks.json, pictures, feeds, /metrics.
 */
static bool
is_no_page(const char *pattern)
{
	static const char *const ends[] = { ".json", ".webp", ".xml", ".txt" };
	const char *end = strrchr(pattern, '.');

	for (size_t i = 0; end != NULL && i < sizeof ends / sizeof ends[0]; i++)
		if (strcmp(end, ends[i]) == 0)
			return true;
	return strcmp(pattern, "/metrics") == 0;
}

/* Whether the site has this row. */
static bool
is_on(const struct route *r, bool api, const struct conf *conf)
{
	bool articles = conf != NULL && conf->features[FEATURE_ARTICLES];

	if (conf == NULL || r->feature == FEATURE_ALWAYS)
		return true;
	if (api && !conf->features[FEATURE_API])
		return false;
	switch (r->feature) {
	case FEATURE_NONE: return true;
	case FEATURE_COMMENTS: return articles && conf->features[FEATURE_COMMENTS];
	case FEATURE_FEED: return articles && conf->features[FEATURE_FOLLOW];
	default: return conf->features[r->feature];
	}
}

/* Look for `path` in one column of the table. True if any row knows it. */
static bool
look(struct match *out, const struct program *p, const struct conf *conf, enum method method,
	bool api, const char *path)
{
	enum method wanted = method == HEAD ? GET : method;

	out->api = api;
	out->allow = 0;
	for (const struct route *r = p->routes; r->method != 0; r++) {
		const char *pattern = api ? r->api : r->page;
		struct match try = { 0 };

		if (pattern == NULL || !is_on(r, api, conf) || !matches(&try, pattern, path))
			continue;
		out->api = api || is_no_page(pattern);
		out->allow |= r->method | (r->method == GET ? HEAD : 0) | OPTIONS;
		if (r->method == wanted && out->route == NULL) {
			out->route = r;
			out->count = try.count;
			memcpy(out->params, try.params, sizeof out->params);
		}
	}
	return out->allow != 0;
}

/* What stands behind /NAME.fcgi in `path`; NULL if it does not begin so. */
static const char *
behind_name(const struct program *p, const char *path)
{
	static const char suffix[] = ".fcgi";
	size_t name = strlen(p->name);

	if (strncmp(path + 1, p->name, name) != 0 ||
		strncmp(path + 1 + name, suffix, sizeof suffix - 1) != 0)
		return NULL;
	path += 1 + name + sizeof suffix - 1;
	return *path == '/' || *path == '\0' ? path : NULL;
}

void
route_find(struct match *out, struct mem *m, const struct program *p, const struct conf *conf,
	enum method method, const char *path)
{
	bool api = strncmp(path, "/api", 4) == 0 && (path[4] == '/' || path[4] == '\0');
	const char *inner = !api ? path : path[4] == '/' ? path + 4 : "/";
	const char *rest = api ? behind_name(p, inner) : NULL;

	*out = (struct match){ 0 };
	if (rest == NULL)
		look(out, p, conf, method, api, inner);
	else if (!look(out, p, conf, method, true, mem_print(m, "/%s%s", p->name, rest)))
		look(out, p, conf, method, true, rest);
	keep_params(out, m);
}

const char *
route_flaw(const struct program *p)
{
	for (const struct route *r = p->routes; r->method != 0; r++) {
		if (r->guard < OPEN || r->guard > GATE)
			return "a row without a guard";
		if (r->run == NULL || r->status == 0)
			return "a row without a function or a status";
		if (r->page != NULL && p->pages == NULL && !is_no_page(r->page))
			return "a row for a page, and no pages";
		if (r->guard != GATE && r->page == NULL && (r->api == NULL || r->html != NULL))
			return "a row without a path";
	}
	return NULL;
}

bool
route_wants_tokens(const struct program *p, const struct conf *conf)
{
	if (conf->token_locations & LOCATION_QUERY) /* of any page */
		return true;
	for (const struct route *r = p->routes; r->method != 0; r++)
		if (r->guard == GATE || (r->api != NULL && r->guard != OPEN))
			return true;
	return strcmp(p->class, "credentials") == 0;
}

void
route_print(const struct program *p, FILE *to)
{
	struct mem *m = mem_new();

	for (const struct route *r = p->routes; r->method != 0; r++)
		fprintf(to, "%s\t%s\t%s\t%s\t%s\n", p->name, http_allow(m, r->method),
			r->api != NULL ? r->api : "-", r->page != NULL ? r->page : "-",
			route_guard(r));
	mem_free(m);
}

const char *
route_guard(const struct route *r)
{
	return guards[r->guard];
}

/* A member as it stands in an address: a text, or a whole number such as an id; else nothing. */
static const char *
in_address(struct mem *m, json_t *from, const char *name)
{
	const char *text = row_text(from, name);

	if (json_is_integer(json_object_get(from, name)))
		return mem_print(m, "%lld", (long long)row_number(from, name));
	return text != NULL ? text_escape(m, text) : "";
}

void
goes_to(struct req *rq, const char *pattern, json_t *from)
{
	const char *to = "";

	while (*pattern != '\0') {
		size_t n = strcspn(pattern, ":"), name = strcspn(pattern + n, "/?&");

		to = mem_print(rq->mem, "%s%.*s", to, (int)n, pattern);
		if (pattern[n] == ':') {
			const char *key = mem_copy(rq->mem, pattern + n + 1, name - 1);

			to = mem_print(rq->mem, "%s%s", to, in_address(rq->mem, from, key));
			n += name;
		}
		pattern += n;
	}
	rq->out.location = to;
}

void
goes_on(struct req *rq)
{
	const char *next = row_text(rq->in, "next");

	rq->out.location = next != NULL ? text_url(rq->mem, next) : "/";
}

json_t *
nothing(struct req *rq)
{
	return mem_json(rq->mem, json_object());
}

json_t *
under(struct req *rq, const char *name, json_t *value)
{
	json_t *outer;

	if (value == NULL)
		return NULL;
	outer = mem_json(rq->mem, json_object());
	json_object_set(outer, name, value);
	return outer;
}
