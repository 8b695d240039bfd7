/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include "switchd/core/storm.h"

#define S 1000000000ull

static struct storm limited(enum storm_class class, uint32_t fps)
{
	struct storm_conf conf = {.fps = {0}};
	struct storm s = {.raging = false};

	conf.fps[class] = fps;
	storm_set(&s, &conf);
	return s;
}

static unsigned count(struct storm *s, uint64_t from, uint64_t to,
		      uint64_t step)
{
	unsigned allowed = 0;

	for (uint64_t now = from; now < to; now += step)
		allowed += storm_allow(s, STORM_BROADCAST, 1, now);
	return allowed;
}

static void no_limit_is_no_limit(void **state)
{
	struct storm s = limited(STORM_BROADCAST, 0);

	assert_int_equal(count(&s, 0, S, 1000), 1000000);
	assert_false(s.raging);
}

/* 100,000 a second offered for ten seconds, to 1, 20, 1,000 and 7,777. */
static void the_rate_is_kept(void **state)
{
	static const uint32_t rates[] = {1, 20, 1000, 7777};

	for (unsigned i = 0; i < 4; i++) {
		struct storm s = limited(STORM_BROADCAST, rates[i]);
		unsigned least = 10 * rates[i];

		assert_in_range(count(&s, 5, 5 + 10 * S, 10000), least - 1,
				least + least / 100 + 1);
		assert_true(s.raging);
	}
}

static void below_the_rate_nothing_is_lost(void **state)
{
	struct storm s = limited(STORM_BROADCAST, 1000);

	assert_int_equal(count(&s, 0, 10 * S, S / 990), 9901);
	assert_false(s.raging);
	assert_int_equal(count(&s, 20 * S, 20 * S + 50, 1), 50); /* a burst */
	assert_false(storm_allow(&s, STORM_BROADCAST, 1, 20 * S + 50));
}

static void classes_do_not_share(void **state)
{
	struct storm s = limited(STORM_UNKNOWN, 1);

	assert_true(storm_allow(&s, STORM_UNKNOWN, 1, S));
	assert_false(storm_allow(&s, STORM_UNKNOWN, 1, S));
	assert_true(storm_allow(&s, STORM_BROADCAST, 1, S));
	assert_true(storm_allow(&s, STORM_MULTICAST, 1, S));
}

static void frames_of_one_go_together(void **state)
{
	struct storm s = limited(STORM_BROADCAST, 1000);

	assert_true(storm_allow(&s, STORM_BROADCAST, 40, S));
	assert_false(storm_allow(&s, STORM_BROADCAST, 20, S));
	assert_true(storm_allow(&s, STORM_BROADCAST, 10, S));
	assert_false(storm_allow(&s, STORM_BROADCAST, UINT32_MAX, 9 * S));
}

static void it_is_over_after_a_calm_second(void **state)
{
	struct storm s = limited(STORM_BROADCAST, 10);

	assert_false(storm_is_over(&s, S));
	(void)count(&s, S, 2 * S, S / 100);
	assert_true(s.raging);
	assert_false(storm_is_over(&s, 2 * S));
	assert_true(storm_is_over(&s, 3 * S));
	assert_false(storm_is_over(&s, 4 * S));
	assert_false(s.raging);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_limit_is_no_limit),
		cmocka_unit_test(the_rate_is_kept),
		cmocka_unit_test(below_the_rate_nothing_is_lost),
		cmocka_unit_test(classes_do_not_share),
		cmocka_unit_test(frames_of_one_go_together),
		cmocka_unit_test(it_is_over_after_a_calm_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
