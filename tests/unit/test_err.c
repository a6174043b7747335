/* SPDX-License-Identifier: ISC */
/* err: the table of errors is whole, and the first error decides. */
#include "err.h"

#include "child.h"

static void
every_error_has_status_key_and_text(void **state)
{
	char text[160];

	(void)state;
	assert_int_equal(err_status(ERR_NONE), 200);
	for (enum err e = ERR_NONE + 1; e < ERR_COUNT; e++) {
		struct flaw f = { .err = e, .n = INT32_MAX };

		assert_in_range(err_status(e), 400, 503);
		assert_true(strlen(err_key(e)) > 0);
		assert_in_range(strlen(err_text(&f, text, sizeof text)), 5, 100);
		assert_null(strchr(text, '%'));
		if (e > ERR_NONE + 1) /* the enum is sorted by status, so no row is amiss */
			assert_true(err_status(e) >= err_status(e - 1));
	}
}

static void
texts(void **state)
{
	static const struct {
		struct flaw flaw;
		int status;
		const char *key, *text;
	} rows[] = {
		{ { ERR_BODY_LENGTH, NULL, 0 }, 400, "body",
			"is not as long as Content-Length says" },
		{ { ERR_TOKEN_MISSING, NULL, 0 }, 401, "token", "is missing" },
		{ { ERR_TOKEN_INVALID, NULL, 0 }, 401, "token", "is invalid" },
		{ { ERR_TOKEN_EXPIRED, NULL, 0 }, 401, "token", "has expired" },
		{ { ERR_TOKEN_REVOKED, NULL, 0 }, 401, "token", "has been revoked" },
		{ { ERR_CREDENTIALS, NULL, 0 }, 401, "credentials", "invalid" },
		{ { ERR_CURRENT_NEEDED, NULL, 0 }, 403, "current_password", "is needed" },
		{ { ERR_NOT_FOUND, NULL, 0 }, 404, "path", "not found" },
		{ { ERR_METHOD, NULL, 0 }, 405, "method", "is not allowed here" },
		{ { ERR_TAKEN, NULL, 0 }, 409, "username", "has already been taken" },
		{ { ERR_BODY_LARGE, NULL, 0 }, 413, "body", "is too large" },
		{ { ERR_BLANK, NULL, 0 }, 422, "body", "can't be blank" },
		{ { ERR_SHORT, NULL, 8 }, 422, "body", "is too short (minimum is 8 characters)" },
		{ { ERR_LONG_BYTES, NULL, 72 }, 422, "body", "is too long (maximum is 72 bytes)" },
		{ { ERR_SMALL, NULL, -5 }, 422, "body", "must be at least -5" },
		{ { ERR_TYPE_FILE, NULL, 0 }, 422, "body", "must be a file" },
		{ { ERR_FILE_SMALL, NULL, 9 }, 422, "body", "is too small (minimum is 9 bytes)" },
		{ { ERR_FILE_LARGE, NULL, 9 }, 422, "body", "is too large (maximum is 9 bytes)" },
		{ { ERR_COLOR, NULL, 0 }, 422, "body", "is not a colour (#rrggbb)" },
		{ { ERR_MULTIPART, NULL, 0 }, 422, "body", "is not a valid multipart form" },
		{ { ERR_RATE, NULL, 0 }, 429, "rate", "too many requests, try again later" },
		{ { ERR_AWAY, NULL, 0 }, 503, "server", "is not ready, try again" },
	};
	char text[160];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(err_status(rows[i].flaw.err), rows[i].status);
		assert_string_equal(err_key(rows[i].flaw.err), rows[i].key);
		assert_string_equal(err_text(&rows[i].flaw, text, sizeof text), rows[i].text);
	}
}

static void
text_is_cut_to_size(void **state)
{
	char text[12] = "###########";

	(void)state;
	assert_string_equal(err_text(&(struct flaw){ ERR_BIG, NULL, 99 }, text, 8), "must be");
	assert_string_equal(text + 8, "###");
}

static void
first_error_sticks(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(err_first(&f), ERR_NONE);
	assert_false(err_add(&f, ERR_SHORT, "title", 3));
	assert_false(err_add(&f, ERR_INTERNAL, NULL, 0));
	assert_false(err_add(&f, ERR_NOT_FOUND, NULL, 0));
	assert_false(err_add(&f, ERR_EMAIL, NULL, 0));
	assert_int_equal(err_first(&f), ERR_SHORT);
	assert_int_equal(f.count, 2);
	assert_string_equal(f.flaws[0].key, "title");
	assert_int_equal(f.flaws[0].n, 3);
	assert_string_equal(f.flaws[1].key, "email");
}

static void
flaws_are_bounded(void **state)
{
	struct fault f = { 0 };

	(void)state;
	for (long i = 0; i < 2 * FLAWS_MAX; i++)
		assert_false(err_add(&f, ERR_BLANK, NULL, i));
	assert_int_equal(f.count, FLAWS_MAX);
	assert_int_equal(f.flaws[FLAWS_MAX - 1].n, FLAWS_MAX - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_has_status_key_and_text),
		cmocka_unit_test(texts),
		cmocka_unit_test(text_is_cut_to_size),
		cmocka_unit_test(first_error_sticks),
		cmocka_unit_test(flaws_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
