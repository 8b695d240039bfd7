/* SPDX-License-Identifier: MIT */
/*
 * Golden files: DIR/NAME.yaml and what must come of it. With UPDATE=1 in the
 * environment a test writes the expected files anew, to be read in the diff.
 */
#ifndef LABSWITCH_TESTS_GOLDEN_H
#define LABSWITCH_TESTS_GOLDEN_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cmocka.h"

/* A whole file with a NUL behind it; free() it. NULL if there is none. */
static inline char *golden_read(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *text;

	if (!file)
		return NULL;
	text = calloc(1, 2u << 20);
	assert_non_null(text);
	*len = fread(text, 1, (2u << 20) - 1, file);
	(void)fclose(file);
	return text;
}

/* Holds got against the file dir/name + suffix. */
static inline void golden_check(const char *dir, const char *name,
				const char *suffix, const char *got)
{
	char path[512];
	char *expected;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix);
	if (getenv("UPDATE")) {
		FILE *file = fopen(path, "wb");

		assert_non_null(file);
		(void)fputs(got, file);
		(void)fclose(file);
	}
	expected = golden_read(path, &len);
	if (!expected)
		fail_msg("%s is missing; got:\n%s", path, got);
	if (strcmp(expected, got) != 0)
		fail_msg("%s:\nexpected:\n%s\ngot:\n%s", path, expected, got);
	free(expected);
}

/* Calls run for each NAME.yaml of dir, in order. Returns how many. */
static inline int golden_each(const char *dir,
			      void (*run)(const char *dir, const char *name,
					  const char *text, size_t len))
{
	struct dirent **entries;
	int n = scandir(dir, &entries, NULL, alphasort);
	int count = 0;

	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		char *dot = strstr(entries[i]->d_name, ".yaml");
		char path[512];
		char *text;
		size_t len = 0;

		if (dot) {
			(void)snprintf(path, sizeof(path), "%s/%s", dir,
				       entries[i]->d_name);
			*dot = '\0';
			text = golden_read(path, &len);
			assert_non_null(text);
			run(dir, entries[i]->d_name, text, len);
			free(text);
			count++;
		}
		free(entries[i]);
	}
	free(entries);
	return count;
}

#endif
