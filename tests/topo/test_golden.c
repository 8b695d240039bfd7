/* SPDX-License-Identifier: MIT */
/*
 * bad/NAME.yaml	must be refused with just the errors in NAME.err
 * good/NAME.yaml	must be read, dumped as NAME.dump, and read again as
 *			the same
 */
#include "tests/cmocka.h"
#include "tests/topo/golden.h"
#include "tests/topo/same.h"

#include "plugs/plug.h"
#include "topo/topo.h"

static char *error_text(const struct topo_errors *errors, const char *name,
			const char *text, size_t len)
{
	char *got = NULL;
	size_t got_len;
	char file[300];
	FILE *out = open_memstream(&got, &got_len);

	assert_non_null(out);
	(void)snprintf(file, sizeof(file), "%s.yaml", name);
	for (size_t i = 0; i < errors->count; i++)
		topo_print_error(out, file, text, len, &errors->err[i]);
	if (errors->more)
		fprintf(out, "%zu more\n", errors->more);
	(void)fclose(out);
	return got;
}

static void run_bad(const char *dir, const char *name, const char *text,
		    size_t len)
{
	struct topo_errors errors;
	struct topo *topo = topo_parse(text, len, plug_kinds, &errors);
	char *got;

	if (topo)
		fail_msg("%s/%s.yaml has been taken", dir, name);
	assert_true(errors.count > 0);
	got = error_text(&errors, name, text, len);
	golden_check(dir, name, ".err", got);
	free(got);
}

static void run_good(const char *dir, const char *name, const char *text,
		     size_t len)
{
	struct topo_errors errors;
	struct topo *topo = topo_parse(text, len, plug_kinds, &errors);
	struct topo *again;
	char *dump;
	size_t dump_len;

	if (!topo)
		fail_msg("%s", error_text(&errors, name, text, len));
	dump = dump_text(topo, &dump_len);
	golden_check(dir, name, ".dump", dump);
	again = topo_parse(dump, dump_len, plug_kinds, &errors);
	if (!again)
		fail_msg("%s", error_text(&errors, name, dump, dump_len));
	assert_true(same_topo(topo, again));
	topo_free(again);
	topo_free(topo);
	free(dump);
}

static void bad_files(void **state)
{
	assert_true(golden_each(TEST_DIR "/bad", run_bad) > 50);
}

static void good_files(void **state)
{
	assert_true(golden_each(TEST_DIR "/good", run_good) > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_files),
		cmocka_unit_test(good_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
