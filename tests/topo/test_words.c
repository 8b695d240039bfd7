/* SPDX-License-Identifier: MIT */
/*
 * In one map of a port there are its kind, the kind's options and the port's
 * words: no word may mean two things.
 */
#include "tests/cmocka.h"

#include <stdio.h>
#include <string.h>

#include "plugs/plug.h"
#include "topo/topo.h"

static bool is_kind(const char *word)
{
	for (size_t i = 0; plug_kinds[i]; i++) {
		if (strcmp(plug_kinds[i]->name, word) == 0)
			return true;
	}
	return false;
}

static void kinds_are_no_port_words(void **state)
{
	for (size_t i = 0; plug_kinds[i]; i++) {
		const char *name = plug_kinds[i]->name;

		assert_null(opt_find(topo_port_rows, name));
		assert_null(opt_find(topo_port_capture_rows, name));
		assert_string_not_equal(name, topo_link_kind.name);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(name, plug_kinds[j]->name);
	}
}

static void options_are_neither(void **state)
{
	for (size_t i = 0; plug_kinds[i]; i++) {
		const struct opt *row = plug_kinds[i]->rows;

		for (; row->key; row++) {
			if (is_kind(row->key))
				fail_msg("option '%s' of %s is a kind",
					 row->key, plug_kinds[i]->name);
			if (opt_find(topo_port_rows, row->key) ||
			    opt_find(topo_port_capture_rows, row->key))
				fail_msg("option '%s' of %s is a port word",
					 row->key, plug_kinds[i]->name);
			/* The first of its name is itself. */
			assert_ptr_equal(
				opt_find(plug_kinds[i]->rows, row->key), row);
		}
	}
}

static void arguments_are_called_as_their_kind(void **state)
{
	for (size_t i = 0; plug_kinds[i]; i++) {
		const struct opt_kind *kind = plug_kinds[i];

		if (kind->arg)
			assert_string_equal(kind->arg->key, kind->name);
	}
}

static void check_rows(const struct opt *rows)
{
	for (const struct opt *row = rows; row->key; row++) {
		if (!row->help || !*row->help)
			fail_msg("'%s' has no help", row->key);
		if (row->help[strlen(row->help) - 1] == '.')
			fail_msg("help of '%s' ends with a stop", row->key);
		assert_non_null(row->type);
		if (row->type == &opt_map)
			check_rows(row->sub);
	}
}

static void every_option_has_help(void **state)
{
	check_rows(topo_rows);
	check_rows(topo_switch_rows);
	check_rows(topo_port_rows);
	check_rows(topo_link_rows);
	check_rows(topo_host_rows);
	check_rows(topo_capture_rows);
	check_rows(topo_port_capture_rows);
	for (size_t i = 0; plug_kinds[i]; i++)
		check_rows(plug_kinds[i]->rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_are_no_port_words),
		cmocka_unit_test(options_are_neither),
		cmocka_unit_test(arguments_are_called_as_their_kind),
		cmocka_unit_test(every_option_has_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
