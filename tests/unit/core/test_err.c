/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <errno.h>
#include <string.h>

#include "switchd/core/drop.h"
#include "switchd/core/err.h"

static void fills_once_and_is_false(void **state)
{
	struct err err;

	assert_false(err_set(&err, "port %d is taken", 3));
	assert_string_equal(err.msg, "port 3 is taken");
	assert_int_equal(err.errnum, 0);
	assert_int_equal(err.at.line, 0);
	assert_false(err_set(NULL, "nobody asks"));
}

static void keeps_the_place(void **state)
{
	struct err err;

	assert_false(err_at(&err, (struct mark){14, 16}, "no"));
	assert_int_equal(err.at.line, 14);
	assert_int_equal(err.at.col, 16);
}

static void appends_the_system_s_words(void **state)
{
	struct err err;

	errno = ENOENT;
	assert_false(err_sys(&err, "cannot open %s", "/x"));
	assert_string_equal(err.msg,
			    "cannot open /x: No such file or directory");
	assert_int_equal(err.errnum, ENOENT);
	assert_int_equal(errno, ENOENT);
}

static void cuts_what_does_not_fit(void **state)
{
	struct err err;
	char longer[300];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	errno = EIO;
	assert_false(err_sys(&err, "%s", longer));
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

static void drop_reasons_have_prefix_and_text(void **state)
{
	for (int i = 0; i < DROP_COUNT; i++) {
		const char *name = drop_name((enum drop)i);

		assert_true(strncmp(name, "rx_", 3) == 0 ||
			    strncmp(name, "tx_", 3) == 0);
		assert_true(strlen(drop_text((enum drop)i)) > 10);
	}
	assert_string_equal(drop_name(DROP_RX_RUNT), "rx_runt");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_once_and_is_false),
		cmocka_unit_test(keeps_the_place),
		cmocka_unit_test(appends_the_system_s_words),
		cmocka_unit_test(cuts_what_does_not_fit),
		cmocka_unit_test(drop_reasons_have_prefix_and_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
