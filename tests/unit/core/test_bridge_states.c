/* SPDX-License-Identifier: MIT */
/* Port states and BPDUs: what a bridge does for whoever spans the tree. */
#include "tests/cmocka.h"

#include <string.h>

#include "tests/frames/rig.h"

static const struct bridge_port_conf plain = {
	.mtu = FRAME_MTU_MAX,
	.vlan = {.pvid = 1},
};

static uint8_t bytes[FRAME_BURST][64];

/* The i-th of a burst, to 02:..:dst or, if that is 0, to the bridges' group. */
static struct frame make(unsigned i, uint8_t dst, uint8_t src)
{
	static const uint8_t group[6] = {0x01, 0x80, 0xc2};
	const uint8_t to[6] = {2, 0, 0, 0, 0, dst};
	const uint8_t from[6] = {2, 0, 0, 0, 0, src};

	memset(bytes[i], 0, sizeof(bytes[i]));
	memcpy(bytes[i], dst ? to : group, 6);
	memcpy(bytes[i] + 6, from, 6);
	bytes[i][13] = 38;
	return (struct frame){.data = bytes[i], .len = 60};
}

static void setup(struct rig *rig, bool hub, bool aware)
{
	rig_init(rig, hub, aware, 64);
	for (uint16_t port = 1; port <= 3; port++)
		rig_add(rig, port, &plain);
}

static void only_forwarding_ports_pass_frames(void **state)
{
	static const struct {
		enum port_state in, out;
		enum drop why; /* at the port where it comes in */
		bool learns;
	} rows[] = {
		{PORT_FORWARDING, PORT_FORWARDING, DROP_COUNT, true},
		{PORT_FORWARDING, PORT_LEARNING, DROP_RX_NO_EGRESS, true},
		{PORT_FORWARDING, PORT_DISCARDING, DROP_RX_NO_EGRESS, true},
		{PORT_LEARNING, PORT_FORWARDING, DROP_RX_LEARNING, true},
		{PORT_DISCARDING, PORT_FORWARDING, DROP_RX_DISCARDING, false},
		{PORT_DISCARDING, PORT_DISCARDING, DROP_RX_DISCARDING, false},
	};

	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame f = make(0, 9, 8);
		size_t row = i / 2;
		struct bridge_decision d;
		struct rig rig;

		setup(&rig, false, i % 2);
		bridge_port_set_state(rig.bridge, 1, rows[row].in);
		bridge_port_set_state(rig.bridge, 2, rows[row].out);
		bridge_port_set_state(rig.bridge, 3, rows[row].out);
		bridge_decide(rig.bridge, 1, &f, &d);
		assert_int_equal(d.dropped ? d.why : DROP_COUNT, rows[row].why);
		rig_input(&rig, 1, &f, 1);
		assert_int_equal(rig.ports[2].sends, !d.dropped);
		assert_int_equal(rig.ports[3].sends, !d.dropped);
		assert_int_equal(fdb_count(bridge_fdb(rig.bridge)),
				 rows[row].learns);
		assert_null(rig_unsound(&rig));
		rig_done(&rig);
	}
}

/* A known address behind a port that is shut is not flooded to the others. */
static void a_known_port_that_is_shut_gets_nothing(void **state)
{
	struct frame f = make(0, 9, 8);
	struct vlan_class class = {.vid = 0};
	enum tag_op op;
	struct rig rig;

	setup(&rig, false, false);
	fdb_learn(bridge_fdb(rig.bridge), 0, frame_dst(&f), 2, rig.now);
	bridge_port_set_state(rig.bridge, 2, PORT_LEARNING);
	assert_false(bridge_egress(rig.bridge, 2, &class, &op));
	rig_input(&rig, 1, &f, 1);
	assert_int_equal(rig.ports[1].counters.drops[DROP_RX_NO_EGRESS], 1);
	assert_int_equal(rig.ports[2].sends + rig.ports[3].sends, 0);
	assert_null(rig_unsound(&rig));
	rig_done(&rig);
}

static void a_hub_has_no_states(void **state)
{
	struct frame f = make(0, 0, 8);
	struct rig rig;

	setup(&rig, true, false);
	for (uint16_t port = 1; port <= 3; port++)
		bridge_port_set_state(rig.bridge, port, PORT_DISCARDING);
	rig_input(&rig, 1, &f, 1);
	assert_int_equal(rig.ports[2].sends, 1);
	assert_int_equal(rig.ports[3].sends, 1);
	rig_done(&rig);
}

struct taker {
	struct rig *rig;
	unsigned taken;
	uint16_t port;
};

/* Answers each, as a bridge would, and shuts the port to anything else. */
static void on_bpdu(void *ctx, uint16_t port, const struct frame *f,
		    uint64_t now)
{
	struct taker *t = ctx;

	t->taken++;
	t->port = port;
	bridge_port_set_state(t->rig->bridge, port, PORT_DISCARDING);
	bridge_transmit(t->rig->bridge, port, f, now);
}

static void bpdus_are_taken_after_their_burst(void **state)
{
	struct frame frames[3] = {make(0, 0, 8), make(1, 9, 7), make(2, 0, 6)};
	struct taker t = {.port = 0};
	struct rig rig;

	setup(&rig, false, false);
	t.rig = &rig;
	bridge_set_on_bpdu(rig.bridge, on_bpdu, &t);
	bridge_port_set_state(rig.bridge, 1, PORT_LEARNING);
	rig_input(&rig, 1, &frames[0], 1);
	assert_int_equal(t.taken, 1);
	assert_int_equal(fdb_count(bridge_fdb(rig.bridge)), 0);
	bridge_port_set_state(rig.bridge, 1, PORT_FORWARDING);
	rig_input(&rig, 1, frames, 3);
	assert_int_equal(t.taken, 3);
	assert_int_equal(t.port, 1);
	assert_int_equal(rig.ports[1].counters.drops[DROP_RX_BPDU], 3);
	assert_int_equal(rig.ports[1].counters.tx_frames, 3);
	assert_int_equal(rig.ports[2].counters.tx_frames, 1);
	rig_input(&rig, 1, frames, 3);
	assert_int_equal(rig.ports[1].counters.drops[DROP_RX_BPDU], 5);
	assert_int_equal(rig.ports[1].counters.drops[DROP_RX_DISCARDING], 1);
	assert_null(rig_unsound(&rig));
	bridge_set_on_bpdu(rig.bridge, NULL, NULL);
	bridge_port_set_state(rig.bridge, 1, PORT_FORWARDING);
	rig_input(&rig, 1, frames, 1);
	assert_int_equal(rig.ports[2].counters.tx_frames, 2);
	assert_int_equal(t.taken, 5);
	rig_done(&rig);
}

static void a_port_may_leave_while_it_is_answered(void **state)
{
	struct frame frames[2] = {make(0, 0, 8), make(1, 0, 8)};
	struct taker t = {.port = 0};
	struct rig rig;

	setup(&rig, false, false);
	t.rig = &rig;
	bridge_set_on_bpdu(rig.bridge, on_bpdu, &t);
	rig.ports[1].remove_in_send = true;
	rig_input(&rig, 1, frames, 2);
	assert_int_equal(t.taken, 1);
	assert_int_equal(rig.ports[1].counters.drops[DROP_RX_BPDU], 2);
	assert_false(bridge_port_exists(rig.bridge, 1));
	assert_null(rig_unsound(&rig));
	rig_done(&rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_forwarding_ports_pass_frames),
		cmocka_unit_test(a_known_port_that_is_shut_gets_nothing),
		cmocka_unit_test(a_hub_has_no_states),
		cmocka_unit_test(bpdus_are_taken_after_their_burst),
		cmocka_unit_test(a_port_may_leave_while_it_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
