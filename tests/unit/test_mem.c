/* SPDX-License-Identifier: ISC */
/* mem: what the arena hands out, what is released when, and what ends the process. */
#include "mem.h"

#include "arena.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

enum {
	LARGE = 1 << 20
};

static bool
all(const unsigned char *p, size_t size, unsigned char byte)
{
	for (size_t i = 0; i < size; i++)
		if (p[i] != byte)
			return false;
	return true;
}

static void
bytes_are_zeroed_aligned_and_apart(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 100, 4096, 16384, 32767, 32768, 32769,
		LARGE, 1, 40 };
	unsigned char *got[COUNT(sizes)];

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < COUNT(sizes); i++) {
			got[i] = mem_get(m, sizes[i]);
			assert_int_equal((uintptr_t)got[i] % _Alignof(max_align_t), 0);
			assert_true(all(got[i], sizes[i], 0));
			memset(got[i], (int)i + 1, sizes[i]);
		}
		for (size_t i = 0; i < COUNT(sizes); i++)
			assert_true(all(got[i], sizes[i], (unsigned char)(i + 1)));
		mem_drop(m); /* what comes next has been used before */
	}
}

/* Without this the sanitizer would see one large block, and no overrun in it. */
static void
what_is_not_taken_is_poisoned(void **state)
{
	(void)state;
#ifdef __SANITIZE_ADDRESS__
	char *first = mem_get(m, 16), *second = mem_get(m, 5);

	assert_int_equal(__asan_address_is_poisoned(first + 15), 0);
	assert_int_equal(__asan_address_is_poisoned(first + 16), 1);
	assert_int_equal(__asan_address_is_poisoned(second + 4), 0);
	assert_int_equal(__asan_address_is_poisoned(second + 5), 1);
	mem_drop(m);
	assert_int_equal(__asan_address_is_poisoned(first), 1);
#else
	skip();
#endif
}

static void
copy_ends_with_nul(void **state)
{
	(void)state;
	assert_string_equal(mem_copy(m, "abcdef", 3), "abc");
	assert_string_equal(mem_copy(m, NULL, 0), "");
	assert_memory_equal(mem_copy(m, "a\0b", 3), "a\0b", 4);
}

static void
print_takes_any_length(void **state)
{
	static char text[LARGE + 1];

	(void)state;
	memset(text, 'x', LARGE);
	assert_string_equal(mem_print(m, "%s", text), text);
	assert_string_equal(mem_print(m, "%d %s%c", -1, "a", 'b'), "-1 ab");
	assert_string_equal(mem_print(m, "%s", ""), "");
}

static char order[8];

static void
note(void *what)
{
	strncat(order, what, 1);
}

static void
later_runs_once_newest_first(void **state)
{
	(void)state;
	order[0] = '\0';
	mem_later(m, note, mem_copy(m, "a", 1)); /* still there when it is released */
	mem_get(m, LARGE);
	mem_later(m, note, mem_copy(m, "b", 1));
	mem_later(m, note, mem_copy(m, "c", 1));
	assert_string_equal(order, "");
	mem_drop(m);
	assert_string_equal(order, "cba");
	mem_drop(m);
	assert_string_equal(order, "cba");
}

/* A long request does the same thing many times, and takes no more memory for it. */
static void
back_gives_what_was_taken_since(void **state)
{
	struct mem_mark mark;
	char *kept, *first = NULL;

	(void)state;
	order[0] = '\0';
	mem_later(m, note, mem_copy(m, "a", 1));
	kept = mem_copy(m, "kept", 4);
	for (int i = 0; i < 3; i++) {
		char *taken;

		mark = mem_mark(m);
		taken = mem_copy(m, "b", 1);
		first = first != NULL ? first : taken;
		assert_ptr_equal(taken, first);
		mem_later(m, note, taken);
		mem_get(m, LARGE);
		mem_back(m, &mark);
	}
	assert_string_equal(order, "bbb");
	assert_string_equal(kept, "kept");
	mem_drop(m);
	assert_string_equal(order, "bbba");
}

static void
json_is_borrowed(void **state)
{
	json_t *mine = json_object(), *packed;

	(void)state;
	assert_ptr_equal(mem_json(m, json_incref(mine)), mine);
	packed = mem_pack(m, "{s:O, s:[s, i, n]}", "a", mine, "b", "x", 7);
	assert_ptr_equal(json_object_get(packed, "a"), mine);
	assert_int_equal(json_integer_value(json_array_get(json_object_get(packed, "b"), 1)), 7);
	assert_int_equal(mine->refcount, 3);
	mem_drop(m);
	assert_int_equal(mine->refcount, 1);
	json_decref(mine);
}

/* After mem_serve_json the values of a request lie in its arena, and none of it outlives the drop.
 */
static void
json_in_the_arena(void **state)
{
	(void)state;
	mem_serve_json(m);
	for (int round = 0; round < 3; round++) {
		json_t *list = mem_json(m, json_array());

		for (int i = 0; i < 5000; i++)
			assert_int_equal(json_array_append_new(list, json_integer(i)), 0);
		assert_int_equal(json_integer_value(json_array_get(list, 4999)), 4999);
		assert_non_null(mem_json(m, json_loads("{\"a\":[{\"b\":null},1.5]}", 0, NULL)));
		mem_drop(m);
	}
	mem_serve_json(NULL);
}

static void
ask(const void *size)
{
	mem_get(mem_new(), *(const size_t *)size);
}

static void
take_null(const void *unused)
{
	(void)unused;
	mem_json(mem_new(), NULL);
}

static void
pack_badly(const void *format)
{
	mem_pack(mem_new(), format, "a", "b");
}

static void
out_of_memory_aborts(void **state)
{
	static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 14, SIZE_MAX / 2, SIZE_MAX / 4 + 1 };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++)
		assert_aborts(ask, &sizes[i], "out of memory");
}

static void
ask_for_json(const void *size)
{
	json_malloc_t get;

	mem_serve_json(NULL);
	json_get_alloc_funcs(&get, NULL);
	get(*(const size_t *)size);
}

static void
F11_no_memory_for_json_aborts(void **state)
{
	static const size_t most = SIZE_MAX / 2;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip(); /* it would end the process in its own way */
#endif
	assert_aborts(ask_for_json, &most, "out of memory");
}

static void
no_json_aborts(void **state)
{
	static const char why[] = "out of memory, or a value that JSON cannot hold";

	(void)state;
	assert_aborts(take_null, NULL, why);
	assert_aborts(pack_badly, "{s:!", why);
	assert_aborts(pack_badly, "{s:s", why);
	assert_aborts(pack_badly, "?", why);
}

/* However it is written, and whatever the size of the pieces. */
static void
streams(void **state)
{
	static const size_t pieces[] = { 1, 7, 4095, 4096, 4097, 100000 };
	static char piece[100001];
	struct mem_text text;
	FILE *f = mem_stream(m, &text);

	(void)state;
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text.bytes, "");
	assert_int_equal(text.length, 0);
	for (size_t i = 0; i < COUNT(pieces); i++) {
		size_t n = 3 * LARGE / 2 / pieces[i] < 5000 ? 3 * LARGE / 2 / pieces[i] : 5000;

		memset(piece, 'a' + (int)i, pieces[i]);
		piece[pieces[i]] = '\0';
		f = mem_stream(m, &text);
		for (size_t j = 0; j < n; j++)
			assert_true(j % 2 == 0 ? fputs(piece, f) >= 0
					       : fprintf(f, "%s", piece) == (int)pieces[i]);
		assert_int_equal(fclose(f), 0);
		assert_int_equal(text.length, n * pieces[i]);
		assert_true(
			all((unsigned char *)text.bytes, text.length, (unsigned char)('a' + i)));
		assert_int_equal(text.bytes[text.length], '\0');
	}
	mem_drop(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams),
		cmocka_unit_test(bytes_are_zeroed_aligned_and_apart),
		cmocka_unit_test(what_is_not_taken_is_poisoned),
		cmocka_unit_test(copy_ends_with_nul),
		cmocka_unit_test(print_takes_any_length),
		cmocka_unit_test(later_runs_once_newest_first),
		cmocka_unit_test(back_gives_what_was_taken_since),
		cmocka_unit_test(json_is_borrowed),
		cmocka_unit_test(json_in_the_arena),
		cmocka_unit_test(out_of_memory_aborts),
		cmocka_unit_test(F11_no_memory_for_json_aborts),
		cmocka_unit_test(no_json_aborts),
	};

	return cmocka_run_group_tests(tests, up, down);
}
