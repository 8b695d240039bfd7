/* SPDX-License-Identifier: MIT */
/* What may be configured, and what is said of what may not. */
#include "tests/cmocka.h"

#include "switchd/core/stp.h"

static void configurations_are_checked(void **state)
{
	static const struct {
		uint16_t priority;
		uint8_t version, hello, max_age, delay, hold_count;
		const char *message; /* NULL: good */
	} rows[] = {
		{0, 0, 1, 6, 4, 1, NULL},
		{61440, 2, 10, 40, 30, 10, NULL},
		{32768, 2, 2, 28, 15, 6, NULL},
		{4095, 2, 2, 20, 15, 6,
		 "priority is 4095; it goes in steps of 4096"},
		{61441, 2, 2, 20, 15, 6, "priority is 61441, outside 0-61440"},
		{0, 1, 2, 20, 15, 6,
		 "version is 1, neither 0 (STP) nor 2 (RSTP)"},
		{0, 2, 0, 20, 15, 6, "hello time is 0, outside 1-10"},
		{0, 2, 11, 40, 30, 6, "hello time is 11, outside 1-10"},
		{0, 2, 2, 5, 15, 6, "max age is 5, outside 6-40"},
		{0, 2, 2, 41, 30, 6, "max age is 41, outside 6-40"},
		{0, 2, 2, 6, 3, 6, "forward delay is 3, outside 4-30"},
		{0, 2, 2, 20, 31, 6, "forward delay is 31, outside 4-30"},
		{0, 2, 2, 20, 15, 0, "hold count is 0, outside 1-10"},
		{0, 2, 2, 20, 15, 11, "hold count is 11, outside 1-10"},
		{0, 2, 2, 20, 10, 6,
		 "max age is 20 s; with a forward delay of 10 s it is at most "
		 "18 s"},
		{0, 2, 10, 21, 15, 6,
		 "max age is 21 s; with a hello time of 10 s it is at least "
		 "22 s"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct stp_conf conf = {
			.mac = {{2}},
			.priority = rows[i].priority,
			.version = rows[i].version,
			.hello = rows[i].hello,
			.max_age = rows[i].max_age,
			.delay = rows[i].delay,
			.hold_count = rows[i].hold_count,
		};
		struct err err = {.msg = ""};

		assert_int_equal(stp_conf_check(&conf, &err),
				 rows[i].message == NULL);
		assert_string_equal(err.msg,
				    rows[i].message ? rows[i].message : "");
	}
}

static void ports_are_checked_too(void **state)
{
	struct stp_port_conf conf = {STP_PORT_CONF_DEFAULTS};
	struct stp_conf bridge = {.mac = {{1}}, STP_CONF_DEFAULTS};
	struct err err;

	assert_true(stp_port_conf_check(&conf, &err));
	conf.priority = 100;
	assert_false(stp_port_conf_check(&conf, &err));
	assert_string_equal(err.msg,
			    "port priority is 100; it goes in steps of 16");
	conf.priority = 128;
	conf.cost = 0;
	assert_false(stp_port_conf_check(&conf, &err));
	assert_string_equal(err.msg, "cost is 0, outside 1-200000000");
	assert_false(stp_conf_check(&bridge, &err));
	assert_string_equal(stp_role_name(STP_ROLE_BACKUP), "backup");
	assert_string_equal(stp_event_name(STP_EVENT_BPDU_GUARD), "bpdu_guard");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(configurations_are_checked),
		cmocka_unit_test(ports_are_checked_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
