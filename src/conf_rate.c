/* SPDX-License-Identifier: ISC */
/* conf_rate: the text of a limit in the settings: "N/duration", or "off". */
#include "conf_table.h"

#include "conf.h"
#include "text.h"

#include <string.h>

enum {
	MOST = 1000000,
	NUMBER_BYTES = 8
};

bool
conf_rate(const char *value, struct rate *out)
{
	const char *slash = strchr(value, '/');
	char number[NUMBER_BYTES] = "";
	int64_t most;
	long seconds;

	*out = (struct rate){ 0, 0 };
	if (strcmp(value, "off") == 0 || strcmp(value, "0") == 0)
		return true;
	if (slash == NULL || slash - value >= NUMBER_BYTES)
		return false;
	memcpy(number, value, (size_t)(slash - value));
	/* The clock of the buckets ticks in milliseconds. */
	if (!text_int(number, &most) || most < 1 || most > MOST ||
		!text_duration(slash + 1, &seconds) || most > seconds * 1000)
		return false;
	*out = (struct rate){ (long)most, seconds };
	return true;
}
