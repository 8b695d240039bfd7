/* SPDX-License-Identifier: MIT */
/*
 * NAME.old.yaml and NAME.new.yaml make NAME.plan: the steps in their order.
 * An old file that is missing stands for the empty topology.
 */
#include "switchd/plan.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugs/plug.h"
#include "tests/cmocka.h"

static char *read_text(const char *path, size_t *len)
{
	char *text = calloc(1, 65536);
	FILE *file = fopen(path, "re");

	assert_non_null(text);
	*len = 0;
	if (file) {
		*len = fread(text, 1, 65535, file);
		fclose(file);
	}
	return text;
}

static struct topo *parse(const char *path)
{
	struct topo_errors errors = {.count = 0};
	size_t len;
	char *text = read_text(path, &len);
	struct topo *topo =
		len ? topo_parse(text, len, plug_kinds, &errors) : topo_new();

	if (!topo)
		print_message("%s: %s\n", path, errors.err[0].msg);
	free(text);
	return topo;
}

static void check(const char *stem)
{
	char path[512], *want, *got = NULL;
	struct topo *from, *to;
	struct plan plan;
	size_t len;
	FILE *out = open_memstream(&got, &len);

	snprintf(path, sizeof(path), "%s.old.yaml", stem);
	from = parse(path);
	snprintf(path, sizeof(path), "%s.new.yaml", stem);
	to = parse(path);
	snprintf(path, sizeof(path), "%s.plan", stem);
	want = read_text(path, &len);
	assert_non_null(from);
	assert_non_null(to);
	plan_keep_numbers(from, to, NULL, NULL);
	plan_make(from, to, &plan);
	plan_print(&plan, out);
	fclose(out);
	print_message("%s\n", stem);
	assert_string_equal(got, want);
	plan_done(&plan);
	topo_free(from);
	topo_free(to);
	free(got);
	free(want);
}

static void test_golden_plans(void **state)
{
	glob_t found;

	assert_int_equal(glob(TEST_DIR "/*.plan", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char *stem = found.gl_pathv[i];

		stem[strlen(stem) - strlen(".plan")] = '\0';
		check(stem);
	}
	assert_true(found.gl_pathc >= 7);
	globfree(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_plans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
