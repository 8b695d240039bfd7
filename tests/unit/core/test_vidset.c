/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <string.h>

#include "switchd/core/vidset.h"

static void has_what_was_added(void **state)
{
	struct vidset s = {{0}};

	assert_true(vidset_is_empty(&s));
	vidset_add(&s, 1);
	vidset_add(&s, 64);
	vidset_add(&s, 4094);
	assert_true(vidset_has(&s, 1));
	assert_true(vidset_has(&s, 64));
	assert_true(vidset_has(&s, 4094));
	assert_false(vidset_has(&s, 2));
	assert_false(vidset_has(&s, 65));
	vidset_remove(&s, 64);
	assert_false(vidset_has(&s, 64));
	vidset_remove(&s, 1);
	vidset_remove(&s, 4094);
	assert_true(vidset_is_empty(&s));
}

static void reserved_vids_are_never_members(void **state)
{
	struct vidset s = {{0}};

	assert_false(vidset_is_all(&s));
	vidset_add_all(&s);
	assert_true(vidset_is_all(&s));
	assert_false(vidset_has(&s, 0));
	assert_false(vidset_has(&s, 4095));
	assert_false(vidset_has(&s, 4096));
	assert_false(vid_valid(0));
	assert_false(vid_valid(4095));
	assert_true(vid_valid(1));
	assert_true(vid_valid(4094));
	vidset_remove(&s, 77);
	assert_false(vidset_is_all(&s));
}

static void parses_and_formats(void **state)
{
	static const struct {
		const char *in;
		const char *out;
	} rows[] = {
		{"10", "10"},
		{"10,20-29", "10,20-29"},
		{"29,20-28,10", "10,20-29"},
		{"1-4094", "all"},
		{"all", "all"},
		{"1,2", "1-2"},
		{"5-5", "5"},
		{"1,4094", "1,4094"},
		{"2-4094", "2-4094"},
		{"1-10,5-20", "1-20"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vidset a = {{0}};
		struct vidset b = {{0}};
		char buf[64];

		assert_true(vidset_parse(&a, rows[i].in));
		assert_int_equal(vidset_format(&a, buf, sizeof(buf)),
				 strlen(rows[i].out));
		assert_string_equal(buf, rows[i].out);
		assert_true(vidset_parse(&b, buf));
		assert_true(vidset_equal(&a, &b));
	}
}

static void parsing_adds(void **state)
{
	struct vidset s = {{0}};

	vidset_add(&s, 7);
	assert_true(vidset_parse(&s, "8"));
	assert_true(vidset_has(&s, 7));
	assert_true(vidset_has(&s, 8));
}

static void refuses_anything_else(void **state)
{
	static const char *const bad[] = {
		"",           "0",     "4095", "4096",   "-1",
		"1-",         "-",     "1,",   ",1",     "1,,2",
		"9-8",        "1-2-3", "010",  "1-02",   " 1",
		"1 ",         "1, 2",  "x",    "1x",     "all,1",
		"1,all",      "ALL",   "0-5",  "5-4095", "99999999999999999999",
		"4294967297", "1;2",
	};
	struct vidset s = {{0}};
	struct vidset before;

	vidset_add(&s, 3);
	before = s;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(vidset_parse(&s, bad[i]));
		assert_true(vidset_equal(&s, &before));
	}
}

static void formatting_is_cut_to_size(void **state)
{
	struct vidset s = {{0}};
	char buf[8] = "unused";

	assert_int_equal(vidset_format(&s, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "");
	assert_true(vidset_parse(&s, "100,200-300,4000"));
	assert_int_equal(vidset_format(&s, buf, sizeof(buf)), 16);
	assert_string_equal(buf, "100,200");
	assert_int_equal(vidset_format(&s, NULL, 0), 16);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_what_was_added),
		cmocka_unit_test(reserved_vids_are_never_members),
		cmocka_unit_test(parses_and_formats),
		cmocka_unit_test(parsing_adds),
		cmocka_unit_test(refuses_anything_else),
		cmocka_unit_test(formatting_is_cut_to_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
