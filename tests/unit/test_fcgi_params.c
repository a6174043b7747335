/* SPDX-License-Identifier: ISC */
#include "fcgi_params.h"

#include "child.h"

#include <stdio.h>
#include <string.h>

enum {
	MANY = 1000
};

static char texts[MANY][2000];
static char *all[MANY + 1];

/* `count` parameters N0=0, N1=1 and so on. */
static void
fill(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		snprintf(texts[i], sizeof texts[i], "N%zu=%zu", i, i);
		all[i] = texts[i];
	}
	all[count] = NULL;
}

static const char *
get(const char *name)
{
	struct fcgi_params params;

	fcgi_params_set(&params, all);
	return fcgi_params_get(&params, name);
}

/* Those that are measured and those that are not. */
static void
each_has_its_value(void **state)
{
	static const size_t counts[] = { 0, 1, 127, 128, 129, MANY };
	char name[16], value[16];

	(void)state;
	for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
		fill(counts[c]);
		for (size_t i = 0; i < counts[c]; i++) {
			snprintf(name, sizeof name, "N%zu", i);
			snprintf(value, sizeof value, "%zu", i);
			assert_string_equal(get(name), value);
		}
		snprintf(name, sizeof name, "N%zu", counts[c]);
		assert_null(get(name));
		assert_null(get("N"));
		assert_null(get(""));
	}
}

static void
the_first_counts(void **state)
{
	(void)state;
	fill(MANY);
	strcpy(texts[1], "HTTPS=on");
	strcpy(texts[2], "HTTPS=off");
	strcpy(texts[3], "HTTP=a=b");
	strcpy(texts[900], "LATE=first");
	strcpy(texts[901], "LATE=second");
	assert_string_equal(get("HTTPS"), "on");
	assert_string_equal(get("HTTP"), "a=b");
	assert_string_equal(get("LATE"), "first");
	assert_null(get("LAT"));
}

static void
odd_ones(void **state)
{
	(void)state;
	fill(MANY);
	strcpy(texts[0], "NOTHING");
	strcpy(texts[1], "=value");
	strcpy(texts[2], "EMPTY=");
	memset(texts[3], 'x', sizeof texts[3] - 1);
	strcpy(texts[200], "BARE");
	assert_null(get("NOTHING"));
	assert_null(get("BARE"));
	assert_string_equal(get("EMPTY"), "");
}

/* A name of 65,536 + n bytes is not taken for one of n. */
static void
very_long_names(void **state)
{
	static char text[65536 + 16];
	struct fcgi_params params;
	char *list[] = { text, NULL };

	(void)state;
	memset(text, 'A', 65536 + 4);
	strcpy(text + 65536 + 4, "=x");
	fcgi_params_set(&params, list);
	assert_null(fcgi_params_get(&params, "AAAA"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_its_value),
		cmocka_unit_test(the_first_counts),
		cmocka_unit_test(odd_ones),
		cmocka_unit_test(very_long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
