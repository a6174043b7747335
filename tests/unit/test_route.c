/* SPDX-License-Identifier: ISC */
/* route: which row a method and a path lead to, in every spelling, and what is wrong with a table.
 */
#include "route.h"

#include "arena.h"

static json_t *
run(struct req *rq)
{
	(void)rq;
	return NULL;
}

enum {
	LIST_ALL,
	ADD,
	FEED,
	SHOW,
	DROP,
	COMMENT,
	TAG,
	SELF,
	OLD,
	PICTURE,
	KEYS,
	NONE
};

#define ROW(method, api, page)                                                                     \
	{                                                                                          \
		method, api, page, OPEN, .run = run, .status = 200                                 \
	}

static const struct page_steps page_steps; /* there are some */
static const struct route routes[] = {
	[LIST_ALL] = ROW(GET, "/articles", "/"),
	[ADD] = ROW(POST, "/articles", "/editor"),
	[FEED] = ROW(GET, "/articles/feed", NULL),
	[SHOW] = ROW(GET, "/articles/:slug", "/article/:slug"),
	[DROP] = ROW(DELETE, "/articles/:slug", NULL),
	[COMMENT] = ROW(GET, "/articles/:slug/comments/:id", NULL),
	[TAG] = ROW(GET, "/tags/:tag+", "/tag/:tag+"),
	[SELF] = ROW(PUT, "/feed", NULL),
	[OLD] = ROW(PUT, "/articles-old", NULL),
	[PICTURE] = ROW(GET, NULL, "/pictures/:name.webp"),
	[KEYS] = ROW(GET, NULL, "/.well-known/keys.json"),
	{ 0 },
};
static const struct program articles = { "articles", "content", routes, .pages = &page_steps };

enum {
	LIST_BITS = GET | HEAD | POST | OPTIONS,
	SHOW_BITS = GET | HEAD | DELETE | OPTIONS,
	GET_BITS = GET | HEAD | OPTIONS,
	PUT_BITS = PUT | OPTIONS,
};

/* A request, the row it leads to, the methods of its path, its params as "name=value;…". */
struct found {
	enum method method;
	const char *path;
	int row;
	unsigned allow;
	const char *params;
};

static void
find_all(const struct found *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct found *want = &rows[i];
		const char *params = "";
		struct match match;

		route_find(&match, m, &articles, NULL, want->method, want->path);
		for (size_t n = 0; n < match.count; n++) {
			const struct http_pair *p = &match.params[n];

			assert_int_equal(p->name_length, strlen(p->name));
			assert_int_equal(p->value_length, strlen(p->value));
			params = mem_print(m, "%s%s=%s;", params, p->name, p->value);
		}
		if (match.route != (want->row == NONE ? NULL : &routes[want->row]) ||
			match.allow != want->allow ||
			strcmp(params, want->params != NULL ? want->params : "") != 0 ||
			match.api !=
				(want->row == PICTURE || want->row == KEYS ||
					strncmp(want->path, "/api/", 5) == 0 ||
					strcmp(want->path, "/api") == 0))
			fail_msg("%s: row %td, allow %u, %s", want->path,
				match.route != NULL ? match.route - routes : -1, match.allow,
				params);
	}
}

static void
patterns(void **state)
{
	static const struct found rows[] = {
		{ GET, "/api/articles", LIST_ALL, LIST_BITS, NULL },
		{ GET, "/api/articles/feed", FEED, SHOW_BITS, NULL }, /* the literal stands first */
		{ GET, "/api/articles/feeds", SHOW, SHOW_BITS, "slug=feeds;" },
		{ GET, "/api/articles/a.b c%41", SHOW, SHOW_BITS, "slug=a.b c%41;" },
		{ GET, "/api/articles/\xff", SHOW, SHOW_BITS, "slug=\xff;" },
		{ GET, "/api/articles/..", SHOW, SHOW_BITS, "slug=..;" },
		{ GET, "/api/articles/x/comments/7", COMMENT, GET_BITS, "slug=x;id=7;" },
		{ GET, "/api/tags/a", TAG, GET_BITS, "tag=a;" },
		{ GET, "/api/tags/a/b/", TAG, GET_BITS, "tag=a/b/;" }, /* the rest of the path */
		{ GET, "/api/tags//", TAG, GET_BITS, "tag=/;" },
		{ GET, "/", LIST_ALL, GET_BITS, NULL },
		{ POST, "/editor", ADD, POST | OPTIONS, NULL },
		{ GET, "/article/x", SHOW, GET_BITS, "slug=x;" },
		{ GET, "/tag/x/y", TAG, GET_BITS, "tag=x/y;" },
		{ GET, "/pictures/x.webp", PICTURE, GET_BITS, "name=x;" },
		{ HEAD, "/pictures/.x.webp.webp", PICTURE, GET_BITS, "name=.x.webp;" },
		{ GET, "/pictures/.webp", NONE, 0, NULL }, /* nothing before the end */
		{ GET, "/pictures/x.WEBP", NONE, 0, NULL },
		{ GET, "/pictures/xwebp", NONE, 0, NULL },
		{ GET, "/pictures/x.webp/", NONE, 0, NULL },
		{ GET, "/.well-known/keys.json", KEYS, GET_BITS, NULL },
		/* The row says what is no page, not the name that stands in a path. */
		{ GET, "/article/x.json", SHOW, GET_BITS, "slug=x.json;" },
		{ GET, "/article/x.webp", SHOW, GET_BITS, "slug=x.webp;" },
	};

	(void)state;
	find_all(rows, COUNT(rows));
}

static void
unknown_paths(void **state)
{
	static const char *const paths[] = { "", "//", "/x", "/api", "/api/", "/api//articles",
		"/api/articles/", "/api/articles//", "/api/articles/a/", "/api/article",
		"/api/Articles", "/api/articlesx", "/api/articles/x/comments",
		"/api/articles/x/comments/", "/api/articles/x/comments/1/2",
		"/api/articles//comments/1", "/api/tags", "/api/tags/", "/article/", "/article",
		"/articles", "/API/articles", "/api/:slug", "/api/article/x", "api/articles",
		"/api/articles\n", "/editor/" };

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++)
		find_all(&(struct found){ GET, paths[i], NONE, 0, NULL }, 1);
}

static void
N9_methods(void **state)
{
	static const struct found rows[] = {
		{ POST, "/api/articles", ADD, LIST_BITS, NULL },
		{ HEAD, "/api/articles", LIST_ALL, LIST_BITS, NULL },
		{ HEAD, "/api/articles/x", SHOW, SHOW_BITS, "slug=x;" },
		{ DELETE, "/api/articles/x", DROP, SHOW_BITS, "slug=x;" },
		{ OPTIONS, "/api/articles", NONE, LIST_BITS, NULL },
		{ OPTIONS, "/api/nothing", NONE, 0, NULL },
		{ PUT, "/api/articles", NONE, LIST_BITS, NULL },
		{ PATCH, "/api/articles/x", NONE, SHOW_BITS, NULL },
		{ UNKNOWN, "/api/articles", NONE, LIST_BITS, NULL },
		{ GET, "/api/feed", NONE, PUT_BITS, NULL },
		{ HEAD, "/api/feed", NONE, PUT_BITS, NULL },
		{ GET, "/editor", NONE, POST | OPTIONS, NULL },
	};

	(void)state;
	find_all(rows, COUNT(rows));
}

/* /api/NAME.fcgi/REST is /api/NAME/REST if there is such a row, else /api/REST. */
static void
program_names(void **state)
{
	static const struct found rows[] = {
		{ GET, "/api/articles.fcgi", LIST_ALL, LIST_BITS, NULL },
		{ GET, "/api/articles.fcgi/x", SHOW, SHOW_BITS, "slug=x;" },
		{ GET, "/api/articles.fcgi/feed", FEED, SHOW_BITS, NULL },
		{ PUT, "/api/articles.fcgi/feed", NONE, SHOW_BITS,
			NULL }, /* the first, not /feed */
		{ PUT, "/api/articles.fcgi/other", NONE, SHOW_BITS, NULL },
		{ GET, "/api/articles.fcgi/tags/a/b", TAG, GET_BITS, "tag=a/b;" },
		{ GET, "/api/articles.fcgi/articles/x/comments/7", COMMENT, GET_BITS,
			"slug=x;id=7;" },
		{ GET, "/api/articles.fcgi/x/comments/7", COMMENT, GET_BITS, "slug=x;id=7;" },
		{ GET, "/api/articles.fcgi/", NONE, 0, NULL },
		{ GET, "/api/articles.fcgi/nothing/here", NONE, 0, NULL },
		{ PUT, "/api/articles.fcgi-old", NONE, 0, NULL },
		{ GET, "/api/articles.fcg", NONE, 0, NULL },
		{ GET, "/api/article.fcgi", NONE, 0, NULL },
		{ GET, "/api/other.fcgi", NONE, 0, NULL }, /* another's name is not ours */
		{ GET, "/api/.fcgi", NONE, 0, NULL },
		{ GET, "/articles.fcgi", NONE, 0, NULL },
		{ GET, "/api/articles/x.fcgi", SHOW, SHOW_BITS, "slug=x.fcgi;" },
		{ GET, "/api/articles.fcgi/x.fcgi", SHOW, SHOW_BITS, "slug=x.fcgi;" },
	};

	(void)state;
	find_all(rows, COUNT(rows));
}

/* Of the API's own root both spellings lead to it, and neither to the home page. */
static void
root_of_the_api(void **state)
{
	static const struct route table[] = { ROW(GET, "/", NULL), ROW(GET, NULL, "/"), { 0 } };
	static const struct program p = { "a", "content", table };
	static const struct {
		const char *path;
		int row;
		bool api;
	} rows[] = { { "/api", 0, true }, { "/api/", 0, true }, { "/", 1, false } };
	struct match match;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		route_find(&match, m, &p, NULL, GET, rows[i].path);
		assert_ptr_equal(match.route, &table[rows[i].row]);
		assert_int_equal(match.api, rows[i].api);
	}
	route_find(&match, m, &p, NULL, GET, "/apis");
	assert_null(match.route);
	assert_false(match.api);
}

/* A row of a feature that is off is as if it were not there; without `api`, so is all of the API.
 */
static void
features(void **state)
{
	static const struct route table[] = {
		{ GET, "/a", "/a", OPEN, .run = run, .status = 200 },
		{ POST, "/a", "/a", OPEN, .run = run, .status = 200, .feature = FEATURE_FILES },
		{ GET, "/a/:b", "/b", OPEN, .run = run, .status = 200, .feature = FEATURE_FILES },
		{ GET, "/live", NULL, OPEN, .run = run, .status = 200, .feature = FEATURE_ALWAYS },
		{ 0 },
	};
	static const struct program p = { "p", "content", table };
	static const struct {
		enum method method;
		const char *path;
		bool api, files;
		int row; /* -1: none */
		unsigned allow;
	} rows[] = {
		{ POST, "/api/a", true, true, 1, GET_BITS | POST },
		{ POST, "/api/a", true, false, -1, GET_BITS },
		{ POST, "/api/a", false, true, -1, 0 },
		{ POST, "/a", false, true, 1, GET_BITS | POST },
		{ POST, "/a", true, false, -1, GET_BITS },
		{ GET, "/a", false, false, 0, GET_BITS },
		{ GET, "/api/a/x", true, true, 2, GET_BITS },
		{ GET, "/api/a/x", true, false, -1, 0 },
		{ GET, "/api/p.fcgi/a", true, true, 0, GET_BITS | POST },
		{ GET, "/api/p.fcgi/a", false, true, -1, 0 },
		{ GET, "/b", true, true, 2, GET_BITS },
		{ GET, "/b", true, false, -1, 0 },
		{ GET, "/api/live", false, false, 3, GET_BITS },
		{ GET, "/api/p.fcgi/live", false, false, 3, GET_BITS },
	};
	struct match match;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct conf conf = {
			.features = { [FEATURE_API] = rows[i].api, [FEATURE_FILES] = rows[i].files }
		};

		route_find(&match, m, &p, &conf, rows[i].method, rows[i].path);
		if (match.route != (rows[i].row < 0 ? NULL : &table[rows[i].row]) ||
			match.allow != rows[i].allow)
			fail_msg("row %zu", i);
	}
}

static void
flaws(void **state)
{
	static const struct {
		struct route route;
		const char *flaw;
	} rows[] = {
		{ { GET, "/a", NULL, OPEN, .run = run, .status = 200 }, NULL },
		{ { GET, "/b", NULL, ADMIN, .run = run, .status = 204 }, NULL },
		{ { GET, "/a", NULL, 0, .run = run, .status = 200 }, "a row without a guard" },
		{ { GET, "/a", NULL, GATE + 1, .run = run, .status = 200 },
			"a row without a guard" },
		{ { GET, "/a", NULL, OPEN, .status = 200 },
			"a row without a function or a status" },
		{ { GET, "/a", NULL, OPEN, .run = run }, "a row without a function or a status" },
		{ { GET, NULL, NULL, OPEN, .run = run, .status = 200 }, "a row without a path" },
		{ { GET, NULL, "/a", OPEN, .run = run, .status = 200 },
			"a row for a page, and no pages" },
		{ { GET, NULL, NULL, GATE, .run = run, .status = 204 }, NULL },
	};

	(void)state;
	assert_null(route_flaw(&articles));
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct route table[] = { routes[FEED], rows[i].route, { 0 } };
		const char *flaw = route_flaw(&(struct program){ "x", "content", table });

		if (rows[i].flaw == NULL)
			assert_null(flaw);
		else
			assert_string_equal(flaw, rows[i].flaw);
	}
}

static void
printed_rows(void **state)
{
	static const struct route table[] = {
		{ GET, "/a/:b", "/a", MEMBER, .run = run, .status = 200 },
		{ DELETE, "/a", NULL, ADMIN, .run = run, .status = 204 },
		{ POST, NULL, "/a", PUBLIC, .run = run, .status = 200 },
		{ .method = PUT }, /* --routes shows a flawed table, too */
		{ 0 },
	};
	char *text;
	size_t length;
	FILE *to = open_memstream(&text, &length);

	(void)state;
	assert_non_null(to);
	route_print(&(struct program){ "p", "content", table }, to);
	fclose(to);
	assert_string_equal(text,
		"p\tGET\t/a/:b\t/a\tmember\n"
		"p\tDELETE\t/a\t-\tadmin\n"
		"p\tPOST\t-\t/a\tpublic\n"
		"p\tPUT\t-\t-\tnone\n");
	free(text);
}

static void
under_a_name(void **state)
{
	struct req rq = { .mem = m };
	json_t *value = mem_json(m, json_string("x")), *outer = under(&rq, "a", value);

	(void)state;
	assert_ptr_equal(json_object_get(outer, "a"), value);
	assert_int_equal(json_object_size(outer), 1);
	assert_null(under(&rq, "a", NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns),
		cmocka_unit_test(unknown_paths),
		cmocka_unit_test(N9_methods),
		cmocka_unit_test(program_names),
		cmocka_unit_test(root_of_the_api),
		cmocka_unit_test(features),
		cmocka_unit_test(flaws),
		cmocka_unit_test(printed_rows),
		cmocka_unit_test(under_a_name),
	};

	return cmocka_run_group_tests(tests, up, down);
}
