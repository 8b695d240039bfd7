/* SPDX-License-Identifier: MIT */
/* The numbers of ports; what plans look like is in tests/plan. */
#include "switchd/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugs/plug.h"
#include "tests/cmocka.h"

/* A switch of `count` ports. */
static struct topo *parse(unsigned count)
{
	struct topo_errors errors;
	struct topo *topo;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	fputs("switches: {sw1: {ports: {\n", out);
	for (unsigned i = 0; i < count; i++)
		fprintf(out, "p%u: null,\n", i);
	fputs("}}}\n", out);
	fclose(out);
	topo = topo_parse(text, len, plug_kinds, &errors);
	assert_non_null(topo);
	free(text);
	return topo;
}

/* Two clients are there without a port of the topology. */
static void mark_two(void *ctx, const struct topo_switch *sw,
		     bool taken[TOPO_PORTS_MAX + 1])
{
	taken[1] = taken[4] = true;
}

static void test_a_taken_number_is_not_given_away(void **state)
{
	struct topo *from = topo_new(), *to = parse(3);
	const struct topo_port *ports = to->switches[0].ports;

	plan_keep_numbers(from, to, mark_two, NULL);
	assert_int_equal(ports[0].conf.number, 2);
	assert_int_equal(ports[1].conf.number, 3);
	assert_int_equal(ports[2].conf.number, 5);
	topo_free(from);
	topo_free(to);
}

static void test_every_port_has_a_number_of_its_own(void **state)
{
	struct topo *from = topo_new(), *to = parse(TOPO_PORTS_MAX);
	bool seen[TOPO_PORTS_MAX + 1] = {false};

	plan_keep_numbers(from, to, mark_two, NULL);
	for (size_t i = 0; i < TOPO_PORTS_MAX; i++) {
		uint16_t number = to->switches[0].ports[i].conf.number;

		assert_in_range(number, 1, TOPO_PORTS_MAX);
		assert_false(seen[number]);
		seen[number] = true;
	}
	topo_free(from);
	topo_free(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_taken_number_is_not_given_away),
		cmocka_unit_test(test_every_port_has_a_number_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
