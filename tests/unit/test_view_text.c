/* SPDX-License-Identifier: ISC */
/* view: addresses beside names, static pages, and what pages say to people. */
#include "view_help.h"

#include <time.h>

static void
X5_links(void **state)
{
	static const char *const rows[][2] = {
		{ "{\"username\": \"ada\", \"image\": null}",
			"/static/default-avatar.svg /profile/ada" },
		{ "{\"username\": \"a/..?#\\\"\", \"image\": \"https://e.org/\\\"x\"}",
			"https://e.org/%22x /profile/a%2F..%3F%23%22" },
		{ "{\"username\": \"a\", \"image\": \"data:image/svg+xml,x\"}",
			"/static/default-avatar.svg /profile/a" },
		{ "{\"username\": \"a\", \"image\": \"http://e.org/x\"}",
			"/static/default-avatar.svg /profile/a" },
		{ "{\"username\": \"a\", \"image\": \"//e.org/x\"}",
			"/static/default-avatar.svg /profile/a" },
		{ "{\"username\": \"a\", \"image\": \"HTTPS://e.org/x\"}",
			"HTTPS://e.org/x /profile/a" },
		{ "{\"username\": \"a\", \"image\": \"/static/x.png\"}",
			"/static/x.png /profile/a" },
		{ "{\"image\": \"javascript:x\"}", NULL }, /* nobody's: no page can use it */
		{ "{\"username\": 7}", NULL },
		{ "{}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *one = mem_json(m, json_loads(rows[i][0], 0, NULL));
		json_t *deep = mem_pack(m, "{s:[{s:O}]}", "list", "author", one);
		const char *image, *profile;

		view_links(m, deep, true);
		image = row_text(one, "imageUrl");
		profile = row_text(one, "profileUrl");
		if (rows[i][1] != NULL)
			assert_string_equal(mem_print(m, "%s %s", image, profile), rows[i][1]);
		else
			assert_true(image == NULL && profile == NULL);
	}
}

/* What view says beside a member of a result. */
static void
beside(const char *json, bool images, const char *member, const char *said)
{
	json_t *one = mem_json(m, json_loads(json, 0, NULL));
	const char *found;

	view_links(m, one, images);
	found = row_text(one, member);
	if (said != NULL && found != NULL)
		assert_string_equal(found, said);
	else if (said != found)
		fail_msg("%s of %s: %s instead of %s", member, json, found, said);
}

static void
other_links(void **state)
{
	json_t *tagged = mem_json(m, json_loads("{\"tagList\": [\"a/b\", \"c\"]}", 0, NULL)), *tags;

	(void)state;
	beside("{\"slug\": \"a-b\"}", true, "articleUrl", "/article/a-b");
	beside("{\"slug\": \"a/b?\"}", true, "editorUrl", "/editor/a%2Fb%3F");
	beside("{\"username\": \"a\", \"image\": \"https://e.org/x\"}", false, "imageUrl",
		"/static/default-avatar.svg");
	beside("{\"username\": \"a\", \"image\": \"/x.webp\"}", false, "imageUrl", "/x.webp");
	view_links(m, tagged, true);
	tags = json_object_get(tagged, "tags");
	assert_int_equal(json_array_size(tags), 2);
	assert_string_equal(row_text(json_array_get(tags, 0), "name"), "a/b");
	assert_string_equal(row_text(json_array_get(tags, 0), "tagUrl"), "/tag/a%2Fb");
	beside("{\"tagList\": []}", true, "tags", NULL);
}

static void
moments(void **state)
{
	static const char summer[] = "{\"createdAt\": \"2026-06-30T22:59:59.999Z\"}";
	static const char winter[] = "{\"updatedAt\": \"2026-01-05T01:02:03.000Z\"}";

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	beside(summer, true, "createdTime", "2026-06-30T22:59:59+00:00");
	beside(summer, true, "createdDay", "June 30, 2026");
	setenv("TZ", ":Europe/Berlin", 1);
	tzset();
	beside(summer, true, "createdTime", "2026-07-01T00:59:59+02:00");
	beside(summer, true, "createdDay", "July 1, 2026");
	setenv("TZ", ":America/St_Johns", 1);
	tzset();
	beside(winter, true, "updatedTime", "2026-01-04T21:32:03-03:30");
	beside(winter, true, "updatedDay", "January 4, 2026");
	beside("{\"createdAt\": \"yesterday\"}", true, "createdTime", NULL);
	beside("{\"createdAt\": 7}", true, "createdDay", NULL);
}

static void
static_pages(void **state)
{
	size_t length;
	const char *text = view_static(&views, m, 503, &length);

	(void)state;
	assert_string_equal(text, "503 Back in a moment []");
	assert_int_equal(length, strlen(text));
	assert_string_equal(view_static(&views, m, 499, &length), "499 That did not work []");
	assert_string_equal(view_policy(&views), "default-src 'none'");
}

/* Every error that a page can be about has words of its own: a 401 is a form's, or leads to the
 * login. */
static void
titles(void **state)
{
	const char *other, *text;

	(void)state;
	assert_string_equal(view_title(0, ERR_NONE, &other), "That did not work");
	for (enum err e = ERR_NONE + 1; e < ERR_COUNT; e++) {
		if (err_status(e) == 409 || err_status(e) == 401) /* a form's 422 */
			continue;
		assert_string_not_equal(view_title(err_status(e), e, &text), "That did not work");
		assert_string_not_equal(text, other);
	}
	assert_string_equal(view_title(403, ERR_CLOSED, &text), "No new members");
	assert_string_equal(view_title(403, ERR_INVITATION, &text), "By invitation");
	assert_string_equal(view_title(422, ERR_ONE_TIME, &text), "This link has ended");
	assert_string_equal(view_title(422, ERR_NONE, &text), "Not quite right");
	assert_string_equal(view_title(403, ERR_CSRF, &text), "Not allowed");
	assert_string_equal(view_title(403, ERR_NONE, &text), "Not allowed");
}

static void
sentences(void **state)
{
	(void)state;
	for (enum err e = ERR_NONE; e < ERR_COUNT; e++) {
		bool whole = e == ERR_CREDENTIALS || e == ERR_CSRF || e == ERR_ORIGIN ||
			e == ERR_BUSY || e == ERR_AWAY || e == ERR_RATE || e == ERR_LAST_ADMIN ||
			e == ERR_CLOSED || e == ERR_INVITATION || e == ERR_WAITS_APPROVAL ||
			e == ERR_WAITS_ADDRESS || e == ERR_ONE_TIME || e == ERR_ADDRESS_TAKEN ||
			e == ERR_BODY_LARGE || e == ERR_FILES_FULL || e == ERR_CHANGED;

		assert_int_equal(view_sentence(e) != NULL, whole);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(X5_links),
		cmocka_unit_test(other_links),
		cmocka_unit_test(moments),
		cmocka_unit_test(static_pages),
		cmocka_unit_test(titles),
		cmocka_unit_test(sentences),
	};

	return cmocka_run_group_tests(tests, up, down);
}
