/* SPDX-License-Identifier: ISC */
/*
 * fuzz_params: CGI variables, "NAME=value" in lines and behind a blank line the body, up to the
 * input. (How FastCGI carries them is libfcgi's.)
 */
#include "fuzz_input.h"
#include "route.h"

static const struct route routes[] = {
	{ POST, "/users/:name", "/@/:name", OPEN, .run = nothing, .status = 200 },
	{ 0 },
};
static const struct program program = { "users", "content", routes };

struct variables {
	struct mem *m;
	const char *text;
	size_t length;
};

static const char *
find(void *source, const char *name)
{
	struct variables *v = source;
	size_t left = v->length, n = strlen(name);

	for (const char *at = v->text; left > 0;) {
		const char *line = fuzz_take(v->m, &at, &left, '\n');

		if (strncmp(line, name, n) == 0 && line[n] == '=')
			return line + n + 1;
	}
	return NULL;
}

static void
request_holds(const struct http_request *rq)
{
	const char *value = NULL;
	enum http_credential what = http_authorization(rq->authorization, &value);

	HOLDS(rq->path[0] == '/');
	HOLDS(strpbrk(rq->type, "; \tABCDEFGHIJKLMNOPQRSTUVWXYZ") == NULL);
	HOLDS(rq->boundary == NULL || *rq->boundary != '\0');
	HOLDS(strlen(rq->id) >= 8 && strlen(rq->id) <= 64 && fuzz_only(rq->id, FUZZ_ALNUM "-"));
	HOLDS(rq->query && rq->cookies && rq->port && rq->address && rq->agent && rq->body);
	HOLDS(rq->wrong == ERR_NONE || rq->declared == 0);
	HOLDS((what == HTTP_NO_CREDENTIAL) == (rq->authorization == NULL));
	if (what == HTTP_BEARER || what == HTTP_BASIC)
		HOLDS(*value != '\0' && strpbrk(value, " \t,") == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem *m = fuzz_mem();
	const char *text = (const char *)data,
		   *blank = size > 1 ? memmem(text, size, "\n\n", 2) : NULL;
	size_t length = blank != NULL ? (size_t)(blank - text) : size;
	struct variables v = { m, text, length };
	struct http_request rq;
	struct match match;

	http_read(&rq, m, find, &v);
	request_holds(&rq);
	route_find(&match, m, &program, NULL, rq.method, rq.path);
	HOLDS(match.count == (match.route != NULL));
	if (blank != NULL) {
		rq.length = size - length - 2;
		rq.body = mem_copy(m, blank + 2, rq.length);
	}
	fuzz_request(m, &rq);
	return 0;
}
