/* SPDX-License-Identifier: MIT */
/* What neighbours may say and how often, and a clock that leaps: the tree stays
 * and the work is bounded. */
#include "tests/unit/core/stp_solo.h"

/* --- S3, S7: what is not valid, and times that are not sane ------------ */

static void what_is_invalid_is_counted_and_ignored(void **state)
{
	struct bpdu b = neighbour(0x40);
	uint8_t bytes[BPDU_FRAME];
	struct frame f = {.data = bytes, .len = sizeof(bytes)};
	struct solo s;

	setup(&s, &plain);
	b.times.message_age = 20;
	hear(&s, 1, &b);
	memset(bytes, 0, sizeof(bytes));
	stp_receive(s.stp, 1, &f, s.now);
	f.len = 0;
	stp_receive(s.stp, 1, &f, s.now);
	assert_int_equal(info(&s, 1).counts.rx_bad, 3);
	assert_int_equal(info(&s, 1).counts.rx_rst, 0);
	assert_int_equal(info(&s, 1).role, STP_ROLE_DESIGNATED);
	stp_port_down(s.stp, 1, s.now);
	hear(&s, 1, &b);
	assert_int_equal(info(&s, 1).counts.rx_down, 1);
	done(&s);
}

static void a_root_with_no_times_is_followed_with_sane_ones(void **state)
{
	struct bpdu b = neighbour(0x40);
	struct stp_info bridge;
	struct solo s;

	setup(&s, &plain);
	b.times = (struct stp_times){.max_age = 255};
	hear(&s, 1, &b);
	stp_read(s.stp, &bridge);
	assert_int_equal(bridge.root_port, 1);
	assert_int_equal(bridge.times.hello, 1);
	assert_int_equal(bridge.times.max_age, 40);
	assert_int_equal(bridge.times.forward_delay, 4);
	run(&s, 4); /* three hello times and a tick */
	stp_read(s.stp, &bridge);
	assert_int_equal(bridge.root_port, 0);
	/* A cost that would wrap around does not. */
	b = neighbour(0x40);
	b.vector.cost = UINT32_MAX;
	hear(&s, 1, &b);
	b.vector.cost = 5;
	b.vector.bridge++;
	hear(&s, 2, &b);
	stp_read(s.stp, &bridge);
	assert_int_equal(bridge.root_port, 2);
	done(&s);
}

/* --- S8, F3: floods --------------------------------------------------- */

/* 100,000 BPDUs a second for ten seconds, to port 2; the root is on port 1. */
static void flood(const struct bpdu *b)
{
	struct bpdu root = neighbour(0x10);
	struct stp_counts before, after;
	struct stp_info bridge;
	unsigned flushes;
	struct solo s;

	setup(&s, &plain);
	hear(&s, 1, &root);
	run(&s, 5);
	hear(&s, 1, &root);
	before = info(&s, 2).counts;
	flushes = s.flushes[1] + s.flushes[3];
	for (int second = 0; second < 10; second++) {
		hear(&s, 1, &root);
		for (int i = 0; i < 100000; i++)
			hear(&s, 2, b);
		run(&s, 1);
	}
	stp_read(s.stp, &bridge);
	assert_true(bridge.root == root.vector.root);
	assert_int_equal(bridge.root_port, 1);
	assert_int_equal(s.state[1], PORT_FORWARDING);
	after = info(&s, 2).counts;
	assert_in_range(after.rx_over - before.rx_over,
			1000000 - 11 * (STP_RX_BUDGET + 1), 1000000);
	assert_int_equal(after.rx_over + after.rx_config + after.rx_tcn +
				 after.rx_rst,
			 1000000);
	assert_in_range(after.tx_rst + after.tx_config, 0,
			before.tx_rst + 11 * defaults.hold_count);
	assert_in_range(s.flushes[1] + s.flushes[3], flushes,
			flushes + 2 * 11 * (STP_FLUSH_BUDGET + 1));
	done(&s);
}

static void a_flood_of_bpdus_is_bounded(void **state)
{
	struct bpdu b = neighbour(0x60);

	flood(&b); /* inferior */
	b.learning = true;
	flood(&b); /* and disputed */
	b = neighbour(0x20);
	b.topology_change = true;
	flood(&b); /* a worse root, and a topology change each time */
	b.type = BPDU_CONFIG;
	flood(&b);
	b.type = BPDU_TCN;
	flood(&b);
	b = neighbour(0x60);
	b.role = BPDU_ROOT;
	b.agreement = b.topology_change = true;
	flood(&b);
}

/* The root's own voice is heard through a flood on the same port. */
static void what_is_known_is_kept_in_a_flood(void **state)
{
	struct bpdu root = neighbour(0x10);
	struct bpdu other = neighbour(0x60);
	struct stp_info bridge;
	struct solo s;

	setup(&s, &plain);
	for (int second = 0; second < 60; second++) {
		for (int i = 0; i < 200; i++)
			hear(&s, 1, &other);
		hear(&s, 1, &root);
		run(&s, 1);
		stp_read(s.stp, &bridge);
		assert_int_equal(bridge.root_port, second < 1 ? 0 : 1);
		if (second == 0) /* first it must be heard of */
			hear(&s, 1, &root);
	}
	assert_in_range(s.events[STP_EVENT_ROOT], 1, 1);
	done(&s);
}

/* --- S10: the clock --------------------------------------------------- */

static void a_clock_that_leaps_ages_nothing(void **state)
{
	struct bpdu root = neighbour(0x10);
	struct stp_info bridge;
	struct solo s;

	setup(&s, &plain);
	hear(&s, 1, &root);
	run(&s, 2);
	for (int i = 0; i < 2; i++) {
		s.now += 3600 * SECOND;
		stp_run(s.stp, s.now);
		assert_true(stp_next(s.stp) == s.now + SECOND);
		stp_run(s.stp, s.now);
	}
	stp_read(s.stp, &bridge);
	assert_int_equal(bridge.root_port, 1);
	run(&s, 6);
	stp_read(s.stp, &bridge);
	assert_int_equal(bridge.root_port, 0);
	for (uint16_t port = 1; port <= PORTS; port++)
		stp_port_down(s.stp, port, s.now);
	assert_true(stp_next(s.stp) == UINT64_MAX);
	stp_run(s.stp, s.now);
	done(&s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_invalid_is_counted_and_ignored),
		cmocka_unit_test(
			a_root_with_no_times_is_followed_with_sane_ones),
		cmocka_unit_test(a_flood_of_bpdus_is_bounded),
		cmocka_unit_test(what_is_known_is_kept_in_a_flood),
		cmocka_unit_test(a_clock_that_leaps_ages_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
