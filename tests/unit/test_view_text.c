/* SPDX-License-Identifier: ISC */
/* view: addresses beside names, static pages, and what pages say to people. */
#include "view_help.h"

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

		view_links(m, deep);
		image = row_text(one, "imageUrl");
		profile = row_text(one, "profileUrl");
		if (rows[i][1] != NULL)
			assert_string_equal(mem_print(m, "%s %s", image, profile), rows[i][1]);
		else
			assert_true(image == NULL && profile == NULL);
	}
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
			e == ERR_BODY_LARGE;

		assert_int_equal(view_sentence(e) != NULL, whole);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(X5_links),
		cmocka_unit_test(static_pages),
		cmocka_unit_test(titles),
		cmocka_unit_test(sentences),
	};

	return cmocka_run_group_tests(tests, up, down);
}
