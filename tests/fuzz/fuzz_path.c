/* SPDX-License-Identifier: ISC */
/* fuzz_path: the segments of a route, its params filled in, are the path that led there. */
#include "fuzz.h"
#include "route.h"

#define ROW(method, api, page)                                                                     \
	{                                                                                          \
		method, api, page, OPEN, .run = nothing, .status = 200                             \
	}
static const struct route routes[] = {
	ROW(GET, "/users", "/"),
	ROW(POST, "/users", "/register"),
	ROW(GET, "/users/feed", NULL),
	ROW(GET, "/users/:name", "/@/:name"),
	ROW(PUT, "/users/:name", NULL),
	ROW(GET, "/users/:name/:part", NULL),
	ROW(GET, "/a/:1/:2/:3/:4/:5/:6/:7/:8", NULL),
	ROW(DELETE, "/a/:1/:2/:3/:4/:5/:6/:7/:8/:9", NULL),
	ROW(GET, "/files/:rest+", "/f/:rest+"),
	{ 0 },
};
static const struct program program = { "users", "content", routes };

/* The path that this route and these params stand for. */
static const char *
joined(struct mem *m, const struct match *match, const char *pattern)
{
	const char *path = "";
	size_t used = 0;

	while (*pattern != '\0') {
		size_t n = strcspn(++pattern, "/");
		const struct http_pair *p = &match->params[used];
		bool rest = pattern[n - (n > 0)] == '+';

		if (*pattern == ':') {
			HOLDS(used++ < match->count && p->value_length > 0);
			HOLDS(strlen(p->value) == p->value_length);
			HOLDS(rest || strchr(p->value, '/') == NULL);
			HOLDS(p->name_length == n - 1 - rest);
			HOLDS(strncmp(p->name, pattern + 1, p->name_length) == 0);
			path = mem_print(m, "%s/%s", path, p->value);
		} else {
			path = mem_print(m, "%s/%.*s", path, (int)n, pattern);
		}
		pattern += n;
	}
	HOLDS(used == match->count);
	return path;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem *m = fuzz_mem();
	const char *path = size > 0 ? mem_copy(m, (const char *)data + 1, size - 1) : "", *to;
	enum method method = size > 0 ? 1U << (data[0] & 7) : GET;
	struct match match;

	if (*path != '/') /* http_read promises it */
		return 0;
	route_find(&match, m, &program, NULL, method, path);
	HOLDS(match.api == (strncmp(path, "/api/", 5) == 0 || strcmp(path, "/api") == 0));
	HOLDS(match.route == NULL || (match.allow & method) != 0);
	if (match.route == NULL)
		return 0;
	HOLDS(match.route->method == (method == HEAD ? GET : method));
	to = joined(m, &match, match.api ? match.route->api : match.route->page);
	if (!match.api)
		HOLDS(strcmp(to, path) == 0);
	else if (strncmp(path, "/api/users.fcgi", 15) != 0 || strchr("/", path[15]) == NULL)
		HOLDS(strcmp(to, path + 4) == 0);
	else
		HOLDS(strcmp(to, path + 15) == 0 ||
			strcmp(to, mem_print(m, "/users%s", path + 15)) == 0);
	return 0;
}
