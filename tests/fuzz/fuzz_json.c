/* SPDX-License-Identifier: ISC */
/* fuzz_json: a JSON body, up to the declared values. */
#include "fuzz_input.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_post("application/json", NULL, data, size);
	return 0;
}
