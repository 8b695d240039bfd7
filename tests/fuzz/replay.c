/* SPDX-License-Identifier: MIT */
/*
 * replay: runs every file of a corpus through a fuzz target, once each. The
 * target asserts; this fails only on an empty or unreadable corpus.
 */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

#define INPUT_MAX (2u << 20)

static int replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(INPUT_MAX);
	size_t size;

	if (!file || !data) {
		perror(path);
		exit(1);
	}
	size = fread(data, 1, INPUT_MAX, file);
	/* A copy of just that size lets ASan see a read beyond the end. */
	data = realloc(data, size ? size : 1);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	(void)fclose(file);
	return 1;
}

int main(int argc, char **argv)
{
	struct dirent **names;
	int count = 0;
	int n;

	if (argc != 2) {
		fprintf(stderr, "usage: replay DIR\n");
		return 2;
	}
	n = scandir(argv[1], &names, NULL, alphasort);
	if (n < 0) {
		perror(argv[1]);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		char path[PATH_MAX];

		(void)snprintf(path, sizeof(path), "%s/%s", argv[1],
			       names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			count += replay(path);
		free(names[i]);
	}
	free(names);
	printf("replayed %d inputs of %s\n", count, argv[1]);
	return count ? 0 : 1;
}
