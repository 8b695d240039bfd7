/* SPDX-License-Identifier: MIT */
/* Ports that are isolated from each other, and ports that look on. */
#include "tests/cmocka.h"

#include <string.h>

#include "tests/frames/rig.h"

#define ALL 0xff /* last byte of an address */

static const struct bridge_port_conf plain = {
	.mtu = FRAME_MTU_MAX,
	.vlan = {.pvid = 1},
};

static uint8_t bytes[FRAME_BURST][2000];

/* The i-th of a burst, to and from stations by the last byte of their address;
 * tci is that of a C-tag, or -1. */
static struct frame make(unsigned i, uint8_t dst, uint8_t src, int tci)
{
	uint8_t *b = bytes[i];

	memset(b, 0, sizeof(bytes[i]));
	memset(b, dst == ALL ? 0xff : 0, 6);
	b[0] |= 2;
	b[5] = dst;
	b[6] = 2;
	b[11] = src;
	b[12] = 0x88; /* IEEE local experimental 0x88b5 */
	b[13] = 0xb5;
	if (tci >= 0)
		frame_write_tag(b + 12, (uint16_t)tci);
	return (struct frame){.data = b, .len = 60};
}

static void feed(struct rig *rig, uint16_t port, uint8_t dst, uint8_t src)
{
	struct frame f = make(0, dst, src, -1);
	struct bridge_decision d;

	bridge_decide(rig->bridge, port, &f, &d);
	rig_input(rig, port, &f, 1);
	assert_null(rig_unsound(rig));
	if (d.dropped)
		assert_true(rig->ports[port].counters.drops[d.why] > 0);
}

static uint64_t dropped(const struct rig *rig, uint16_t port, enum drop why)
{
	return rig->ports[port].counters.drops[why];
}

static uint64_t got(const struct rig *rig, uint16_t port)
{
	return rig->ports[port].counters.tx_frames;
}

/* --- Isolation ------------------------------------------------------------ */

/* Ports 1 and 2 are isolated, 3 is not. */
static void isolate(struct rig *rig, bool hub)
{
	struct bridge_port_conf conf = plain;

	rig_init(rig, hub, false, 64);
	rig_add(rig, 3, &plain);
	conf.isolated = true;
	rig_add(rig, 1, &conf);
	rig_add(rig, 2, &conf);
}

static void nothing_passes_between_isolated_ports(void **state)
{
	struct rig rig;

	isolate(&rig, false);
	feed(&rig, 1, ALL, 1);
	feed(&rig, 2, ALL, 2);
	feed(&rig, 3, ALL, 3);
	assert_int_equal(got(&rig, 1), 1);
	assert_int_equal(got(&rig, 2), 1);
	assert_int_equal(got(&rig, 3), 2);
	feed(&rig, 1, 2, 1); /* known there */
	assert_int_equal(dropped(&rig, 1, DROP_RX_ISOLATED), 1);
	feed(&rig, 1, 77, 1); /* unknown */
	assert_int_equal(got(&rig, 2), 1);
	assert_int_equal(got(&rig, 3), 3);
	feed(&rig, 1, 3, 1);
	feed(&rig, 3, 1, 3);
	assert_int_equal(got(&rig, 3), 4);
	assert_int_equal(got(&rig, 1), 2);
	assert_true(bridge_isolates(rig.bridge, 1, 2));
	assert_false(bridge_isolates(rig.bridge, 1, 3));
	assert_false(bridge_isolates(rig.bridge, 1, 9));
	rig_done(&rig);
}

static void a_flood_that_nobody_takes_says_why(void **state)
{
	struct rig rig;

	isolate(&rig, false);
	bridge_port_remove(rig.bridge, 3);
	feed(&rig, 1, ALL, 1);
	assert_int_equal(dropped(&rig, 1, DROP_RX_ISOLATED), 1);
	bridge_port_remove(rig.bridge, 2);
	feed(&rig, 1, ALL, 1);
	assert_int_equal(dropped(&rig, 1, DROP_RX_NO_EGRESS), 1);
	bridge_port_set(rig.bridge, 1, &plain);
	feed(&rig, 1, ALL, 1);
	assert_int_equal(dropped(&rig, 1, DROP_RX_NO_EGRESS), 2);
	rig_done(&rig);
}

static void a_hub_isolates_nobody(void **state)
{
	struct rig rig;

	isolate(&rig, true);
	feed(&rig, 1, ALL, 1);
	assert_int_equal(got(&rig, 2), 1);
	assert_false(bridge_isolates(rig.bridge, 1, 2));
	rig_done(&rig);
}

/* --- Mirrors -------------------------------------------------------------- */

#define SPY 9 /* the port that is mirror 1 */

/* What mirror 1 gets of port 1. Ports 2 and 3 are there, too. */
static void look_on(struct rig *rig, bool rx, bool tx)
{
	struct bridge_port_conf conf = plain;

	rig_init(rig, false, false, 64);
	conf.mirror = 1;
	rig_add(rig, SPY, &conf);
	conf = plain;
	conf.mirror_rx = rx;
	conf.mirror_tx = tx;
	rig_add(rig, 1, &conf);
	rig_add(rig, 2, &plain);
	rig_add(rig, 3, &plain);
}

static void each_direction_is_copied_once(void **state)
{
	for (int i = 1; i < 4; i++) {
		struct frame burst[FRAME_BURST];
		struct rig rig;

		look_on(&rig, i & 1, i & 2);
		for (unsigned k = 0; k < FRAME_BURST; k++)
			burst[k] = make(k, ALL, 1, -1);
		rig_input(&rig, 1, burst, FRAME_BURST);
		assert_int_equal(got(&rig, SPY), i & 1 ? FRAME_BURST : 0);
		rig_input(&rig, 2, burst, FRAME_BURST);
		assert_int_equal(got(&rig, SPY),
				 (i & 1 ? FRAME_BURST : 0) +
					 (i & 2 ? FRAME_BURST : 0));
		feed(&rig, 2, 3, 2); /* elsewhere: floods to 1 and 3 */
		feed(&rig, 3, 2, 3); /* does not come by */
		assert_int_equal(got(&rig, SPY),
				 (i & 1 ? FRAME_BURST : 0) +
					 (i & 2 ? FRAME_BURST + 1 : 0));
		assert_null(rig_unsound(&rig));
		rig_done(&rig);
	}
}

static void both_ends_are_copied_twice(void **state)
{
	struct bridge_port_conf conf = plain;
	struct rig rig;

	look_on(&rig, true, true);
	conf.mirror_rx = conf.mirror_tx = 1;
	bridge_port_set(rig.bridge, 2, &conf);
	feed(&rig, 2, ALL, 2); /* in on 2, out on 1 and 3 */
	assert_int_equal(got(&rig, SPY), 2);
	feed(&rig, 1, 2, 1);
	assert_int_equal(got(&rig, SPY), 4);
	rig_done(&rig);
}

static void what_is_dropped_is_copied_too(void **state)
{
	struct frame runt = make(0, ALL, 1, -1);
	struct rig rig;

	look_on(&rig, true, true);
	feed(&rig, 1, 1, 1); /* to itself */
	assert_int_equal(dropped(&rig, 1, DROP_RX_SAME_PORT), 1);
	assert_int_equal(got(&rig, SPY), 1);
	runt.len = 13; /* it could not be sent */
	rig_input(&rig, 1, &runt, 1);
	assert_int_equal(got(&rig, SPY), 1);
	assert_null(rig_unsound(&rig));
	rig_done(&rig);
}

static void a_mirror_only_looks_on(void **state)
{
	struct rig rig;

	look_on(&rig, false, false);
	feed(&rig, 2, ALL, 2);
	feed(&rig, SPY, ALL, 7);
	feed(&rig, SPY, 2, 7);
	assert_int_equal(got(&rig, SPY), 0);
	assert_int_equal(dropped(&rig, SPY, DROP_RX_MIRROR), 2);
	assert_int_equal(fdb_count(bridge_fdb(rig.bridge)), 1);
	assert_int_equal(got(&rig, 2), 0);
	bridge_set_mode(rig.bridge, BRIDGE_HUB);
	feed(&rig, 2, ALL, 2);
	feed(&rig, SPY, ALL, 7);
	assert_int_equal(got(&rig, SPY), 0);
	assert_int_equal(dropped(&rig, SPY, DROP_RX_MIRROR), 3);
	rig_done(&rig);
}

/* Who looks on at a wire is no third end of it. */
static void a_wire_has_mirrors_too(void **state)
{
	struct rig rig;

	look_on(&rig, true, false);
	bridge_set_mode(rig.bridge, BRIDGE_WIRE);
	feed(&rig, 1, ALL, 1);
	assert_int_equal(dropped(&rig, 1, DROP_RX_NO_EGRESS), 1);
	bridge_port_remove(rig.bridge, 3);
	feed(&rig, 1, ALL, 1);
	assert_int_equal(got(&rig, 2), 1);
	assert_int_equal(got(&rig, SPY), 2);
	bridge_port_remove(rig.bridge, 2);
	feed(&rig, 1, ALL, 1);
	assert_int_equal(got(&rig, SPY), 3);
	assert_int_equal(dropped(&rig, 1, DROP_RX_NO_EGRESS), 2);
	rig_done(&rig);
}

/* Tags are those of the wire of the port that is mirrored. */
static void tags_are_as_on_the_wire(void **state)
{
	struct bridge_port_conf trunk = plain, access = plain;
	struct frame f = make(0, ALL, 1, 0x6000 | 10);
	const struct hold *h;
	struct rig rig;

	rig_init(&rig, false, true, 64);
	trunk.mirror = 1;
	rig_add(&rig, SPY, &trunk);
	trunk = plain;
	trunk.mirror_rx = 1;
	vidset_add(&trunk.vlan.tagged, 10);
	rig_add(&rig, 1, &trunk);
	access.vlan.pvid = 10;
	access.mirror_tx = 1;
	rig_add(&rig, 2, &access);
	rig_input(&rig, 1, &f, 1);
	assert_int_equal(got(&rig, SPY), 2);
	h = hold_peek(&rig.ports[SPY].sent); /* in, with its tag */
	assert_int_equal(h->len, 60);
	assert_memory_equal(h->data, f.data, 60);
	hold_pop(&rig.ports[SPY].sent);
	h = hold_peek(&rig.ports[SPY].sent); /* out, without */
	assert_int_equal(h->len, 56);
	assert_memory_equal(h->data + 12, f.data + 16, 44);
	assert_null(rig_unsound(&rig));
	rig_done(&rig);
}

static void own_frames_of_the_bridge_are_copied(void **state)
{
	struct frame f = make(0, ALL, 1, -1);
	struct rig rig;

	look_on(&rig, false, true);
	bridge_transmit(rig.bridge, 1, &f, rig.now);
	assert_int_equal(got(&rig, SPY), 1);
	bridge_transmit(rig.bridge, SPY, &f, rig.now);
	assert_int_equal(got(&rig, SPY), 1);
	assert_null(rig_unsound(&rig));
	rig_done(&rig);
}

static void its_mtu_is_its_own(void **state)
{
	struct bridge_port_conf conf = plain;
	struct frame f = make(0, ALL, 1, 5);
	struct rig rig;

	look_on(&rig, true, false);
	conf.mirror = 1;
	conf.mtu = 1500;
	bridge_port_set(rig.bridge, SPY, &conf);
	f.len = 1518;
	rig_input(&rig, 1, &f, 1);
	assert_int_equal(got(&rig, SPY), 1);
	f.len = 1519;
	rig_input(&rig, 1, &f, 1);
	assert_int_equal(got(&rig, SPY), 1);
	assert_int_equal(dropped(&rig, SPY, DROP_TX_TOO_BIG), 1);
	assert_int_equal(got(&rig, 2), 2);
	assert_null(rig_unsound(&rig));
	rig_done(&rig);
}

static void mirrors_come_and_go(void **state)
{
	struct bridge_port_conf conf = plain;
	struct rig rig;

	look_on(&rig, true, true);
	rig.ports[SPY].remove_in_send = true;
	feed(&rig, 1, ALL, 1);
	assert_false(bridge_port_exists(rig.bridge, SPY));
	feed(&rig, 1, ALL, 1);
	assert_int_equal(got(&rig, SPY), 1);
	assert_int_equal(got(&rig, 2), 2);
	/* An ordinary port becomes one, and is forgotten. */
	feed(&rig, 3, ALL, 3);
	conf.mirror = 1;
	bridge_port_set(rig.bridge, 3, &conf);
	assert_int_equal(fdb_count(bridge_fdb(rig.bridge)), 1);
	feed(&rig, 1, ALL, 1);
	assert_int_equal(got(&rig, 3), 3);
	/* Its number is another's before it has got a new one. */
	bridge_port_set(rig.bridge, 2, &conf);
	conf.mirror = 2;
	bridge_port_set(rig.bridge, 3, &conf);
	feed(&rig, 1, ALL, 1);
	assert_int_equal(got(&rig, 3), 3);
	assert_int_equal(got(&rig, 2), 5);
	rig_done(&rig);
}

/* Several mirrors, and a source that leaves as it is sent to. */
static void mirrors_do_not_depend_on_each_other(void **state)
{
	struct bridge_port_conf conf = plain;
	struct rig rig;

	look_on(&rig, true, true);
	conf.mirror = BRIDGE_MIRRORS_MAX;
	rig_add(&rig, 10, &conf);
	conf.mirror = 0;
	conf.mirror_rx = conf.mirror_tx = 0x81;
	bridge_port_set(rig.bridge, 1, &conf);
	rig.ports[SPY].remove_in_send = true;
	rig.ports[1].remove_in_send = true;
	feed(&rig, 2, ALL, 2);
	assert_false(bridge_port_exists(rig.bridge, 1));
	assert_int_equal(got(&rig, SPY), 1);
	assert_int_equal(got(&rig, 10), 1);
	rig_done(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_passes_between_isolated_ports),
		cmocka_unit_test(a_flood_that_nobody_takes_says_why),
		cmocka_unit_test(a_hub_isolates_nobody),
		cmocka_unit_test(each_direction_is_copied_once),
		cmocka_unit_test(both_ends_are_copied_twice),
		cmocka_unit_test(what_is_dropped_is_copied_too),
		cmocka_unit_test(a_mirror_only_looks_on),
		cmocka_unit_test(a_wire_has_mirrors_too),
		cmocka_unit_test(tags_are_as_on_the_wire),
		cmocka_unit_test(own_frames_of_the_bridge_are_copied),
		cmocka_unit_test(its_mtu_is_its_own),
		cmocka_unit_test(mirrors_come_and_go),
		cmocka_unit_test(mirrors_do_not_depend_on_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
