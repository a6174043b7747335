/* SPDX-License-Identifier: ISC */
/* crypt_rate SECONDS COST: how many bcrypt hashes of a cost one core makes in a second. */
#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	static struct crypt_data data;
	double start = now(), end = start;
	char setting[30];
	long n = 0;

	if (argc != 3)
		return 2;
	(void)snprintf(setting, sizeof setting, "$2b$%02ld$%.22s", strtol(argv[2], NULL, 10),
		"KdfZEVf7X65m6XUC7JETsO");
	while (end - start < strtod(argv[1], NULL)) {
		if (crypt_r("correct horse", setting, &data) == NULL || data.output[0] == '*')
			return 1;
		n++;
		end = now();
	}
	printf("%.4f\n", (double)n / (end - start));
	return 0;
}
