/* SPDX-License-Identifier: ISC */
/* token_memory: the memory of verified tokens fills, forgets, ends at exp, and can be off. */
#include "token_memory.h"

#include "jws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The payload of token number i, or NULL. */
static const char *
recall(struct token_memory *memory, int i, long long now)
{
	char token[32];
	size_t n = 99, length = (size_t)snprintf(token, sizeof token, "token %d", i);
	const char *payload = token_recall(memory, token, length, now, &n);

	assert_true(payload == NULL || strlen(payload) == n);
	return payload;
}

static void
remember(struct token_memory *memory, int i, long long exp)
{
	char token[32], payload[32];
	size_t length = (size_t)snprintf(token, sizeof token, "token %d", i);

	token_remember(memory, token, length, payload,
		(size_t)snprintf(payload, sizeof payload, "payload %d", i), exp);
}

static void
what_is_remembered_ends_at_exp(void **state)
{
	struct token_memory *memory = token_memory_new(100);

	(void)state;
	assert_null(recall(memory, 1, 0));
	assert_null(recall(memory, 1, -1));
	remember(memory, 1, 1000);
	assert_string_equal(recall(memory, 1, 0), "payload 1");
	assert_string_equal(recall(memory, 1, 999), "payload 1");
	assert_null(recall(memory, 1, 1000));
	assert_null(recall(memory, 1, 1001));
	assert_string_equal(recall(memory, 1, 999), "payload 1"); /* the clock went back */
	assert_null(recall(memory, 2, 0));
	remember(memory, 1, 2000);
	assert_string_equal(recall(memory, 1, 1999), "payload 1");
	token_memory_free(memory);
}

static void
the_whole_token_is_the_key(void **state)
{
	struct token_memory *memory = token_memory_new(1);
	size_t n;

	(void)state;
	token_remember(memory, "a.b.c", 5, "{}", 2, 10);
	assert_non_null(token_recall(memory, "a.b.c", 5, 0, &n));
	assert_int_equal(n, 2);
	assert_null(token_recall(memory, "a.b.d", 5, 0, &n));
	assert_null(token_recall(memory, "a.b.", 4, 0, &n));
	assert_null(token_recall(memory, "a.b.c", 6, 0, &n));
	assert_null(token_recall(memory, "", 0, 0, &n));
	token_memory_free(memory);
}

static void
a_full_set_forgets_what_ends_first(void **state)
{
	struct token_memory *memory = token_memory_new(8); /* one set */

	(void)state;
	for (int i = 1; i <= 8; i++)
		remember(memory, i, i == 2 ? 20 : 30 + i);
	remember(memory, 8, 10);
	remember(memory, 8, 50); /* again, longer: takes no second place */
	for (int i = 1; i <= 8; i++)
		assert_non_null(recall(memory, i, 0));
	remember(memory, 9, 25);
	assert_null(recall(memory, 2, 0));
	remember(memory, 10, 60);
	assert_null(recall(memory, 9, 0));
	for (int i = 3; i <= 8; i++)
		assert_non_null(recall(memory, i, 0));
	assert_string_equal(recall(memory, 10, 0), "payload 10");
	token_memory_free(memory);
}

static void
it_fills_and_stays_bounded(void **state)
{
	static const struct {
		size_t entries;
		int least, most;
	} cases[] = { { 1, 8, 8 }, { 8, 8, 8 }, { 9, 12, 16 }, { 1000, 1000, 1024 },
		{ 1024, 1000, 1024 } };

	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct token_memory *memory = token_memory_new(cases[c].entries);
		int kept = 0;

		for (int i = 0; i < 20000; i++)
			remember(memory, i, 1000 + i % 7);
		for (int i = 0; i < 20000; i++)
			kept += recall(memory, i, 0) != NULL;
		assert_in_range(kept, cases[c].least, cases[c].most);
		token_memory_free(memory);
	}
}

static void
a_half_full_memory_keeps_nearly_all(void **state)
{
	struct token_memory *memory = token_memory_new(4096);
	int kept = 0;

	(void)state;
	for (int i = 0; i < 2048; i++)
		remember(memory, i, 1000);
	for (int i = 0; i < 2048; i++)
		kept += recall(memory, i, 0) != NULL;
	assert_in_range(kept, 1900, 2048);
	token_memory_free(memory);
}

static void
no_entries_remember_nothing(void **state)
{
	struct token_memory *memory = token_memory_new(0);

	(void)state;
	remember(memory, 1, 1000);
	assert_null(recall(memory, 1, 0));
	token_memory_free(memory);
	token_memory_free(NULL);
}

static void
large_payloads_and_tokens_are_not_kept(void **state)
{
	static char large[JWS_TOKEN_MAX + 1];
	struct token_memory *memory = token_memory_new(8);
	size_t n;

	(void)state;
	memset(large, 'a', sizeof large);
	token_remember(memory, "t", 1, large, 2049, 10);
	assert_null(token_recall(memory, "t", 1, 0, &n));
	token_remember(memory, "t", 1, large, 2048, 10);
	assert_non_null(token_recall(memory, "t", 1, 0, &n));
	assert_int_equal(n, 2048);
	token_remember(memory, "t", 1, "", 0, 10);
	assert_string_equal(token_recall(memory, "t", 1, 0, &n), "");
	assert_int_equal(n, 0);
	token_remember(memory, large, sizeof large, "{}", 2, 10);
	assert_null(token_recall(memory, large, sizeof large, 0, &n));
	token_remember(memory, large, JWS_TOKEN_MAX, "{}", 2, 10);
	assert_non_null(token_recall(memory, large, JWS_TOKEN_MAX, 0, &n));
	token_memory_free(memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_remembered_ends_at_exp),
		cmocka_unit_test(the_whole_token_is_the_key),
		cmocka_unit_test(a_full_set_forgets_what_ends_first),
		cmocka_unit_test(it_fills_and_stays_bounded),
		cmocka_unit_test(a_half_full_memory_keeps_nearly_all),
		cmocka_unit_test(no_entries_remember_nothing),
		cmocka_unit_test(large_payloads_and_tokens_are_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
