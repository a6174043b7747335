/* SPDX-License-Identifier: ISC */
/* fuzz_query: the query of a GET, and a path's params before it; what is in the body counts not. */
#include "fuzz_input.h"
#include "fuzz_pairs.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem *m;
	const char *at = (const char *)data, *path;
	struct http_request rq = {
		.method = GET, .type = "application/json", .body = "{", .length = 1
	};
	struct http_pair pair = { .name = "line", .name_length = 4 };
	struct fault fault = { 0 };
	const struct sent *sent;
	json_t *in = NULL;

	pairs_hold(at, size);
	m = fuzz_mem();
	path = fuzz_take(m, &at, &size, '\n');
	pair.value = path;
	pair.value_length = strlen(path);
	rq.query = mem_copy(m, at, size);
	fuzz_request(m, &rq);
	if ((sent = input_open(m, &rq, NULL, &pair, 1, &fault)) != NULL)
		in = input_read(m, fuzz_fields, sent, &fault);
	if (in != NULL) /* nobody can take the place of what stands in the path */
		HOLDS(strcmp(row_text(in, "line"), path) == 0);
	return 0;
}
