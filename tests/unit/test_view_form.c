/* SPDX-License-Identifier: ISC */
/* view_form: what a widget is told of a field, of its value and of what is wrong with it. */
#include "view_help.h"

static const char *const colours[] = { "red", "blue", NULL };
static const struct field fields[] = {
	{ "user_name", NAME, .max = 30, .need = true, .autocomplete = "username",
		.hint = "Short." },
	{ "email", EMAIL, .max = 254, .label = "Mail" },
	{ "password", PASSWORD, .min = 8, .max = 72 },
	{ "bio", TEXT, .max = 5000 },
	{ "site", URL, .max = 2000 },
	{ "age", INT, .min = 1, .max = 150 },
	{ "size", NUMBER, .max = 0 },
	{ "ok", BOOL, .max = 0 },
	{ "tags", TAGS, .max = 9 },
	{ "day", DATE, .max = 0 },
	{ "hue", CHOICE, .choices = colours },
	{ "ink", COLOR, .max = 0 },
	{ "file", UPLOAD, .max = 1000 },
	{ "next", NEXT, .null = true },
	{ "who", LINE, .max = 254, .autocomplete = "username", .widget = "own" },
	{ "deep", OBJECT, .fields = NULL },
	{ 0 },
};
static const struct route routes[] = {
	{ GET, NULL, "/a b", OPEN, NULL, fields, NULL, nobody_runs_it, 200, "form" },
	{ POST, NULL, "/a b", OPEN, "user", fields, NULL, nobody_runs_it, 200, NULL },
	{ GET, NULL, "/other", OPEN, NULL, NULL, NULL, nobody_runs_it, 200, "form" },
	{ POST, NULL, "/other", OPEN, NULL, NULL, NULL, nobody_runs_it, 200, NULL },
	{ 0 },
};
static const struct program program = { "p", "content", routes };

/* The field `name` of the form as its widget was told it. */
static const char *
told(struct req *rq, json_t *result, const char *name)
{
	json_t *form = view_form(rq, &routes[1], result);

	return row_text(form, mem_print(m, "%sHtml", name));
}

static void
attributes_of_a_type(void **state)
{
	static const char *const rows[][2] = {
		{ "user_name",
			"[user_name User name required maxlength30 username capitalize-off "
			"pattern hint:Short. by:user_name-hint]" },
		{ "email", "[email Mail maxlength254 capitalize-off]" },
		{ "password", "[password Password minlength8 maxlength72]" },
		{ "bio", "[bio Bio maxlength5000]" },
		{ "site", "[site Site maxlength2000 mode-url]" },
		{ "age", "[age Age min1 max150]" },
		{ "size", "[size Size]" },
		{ "ok", "[ok Ok]" },
		{ "tags", "[tags Tags]" },
		{ "day", "[day Day]" },
		{ "hue", "[hue Hue hue-0:red hue-1:blue]" },
		{ "ink", "[ink Ink]" },
		{ "file", "[file File]" },
		{ "next", "[next Next]" },
		{ "who", "[who Who maxlength254 username capitalize-off mode-email]" },
	};
	struct req rq = page_request(GET, "/a b", &program);
	const char *all = "";

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(told(&rq, NULL, rows[i][0]), rows[i][1]);
		all = mem_print(m, "%s%s", all, rows[i][1]);
	}
	assert_null(told(&rq, NULL, "deep")); /* no form holds an object */
	assert_string_equal(row_text(view_form(&rq, &routes[1], NULL), "allHtml"), all);
	assert_string_equal(row_text(view_form(&rq, &routes[1], NULL), "actionUrl"), "/a%20b");
	assert_string_equal(row_text(view_form(&rq, &routes[3], NULL), "allHtml"), "");
}

/* Before anything was sent: what the page's row answered, else what came with the address. */
static void
values_of_a_page(void **state)
{
	static const char *const rows[][2] = {
		{ "email", "[email Mail =a@&lt;b maxlength254 capitalize-off]" },
		{ "bio", "[bio Bio maxlength5000]" }, /* null */
		{ "age", "[age Age =7 min1 max150]" },
		{ "ok", "[ok Ok checked]" },
		{ "tags", "[tags Tags #c #unix]" },
		{ "hue", "[hue Hue hue-0:red hue-1:blue*]" },
		{ "next", "[next Next =/settings]" },
		{ "password", "[password Password minlength8 maxlength72]" }, /* never */
		{ "file", "[file File]" },
	};
	struct req rq = page_request(GET, "/a b", &program);
	json_t *result = mem_pack(m, "{s:{s:s, s:n, s:i, s:b, s:[s, s], s:s, s:s, s:s}}", "user",
		"email", "a@<b", "bio", "age", 7, "ok", 1, "tags", "c", "unix", "hue", "blue",
		"password", "secret", "file", "x.png");

	(void)state;
	rq.in = mem_pack(m, "{s:s}", "next", "/settings");
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(told(&rq, result, rows[i][0]), rows[i][1]);
	json_object_set_new(json_object_get(result, "user"), "ok", json_false());
	assert_string_equal(told(&rq, result, "ok"), "[ok Ok]");
}

/* A form shown again holds what was typed, wrong as it is, but never a password. */
static void
S1_values_of_a_form_shown_again(void **state)
{
	static const char *const rows[][2] = {
		{ "email", "[email Mail =&quot;&gt;&lt;x maxlength254 capitalize-off]" },
		{ "bio", "[bio Bio maxlength5000]" }, /* emptied, though the row has one */
		{ "age", "[age Age =many min1 max150]" }, { "tags", "[tags Tags #c #unix]" },
		{ "hue", "[hue Hue hue-0:red* hue-1:blue]" },
		{ "next", "[next Next]" }, /* no path of ours */
		{ "password", "[password Password minlength8 maxlength72]" },
		{ "file", "[file File]" },
		{ "site", "[site Site maxlength2000 mode-url]" }, /* no UTF-8 */
	};
	static const char *const ticks[][2] = { { "on", " checked" }, { "1", " checked" },
		{ "yes", " checked" }, { "true", " checked" }, { "x", "" }, { "", "" },
		{ "off", "" }, { "0", "" }, { "no", "" }, { "false", "" } };
	struct req rq = page_request(POST, "/a b", &program);
	json_t *result = mem_pack(m, "{s:{s:s, s:s}}", "user", "bio", "stored", "email", "stored");

	(void)state;
	sends(&rq,
		"email=%22%3E%3Cx&bio=&age=many&tags=c,unix&hue=red&next=//evil.org&password=secret"
		"&file=x.png&site=%ff");
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(told(&rq, result, rows[i][0]), rows[i][1]) != 0)
			fail_msg("%s", told(&rq, result, rows[i][0]));
	for (size_t i = 0; i < COUNT(ticks); i++) {
		sends(&rq, mem_print(m, "ok=%s", ticks[i][0]));
		assert_string_equal(
			told(&rq, result, "ok"), mem_print(m, "[ok Ok%s]", ticks[i][1]));
	}
	rq.sent = NULL; /* too broken to be read */
	assert_string_equal(told(&rq, result, "bio"), "[bio Bio maxlength5000]");
}

/* Whatever is wrong with it: its origin may be the second thing. */
static void
S2_values_of_a_form_from_elsewhere(void **state)
{
	static const char *const sites[] = { "cross-site", "same-site", "" };
	struct req rq = page_request(POST, "/a b", &program);
	json_t *result = mem_pack(m, "{s:{s:s}}", "user", "bio", "stored");

	(void)state;
	sends(&rq, "email=sent&bio=sent&next=/sent");
	for (size_t i = 0; i < COUNT(sites); i++) {
		rq.http.fetch_site = sites[i];
		assert_string_equal(told(&rq, result, "bio"), "[bio Bio =stored maxlength5000]");
		assert_string_equal(
			told(&rq, result, "email"), "[email Mail maxlength254 capitalize-off]");
		assert_string_equal(told(&rq, nothing(&rq), "bio"), "[bio Bio maxlength5000]");
		assert_string_equal(told(&rq, result, "next"), "[next Next]");
	}
	rq.http.fetch_site = NULL;
	assert_string_equal(told(&rq, result, "bio"), "[bio Bio =sent maxlength5000]");
	rq.http.origin = NULL;
	assert_string_equal(told(&rq, result, "bio"), "[bio Bio =stored maxlength5000]");
}

/* Four times what a field may hold, for what is counted is characters. */
static void
values_far_too_long(void **state)
{
	struct req rq = page_request(POST, "/a b", &program);
	char *name = mem_get(m, 4 * 30 + 2), *day = mem_get(m, 16 * 1024 + 2);

	(void)state;
	memset(name, 'x', 4 * 30 + 1);
	memset(day, 'x', 16 * 1024 + 1);
	sends(&rq, mem_print(m, "user_name=%s&day=%s", name, day));
	assert_null(strstr(told(&rq, NULL, "user_name"), "=x"));
	assert_null(strstr(told(&rq, NULL, "day"), "=x"));
	name[4 * 30] = day[16 * 1024] = '\0';
	sends(&rq, mem_print(m, "user_name=%s&day=%s", name, day));
	assert_non_null(strstr(told(&rq, NULL, "user_name"), name));
	assert_non_null(strstr(told(&rq, NULL, "day"), day));
}

static void
errors_beside_their_fields(void **state)
{
	struct req rq = page_request(POST, "/a b", &program);
	json_t *form;

	(void)state;
	assert_null(json_object_get(view_form(&rq, &routes[1], NULL), "errors"));
	err_add(&rq.fault, ERR_BLANK, "user_name", 0);
	err_add(&rq.fault, ERR_SHORT, "password", 8);
	err_add(&rq.fault, ERR_LONG_BYTES, "password", 72);
	err_add(&rq.fault, ERR_BLANK, "unknown", 0);
	assert_string_equal(told(&rq, NULL, "user_name"),
		"[user_name User name required maxlength30 username capitalize-off pattern "
		"hint:Short. !can&#39;t be blank by:user_name-hint user_name-error invalid]");
	assert_string_equal(told(&rq, NULL, "password"),
		"[password Password minlength8 maxlength72 !is too short (minimum is 8 characters)"
		" !is too long (maximum is 72 bytes) by:password-error invalid]");
	assert_string_equal(told(&rq, NULL, "bio"), "[bio Bio maxlength5000]");
	form = view_form(&rq, &routes[1], NULL);
	assert_true(json_is_true(json_object_get(form, "invalid")));
	assert_true(json_equal(json_object_get(form, "errors"),
		mem_pack(m, "[s, s, s, s]", "User name can't be blank",
			"Password is too short (minimum is 8 characters)",
			"Password is too long (maximum is 72 bytes)", "unknown can't be blank")));
}

static void
widgets_of_fields(void **state)
{
	(void)state;
	assert_string_equal(view_widget(m, &fields[0]), "widgets/text.html");
	assert_string_equal(view_widget(m, &fields[13]), "widgets/hidden.html");
	assert_string_equal(view_widget(m, &fields[14]), "widgets/own.html");
	assert_null(view_widget(m, &fields[15]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_of_a_type),
		cmocka_unit_test(values_of_a_page),
		cmocka_unit_test(S1_values_of_a_form_shown_again),
		cmocka_unit_test(S2_values_of_a_form_from_elsewhere),
		cmocka_unit_test(values_far_too_long),
		cmocka_unit_test(errors_beside_their_fields),
		cmocka_unit_test(widgets_of_fields),
	};

	return cmocka_run_group_tests(tests, up, down);
}
