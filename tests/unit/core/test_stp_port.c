/* SPDX-License-Identifier: MIT */
/* A port of one bridge: its own voice, guards, edges, disputes. */
#include "tests/unit/core/stp_solo.h"

/* --- S4: what it sent comes back --------------------------------------- */

static void a_port_that_hears_itself_stays_shut(void **state)
{
	struct stp_conf conf = defaults;
	struct stp_info bridge;
	struct solo s;

	for (int version = 0; version <= 2; version += 2) {
		setup(&s, &plain);
		s.echo = true;
		conf.version = (uint8_t)version;
		stp_set(s.stp, &conf, s.now);
		echo(&s);
		run(&s, 120);
		assert_int_equal(s.opened[1], 0);
		assert_int_equal(info(&s, 1).role, STP_ROLE_BACKUP);
		assert_why(&s, 1, "backup: what is sent here comes back here");
		stp_read(s.stp, &bridge);
		assert_true(bridge.root == bridge.id);
		assert_int_equal(s.state[2], PORT_FORWARDING);
		s.echo = false;
		run(&s, 60);
		assert_int_equal(s.state[1], PORT_FORWARDING);
		done(&s);
	}
}

/* --- S5: guards ------------------------------------------------------- */

static void bpdu_guard_shuts_the_port(void **state)
{
	struct stp_port_conf conf = plain;
	struct bpdu b = neighbour(0x40);
	struct stp_info bridge;
	struct solo s;

	conf.admin_edge = conf.bpdu_guard = true;
	setup(&s, &conf);
	assert_int_equal(s.state[1], PORT_FORWARDING);
	hear(&s, 1, &b);
	assert_int_equal(s.state[1], PORT_DISCARDING);
	assert_int_equal(s.events[STP_EVENT_BPDU_GUARD], 1);
	assert_why(&s, 1, "disabled: the BPDU guard heard a bridge here");
	hear(&s, 1, &b);
	assert_int_equal(info(&s, 1).counts.rx_rst, 1);
	assert_int_equal(info(&s, 1).counts.rx_down, 1);
	stp_port_down(s.stp, 1, s.now);
	stp_port_up(s.stp, 1, true, s.now);
	assert_int_equal(s.state[1], PORT_DISCARDING);
	stp_port_reenable(s.stp, 1, s.now);
	assert_int_equal(s.state[1], PORT_FORWARDING);
	hear(&s, 1, &b);
	assert_int_equal(s.events[STP_EVENT_BPDU_GUARD], 2);
	stp_read(s.stp, &bridge);
	assert_true(bridge.root == bridge.id);
	done(&s);
}

static void root_guard_keeps_the_root(void **state)
{
	struct stp_port_conf conf = plain;
	struct bpdu b = neighbour(0x40);
	struct stp_info bridge;
	struct solo s;

	conf.root_guard = true;
	setup(&s, &conf);
	run(&s, 10);
	assert_int_equal(s.state[1], PORT_FORWARDING);
	hear(&s, 1, &b);
	assert_int_equal(s.state[1], PORT_DISCARDING);
	assert_true(info(&s, 1).root_guard);
	assert_why(&s, 1,
		   "alternate: root guard: a better way to root "
		   "8000.020000000040 is offered here");
	stp_read(s.stp, &bridge);
	assert_true(bridge.root == bridge.id);
	assert_int_equal(s.events[STP_EVENT_ROOT], 0);
	run(&s, 20); /* it says no more */
	assert_int_equal(s.state[1], PORT_FORWARDING);
	assert_int_equal(s.events[STP_EVENT_ROOT_GUARD], 2);
	done(&s);
}

/* --- Edges and disputes ------------------------------------------------ */

static void edges_forward_until_a_bridge_is_heard(void **state)
{
	struct stp_port_conf conf = plain;
	struct bpdu b = neighbour(0x60);
	struct solo s;

	setup(&s, &plain);
	assert_int_equal(s.state[1], PORT_DISCARDING);
	run(&s, 2);
	assert_int_equal(s.state[1], PORT_DISCARDING);
	assert_why(&s, 1,
		   "designated: this bridge is the root; awaits the "
		   "neighbour's agreement, 18 s at most");
	run(&s, 1);
	assert_int_equal(s.state[1], PORT_FORWARDING);
	assert_true(info(&s, 1).edge);
	assert_int_equal(s.events[STP_EVENT_TOPOLOGY], 0);
	hear(&s, 1, &b);
	assert_false(info(&s, 1).edge);
	conf.auto_edge = false;
	stp_port_set(s.stp, 2, &conf, s.now);
	stp_port_down(s.stp, 2, s.now);
	stp_port_up(s.stp, 2, true, s.now);
	run(&s, 15);
	assert_int_equal(s.state[2], PORT_DISCARDING);
	conf.admin_edge = true;
	stp_port_set(s.stp, 2, &conf, s.now);
	assert_int_equal(s.state[2], PORT_FORWARDING);
	conf.admin_edge = false;
	stp_port_set(s.stp, 2, &conf, s.now);
	assert_int_equal(s.state[2], PORT_DISCARDING);
	done(&s);
}

/* Who forwards behind us without having heard us is a danger. */
static void a_dispute_shuts_a_designated_port(void **state)
{
	struct bpdu b = neighbour(0x60);
	struct solo s;

	setup(&s, &plain);
	run(&s, 5);
	hear(&s, 1, &b);
	assert_int_equal(s.state[1], PORT_FORWARDING);
	b.learning = b.forwarding = true;
	hear(&s, 1, &b);
	assert_int_equal(s.state[1], PORT_DISCARDING);
	done(&s);
}

/* --- Up and down ------------------------------------------------------- */

static void a_port_may_go_down_while_it_is_sent_to(void **state)
{
	struct solo s;

	setup(&s, &plain);
	run(&s, 10);
	assert_int_equal(s.state[1], PORT_FORWARDING);
	s.gone = true;
	run(&s, 3);
	assert_false(s.gone);
	assert_int_equal(s.state[1], PORT_DISCARDING);
	assert_why(&s, 1, "disabled: the port is down");
	s.state[1] = PORT_FORWARDING; /* as the port of a bridge made anew */
	stp_port_up(s.stp, 1, true, s.now);
	assert_int_equal(s.state[1], PORT_DISCARDING);
	done(&s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_that_hears_itself_stays_shut),
		cmocka_unit_test(bpdu_guard_shuts_the_port),
		cmocka_unit_test(root_guard_keeps_the_root),
		cmocka_unit_test(edges_forward_until_a_bridge_is_heard),
		cmocka_unit_test(a_dispute_shuts_a_designated_port),
		cmocka_unit_test(a_port_may_go_down_while_it_is_sent_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
