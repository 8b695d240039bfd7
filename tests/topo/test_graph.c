/* SPDX-License-Identifier: MIT */
/* graph/NAME.yaml is drawn as NAME.ascii, NAME.dot, NAME.mermaid, NAME.svg. */
#include "tests/cmocka.h"
#include "tests/topo/golden.h"

#include "plugs/plug.h"
#include "topo/graph.h"
#include "topo/topo.h"

static char *picture(const struct topo *topo, enum graph_format format)
{
	struct err err = {.errnum = 0};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_true(topo_graph(topo, format, out, &err));
	(void)fclose(out);
	return text;
}

static void run(const char *dir, const char *name, const char *text, size_t len)
{
	struct topo_errors errors;
	struct topo *topo = topo_parse(text, len, plug_kinds, &errors);

	if (!topo)
		fail_msg("%s: %s", name, errors.err[0].msg);
	for (int i = 0; i < GRAPH_FORMAT_COUNT; i++) {
		char *got = picture(topo, (enum graph_format)i);
		char suffix[16];

		(void)snprintf(suffix, sizeof(suffix), ".%s", graph_formats[i]);
		golden_check(dir, name, suffix, got);
		free(got);
	}
	topo_free(topo);
}

static void pictures(void **state)
{
	assert_int_equal(golden_each(TEST_DIR "/graph", run), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
