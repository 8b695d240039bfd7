/* SPDX-License-Identifier: MIT */
/* V7: which VIDs a file may say, and in which line it is said that one may not.
 */
#include "tests/cmocka.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/topo/fake_kinds.h"
#include "topo/topo.h"

/* Whether a port may have this word; if not, the error is in its line. */
static bool is_taken(const char *word, unsigned vid)
{
	struct topo_errors errors;
	struct topo *topo;
	char text[120];

	(void)snprintf(text, sizeof(text),
		       "switches:\n"
		       "  sw1:\n"
		       "    ports:\n"
		       "      a: {null, %s: %u}\n",
		       word, vid);
	topo = topo_parse(text, strlen(text), fake_kinds, &errors);
	if (!topo) {
		assert_int_equal(errors.count, 1);
		assert_int_equal(errors.err[0].at.line, 4);
	}
	topo_free(topo);
	return topo;
}

static void v7_vids_are_1_to_4094(void **state)
{
	static const char *const words[] = {"vlan", "trunk", "native",
					    "native-tagged", "tunnel"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_false(is_taken(words[i], 0));
		assert_true(is_taken(words[i], 1));
		assert_true(is_taken(words[i], 4094));
		assert_false(is_taken(words[i], 4095));
		assert_false(is_taken(words[i], 4096));
		assert_false(is_taken(words[i], 65546)); /* 10 in 16 bits */
	}
	for (unsigned vid = 1; vid <= 4094; vid++)
		assert_true(is_taken("vlan", vid));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(v7_vids_are_1_to_4094),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
