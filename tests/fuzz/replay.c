/* SPDX-License-Identifier: ISC */
/* replay: runs the files that are named, one by one, through a fuzz target without libFuzzer. */
#include "fuzz.h"

/* The name of the input that is in work, for who looks at a crash. */
static void
run(const char *path)
{
	FILE *file = fopen(path, "rb");
	long size;
	uint8_t *data;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0) {
		perror(path);
		exit(1);
	}
	rewind(file);
	data = malloc((size_t)size); /* exactly, so that a byte too many is found */
	if ((size > 0 && data == NULL) || fread(data, 1, (size_t)size, file) != (size_t)size) {
		perror(path);
		exit(1);
	}
	(void)fclose(file);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
}

int
main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	for (int i = 1; i < argc; i++) {
		printf("%s\n", argv[i]);
		run(argv[i]);
	}
	return 0;
}
