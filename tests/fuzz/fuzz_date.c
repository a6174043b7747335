/* SPDX-License-Identifier: ISC */
/* fuzz_date: a date is taken if and only if the C library knows that day. */
#include "fuzz.h"
#include "input.h"

#include <ctype.h>
#include <time.h>

static bool
is_day(const uint8_t *s, size_t size)
{
	struct tm tm = { 0 }, same;
	int part[3] = { 0 }, at = 0;
	time_t seconds;

	for (size_t i = 0; i < size; i++)
		if (i == 4 || i == 7 ? s[i] != '-' : !isdigit(s[i]))
			return false;
		else if (s[i] == '-')
			at++;
		else
			part[at] = part[at] * 10 + s[i] - '0';
	tm.tm_year = part[0] - 1900;
	tm.tm_mon = part[1] - 1;
	tm.tm_mday = part[2];
	same = tm;
	seconds = timegm(&tm);
	gmtime_r(&seconds, &tm);
	return size == 10 && part[0] > 0 && tm.tm_mon == same.tm_mon && tm.tm_mday == same.tm_mday;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct field fields[] = { { "d", DATE, .need = true }, { 0 } };
	struct http_pair pair = { .name = "d", .name_length = 1, .value_length = size };
	struct http_request rq = { .method = GET, .query = "" };
	struct mem *m = fuzz_mem();
	struct fault fault = { 0 };
	json_t *in;

	if (size > 10)
		return 0;
	pair.value = mem_copy(m, (const char *)data, size);
	in = input_read(m, fields, input_open(m, &rq, NULL, &pair, 1, &fault), &fault);
	HOLDS((in != NULL) == is_day(data, size));
	if (in != NULL)
		HOLDS(strcmp(json_string_value(json_object_get(in, "d")), pair.value) == 0);
	return 0;
}
