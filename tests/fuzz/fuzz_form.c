/* SPDX-License-Identifier: ISC */
/* fuzz_form: a urlencoded body, its pairs and the declared values. */
#include "fuzz_input.h"
#include "fuzz_pairs.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	pairs_hold((const char *)data, size);
	fuzz_post("application/x-www-form-urlencoded", NULL, data, size);
	return 0;
}
