/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include "switchd/core/mac.h"

static void reads_both_separators(void **state)
{
	struct mac mac;
	char buf[MAC_TEXT_SIZE];

	assert_true(mac_parse("52:54:00:12:34:aF", &mac));
	assert_string_equal(mac_format(&mac, buf), "52:54:00:12:34:af");
	assert_true(mac_parse("02-00-00-00-00-01", &mac));
	assert_string_equal(mac_format(&mac, buf), "02:00:00:00:00:01");
}

static void refuses_anything_else(void **state)
{
	static const char *const bad[] = {
		"",
		"52:54:00:12:34",
		"52:54:00:12:34:5",
		"52:54:00:12:34:567",
		"52:54-00:12:34:56",
		"525400:12:34:56:78",
		"52:54:00:12:34:5g",
		"5 :54:00:12:34:56",
	};
	struct mac mac = {{1, 2, 3, 4, 5, 6}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(mac_parse(bad[i], &mac));
	assert_int_equal(mac.b[5], 6);
}

static void knows_groups(void **state)
{
	static const uint8_t multicast[6] = {0x01, 0x80, 0xc2, 0, 0, 0};
	static const uint8_t broadcast[6] = {255, 255, 255, 255, 255, 255};
	static const uint8_t zero[6];

	assert_true(mac_is_group(multicast));
	assert_false(mac_is_broadcast(multicast));
	assert_true(mac_is_broadcast(broadcast));
	assert_true(mac_is_zero(zero));
	assert_false(mac_is_group(zero));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_both_separators),
		cmocka_unit_test(refuses_anything_else),
		cmocka_unit_test(knows_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
