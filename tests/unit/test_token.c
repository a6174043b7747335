/* SPDX-License-Identifier: ISC */
/* token: what is put into a token is read from it, whether it is remembered or read anew. */
#include "token.h"

#include "arena.h"
#include "log.h"

/* The key of RFC 7515 appendix A.3. */
#define KEY                                                                                        \
	"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"a3\",\"alg\":\"ES256\","           \
	"\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","                                   \
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","                                   \
	"\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}]}"

static char folder[] = "/tmp/test_token.XXXXXX", conf_path[64], key_path[64], secret_path[64];

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* So many names of 30 characters, a blank between. */
static const char *
names(int count)
{
	const char *text = "";

	for (int i = 0; i < count; i++)
		text = mem_print(
			m, "%s%sgroup-%02d-xxxxxxxxxxxxxxxxxxxxx", text, i > 0 ? " " : "", i);
	return text;
}

static void
what_goes_in_comes_out(void **state)
{
	static const int counts[] = { 0, 1, 2, 14, 15, 16, 17, 50 };
	const char *why;
	struct tokens *tokens = tokens_open(conf_load("credentials"), true, &why);

	(void)state;
	assert_non_null(tokens);
	for (size_t i = 0; i < COUNT(counts); i++) {
		struct me in = { .id = 7,
			.session = 9,
			.username = "ada",
			.role = "member",
			.groups = names(counts[i]),
			.fresh = i % 2 == 0 };
		const char *token = token_issue(tokens, m, &in, 60);

		assert_non_null(token);
		for (int again = 0; again < 3; again++) {
			struct me me;

			memset(&me, 0xa5, sizeof me); /* whoever asks has set nothing */
			assert_int_equal(token_read(tokens, m, token, &me), ERR_NONE);
			assert_null(me.personal);
			assert_ptr_equal(me.token, token);
			assert_int_equal(me.id, 7);
			assert_int_equal(me.session, 9);
			assert_string_equal(me.username, "ada");
			assert_string_equal(me.role, "member");
			assert_string_equal(me.groups, in.groups);
			assert_int_equal(me.fresh, in.fresh);
			assert_int_equal(me.expires - me.issued, 60);
		}
	}
	tokens_free(tokens);
}

static void
no_groups_are_none(void **state)
{
	const char *why;
	struct tokens *tokens = tokens_open(conf_load("credentials"), true, &why);
	struct me in = { .id = 7, .session = 9, .username = "ada", .role = "admin" }, me;

	(void)state;
	assert_int_equal(token_read(tokens, m, token_issue(tokens, m, &in, 60), &me), ERR_NONE);
	assert_string_equal(me.groups, "");
	assert_string_equal(me.role, "admin");
	tokens_free(tokens);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(no_groups_are_none),
	};
	int failed;

	log_open("test");
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(conf_path, sizeof conf_path, "%s/postern.conf", folder);
	snprintf(key_path, sizeof key_path, "%s/private.json", folder);
	snprintf(secret_path, sizeof secret_path, "%s/refresh.key", folder);
	write_file(conf_path, "[token]\nkeys = private.json\nrefresh_key = refresh.key\n");
	write_file(key_path, KEY);
	write_file(secret_path, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
	setenv("POSTERN_CONFIG", conf_path, 1);
	failed = cmocka_run_group_tests(tests, up, down);
	unlink(conf_path);
	unlink(key_path);
	unlink(secret_path);
	rmdir(folder);
	return failed;
}
