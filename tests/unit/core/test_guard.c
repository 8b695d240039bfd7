/* SPDX-License-Identifier: MIT */
/* What a bridge does about ports that send more than they may. */
#include "tests/cmocka.h"

#include <string.h>

#include "tests/frames/rig.h"
#include "tests/frames/tcp.h"

static const struct bridge_port_conf plain = {
	.mtu = FRAME_MTU_MAX,
	.vlan = {.pvid = 1},
};

#define ALL   0xff /* last bytes of addresses */
#define GROUP 0xfe

static uint8_t bytes[FRAME_BURST][64];

/* The i-th of a burst, to and from stations by the last byte of their address.
 */
static struct frame make(unsigned i, uint8_t dst, uint8_t src)
{
	memset(bytes[i], 0, sizeof(bytes[i]));
	memset(bytes[i], dst == ALL ? 0xff : 0, 6);
	bytes[i][0] |= dst == GROUP ? 3 : 2;
	bytes[i][5] = dst;
	bytes[i][6] = 2;
	bytes[i][11] = src;
	bytes[i][12] = 0x88; /* IEEE local experimental 0x88b5 */
	bytes[i][13] = 0xb5;
	return (struct frame){.data = bytes[i], .len = 60};
}

static void feed(struct rig *rig, uint16_t port, uint8_t dst, uint8_t src)
{
	struct frame f = make(0, dst, src);

	rig_input(rig, port, &f, 1);
	assert_null(rig_unsound(rig));
}

static void setup(struct rig *rig, bool hub)
{
	rig_init(rig, hub, false, 64);
	for (uint16_t port = 1; port <= 4; port++)
		rig_add(rig, port, &plain);
}

static uint64_t dropped(const struct rig *rig, uint16_t port, enum drop why)
{
	return rig->ports[port].counters.drops[why];
}

/* --- Storms --------------------------------------------------------------- */

struct told {
	struct rig *rig;
	unsigned storms;
	uint16_t port;
	enum storm_class class;
	bool remove;
};

static void on_storm(void *ctx, uint16_t port, enum storm_class class)
{
	struct told *told = ctx;

	told->storms++;
	told->port = port;
	told->class = class;
	if (told->remove)
		bridge_port_remove(told->rig->bridge, port);
}

static void limit(struct rig *rig, struct told *told, enum storm_class class)
{
	struct bridge_port_conf conf = plain;

	setup(rig, false);
	*told = (struct told){.rig = rig};
	conf.storm.fps[class] = 1000; /* 50 at once */
	bridge_port_set(rig->bridge, 1, &conf);
	bridge_set_on_storm(rig->bridge, on_storm, told);
}

static void each_class_has_its_limit(void **state)
{
	static const uint8_t dsts[STORM_CLASS_COUNT] = {ALL, GROUP, 9};

	for (unsigned class = 0; class < STORM_CLASS_COUNT; class ++) {
		struct told told;
		struct rig rig;

		limit(&rig, &told, class);
		for (unsigned i = 0; i < 60; i++)
			for (unsigned k = 0; k < STORM_CLASS_COUNT; k++)
				feed(&rig, 1, dsts[k], 1);
		assert_int_equal(dropped(&rig, 1, DROP_RX_STORM), 10);
		assert_int_equal(rig.ports[2].counters.tx_frames, 170);
		assert_int_equal(told.storms, 1);
		assert_int_equal(told.port, 1);
		assert_int_equal(told.class, class);
		rig_done(&rig);
	}
}

static void known_unicast_and_other_ports_are_free(void **state)
{
	struct told told;
	struct rig rig;

	limit(&rig, &told, STORM_UNKNOWN);
	feed(&rig, 2, 1, 9);
	for (unsigned i = 0; i < 200; i++)
		feed(&rig, 1, 9, 1);
	for (unsigned i = 0; i < 200; i++)
		feed(&rig, 3, 77, 3);
	assert_int_equal(dropped(&rig, 1, DROP_RX_STORM), 0);
	assert_int_equal(dropped(&rig, 3, DROP_RX_STORM), 0);
	assert_int_equal(told.storms, 0);
	rig_done(&rig);
}

static void a_storm_begins_and_ends(void **state)
{
	struct frame frames[FRAME_BURST];
	struct told told;
	struct rig rig;

	limit(&rig, &told, STORM_BROADCAST);
	for (unsigned i = 0; i < FRAME_BURST; i++)
		frames[i] = make(i, ALL, 1);
	for (unsigned k = 0; k < 100; k++) {
		rig_input(&rig, 1, frames, FRAME_BURST);
		rig.now += RIG_SECOND / 100;
		assert_false(bridge_port_storm_over(rig.bridge, 1, rig.now));
	}
	assert_int_equal(told.storms, 1);
	assert_in_range(rig.ports[2].counters.tx_frames, 1000, 1050);
	rig.now += RIG_SECOND;
	assert_true(bridge_port_storm_over(rig.bridge, 1, rig.now));
	assert_false(bridge_port_storm_over(rig.bridge, 1, rig.now));
	rig_input(&rig, 1, frames, FRAME_BURST);
	assert_int_equal(told.storms, 2);
	assert_null(rig_unsound(&rig));
	rig_done(&rig);
}

static void super_frames_count_as_many(void **state)
{
	static uint8_t data[64 * 1024];
	struct tcp t = {.len = 20000, .ttl = 64};
	struct frame f = {.data = data, .len = tcp_build(&t, data)};
	struct told told;
	struct rig rig;

	memset(data, 0xff, 6);
	f.off = (struct offload){.flags = OFFLOAD_NEEDS_CSUM,
				 .gso_type = OFFLOAD_GSO_TCPV4,
				 .gso_size = 1000,
				 .csum_start = (uint16_t)tcp_at(data),
				 .csum_offset = 16};
	assert_true(offload_check(&f));
	limit(&rig, &told, STORM_BROADCAST);
	rig_input(&rig, 1, &f, 1);
	rig_input(&rig, 1, &f, 1);
	rig_input(&rig, 1, &f, 1);
	assert_int_equal(rig.ports[2].counters.tx_frames, 40);
	assert_int_equal(dropped(&rig, 1, DROP_RX_STORM), 20);
	assert_null(rig_unsound(&rig));
	rig_done(&rig);
}

static void a_port_may_be_shut_for_a_storm(void **state)
{
	struct frame frames[FRAME_BURST];
	struct told told;
	struct rig rig;

	limit(&rig, &told, STORM_BROADCAST);
	told.remove = true;
	for (unsigned i = 0; i < FRAME_BURST; i++)
		frames[i] = make(i, ALL, 1);
	rig_input(&rig, 1, frames, FRAME_BURST);
	assert_false(bridge_port_exists(rig.bridge, 1));
	assert_int_equal(rig.ports[2].counters.tx_frames, 50);
	assert_null(rig_unsound(&rig));
	rig_done(&rig);
}

/* A change of something else leaves the buckets as empty as they are. */
static void limits_change(void **state)
{
	struct bridge_port_conf conf = plain;
	struct told told;
	struct rig rig;

	limit(&rig, &told, STORM_BROADCAST);
	for (unsigned i = 0; i < 60; i++)
		feed(&rig, 1, ALL, 1);
	conf.storm.fps[STORM_BROADCAST] = 1000;
	conf.mtu = 1500;
	bridge_port_set(rig.bridge, 1, &conf);
	feed(&rig, 1, ALL, 1);
	assert_int_equal(dropped(&rig, 1, DROP_RX_STORM), 11);
	bridge_port_set(rig.bridge, 1, &plain);
	for (unsigned i = 0; i < 60; i++)
		feed(&rig, 1, ALL, 1);
	assert_int_equal(dropped(&rig, 1, DROP_RX_STORM), 11);
	rig_done(&rig);
}

static void a_hub_knows_no_storms(void **state)
{
	struct told told;
	struct rig rig;

	limit(&rig, &told, STORM_BROADCAST);
	bridge_set_mode(rig.bridge, BRIDGE_HUB);
	for (unsigned i = 0; i < 100; i++)
		feed(&rig, 1, ALL, 1);
	assert_int_equal(rig.ports[2].counters.tx_frames, 100);
	rig_done(&rig);
}

/* --- Port security -------------------------------------------------------- */

struct refusals {
	struct rig *rig;
	unsigned count;
	uint16_t port;
	uint8_t src; /* the last byte of its address */
	bool remove;
};

static void on_refuse(void *ctx, uint16_t port, const struct frame *f,
		      uint64_t now)
{
	struct refusals *r = ctx;

	assert_int_equal(now, r->rig->now);
	r->count++;
	r->port = port;
	r->src = frame_src(f)[5];
	if (r->remove)
		bridge_port_remove(r->rig->bridge, port);
}

/* Port 1 lets two addresses send. */
static void secure(struct rig *rig, struct refusals *r, bool sticky)
{
	struct bridge_port_conf conf = plain;

	setup(rig, false);
	*r = (struct refusals){.rig = rig};
	conf.learn = (struct fdb_port_conf){2, true, sticky};
	bridge_port_set(rig->bridge, 1, &conf);
	bridge_set_on_refuse(rig->bridge, on_refuse, r);
}

static int port_of(struct rig *rig, uint8_t station)
{
	const uint8_t mac[6] = {2, 0, 0, 0, 0, station};

	return fdb_lookup(bridge_fdb(rig->bridge), 0, mac);
}

/* Whether the trace says what becomes of the frame. */
static bool is_let_in(struct rig *rig, uint16_t port, uint8_t dst, uint8_t src)
{
	uint64_t before = dropped(rig, port, DROP_RX_SECURE);
	struct frame f = make(0, dst, src);
	struct bridge_decision d;
	bool let_in;

	bridge_decide(rig->bridge, port, &f, &d);
	feed(rig, port, dst, src);
	let_in = dropped(rig, port, DROP_RX_SECURE) == before;
	assert_int_equal(let_in, !(d.dropped && d.why == DROP_RX_SECURE));
	assert_true(let_in || !d.learn);
	return let_in;
}

static void the_first_may_send(void **state)
{
	struct refusals r;
	struct rig rig;

	secure(&rig, &r, false);
	assert_true(is_let_in(&rig, 1, ALL, 1));
	assert_true(is_let_in(&rig, 1, 77, 2));
	assert_int_equal(r.count, 0);
	assert_false(is_let_in(&rig, 1, ALL, 3));
	assert_int_equal(r.count, 1);
	assert_int_equal(r.port, 1);
	assert_int_equal(r.src, 3);
	assert_int_equal(port_of(&rig, 3), -1);
	assert_true(is_let_in(&rig, 1, ALL, 1));
	/* One that is known elsewhere stays there; and one that leaves makes
	 * room. */
	assert_true(is_let_in(&rig, 2, ALL, 3));
	assert_false(is_let_in(&rig, 1, ALL, 3));
	assert_int_equal(port_of(&rig, 3), 2);
	assert_true(is_let_in(&rig, 2, ALL, 1));
	assert_true(is_let_in(&rig, 1, ALL, 3));
	assert_int_equal(port_of(&rig, 3), 1);
	rig_done(&rig);
}

static void static_entries_are_apart(void **state)
{
	static const uint8_t own[6] = {2, 0, 0, 0, 0, 8};
	static const uint8_t other[6] = {2, 0, 0, 0, 0, 9};
	struct refusals r;
	struct rig rig;

	secure(&rig, &r, true);
	assert_true(fdb_add_static(bridge_fdb(rig.bridge), 0, own, 1, 0));
	assert_true(fdb_add_static(bridge_fdb(rig.bridge), 0, other, 2, 0));
	assert_true(is_let_in(&rig, 1, ALL, 8));
	assert_false(is_let_in(&rig, 1, ALL, 9)); /* nobody takes its name */
	assert_true(is_let_in(&rig, 1, ALL, 1));
	assert_true(is_let_in(&rig, 1, ALL, 2));
	assert_false(is_let_in(&rig, 1, ALL, 3));
	rig_done(&rig);
}

static void sticky_ones_stay(void **state)
{
	struct bridge_port_conf conf = plain;
	struct refusals r;
	struct fdb *fdb;
	struct rig rig;

	secure(&rig, &r, true);
	fdb = bridge_fdb(rig.bridge);
	assert_true(is_let_in(&rig, 1, ALL, 1));
	assert_true(is_let_in(&rig, 2, ALL, 2));
	assert_true(is_let_in(&rig, 1, ALL, 2)); /* it moves, and stays */
	rig.now += 2 * FDB_AGEING_DEFAULT;
	assert_int_equal(fdb_age(fdb, rig.now), 0);
	assert_int_equal(fdb_flush(fdb), 0);
	assert_int_equal(fdb_flush_port(fdb, 1), 0);
	assert_int_equal(fdb_flush_vid(fdb, 0), 0);
	/* Nobody else has their name, wherever he is, and is told so. */
	assert_false(is_let_in(&rig, 2, ALL, 2));
	assert_int_equal(r.port, 2);
	assert_int_equal(port_of(&rig, 2), 1);
	assert_false(is_let_in(&rig, 1, ALL, 3));
	/* The port goes down and comes back. */
	conf.learn = (struct fdb_port_conf){2, true, true};
	bridge_port_remove(rig.bridge, 1);
	assert_false(is_let_in(&rig, 2, ALL, 1));
	feed(&rig, 2, 1, 5);
	assert_int_equal(dropped(&rig, 2, DROP_RX_NO_EGRESS), 1);
	rig_add(&rig, 1, &conf);
	assert_true(is_let_in(&rig, 1, ALL, 1));
	assert_false(is_let_in(&rig, 1, ALL, 3));
	/* By hand, one of them; then all. */
	assert_true(fdb_delete(fdb, 0, (const uint8_t[]){2, 0, 0, 0, 0, 1}));
	assert_true(is_let_in(&rig, 1, ALL, 3));
	assert_int_equal(fdb_unstick_port(fdb, 1), 2);
	assert_true(is_let_in(&rig, 2, ALL, 1));
	rig_done(&rig);
}

static void sticky_is_changed(void **state)
{
	struct bridge_port_conf conf = plain;
	struct refusals r;
	struct fdb *fdb;
	struct rig rig;

	secure(&rig, &r, true);
	fdb = bridge_fdb(rig.bridge);
	feed(&rig, 1, ALL, 1);
	feed(&rig, 1, ALL, 2);
	conf.learn = (struct fdb_port_conf){2, true, true};
	conf.mtu = 1500;
	bridge_port_set(rig.bridge, 1, &conf);
	assert_int_equal(fdb_count(fdb), 2);
	conf.learn.limit = 3;
	bridge_port_set(rig.bridge, 1, &conf);
	assert_true(is_let_in(&rig, 1, ALL, 3));
	assert_true(fdb_set_limit(fdb, 100)); /* keeps all that */
	assert_false(is_let_in(&rig, 1, ALL, 4));
	conf.learn.sticky = false;
	bridge_port_set(rig.bridge, 1, &conf);
	assert_int_equal(fdb_count(fdb), 0);
	feed(&rig, 1, ALL, 1);
	feed(&rig, 1, ALL, 2);
	conf.learn.limit = 1; /* the older one goes */
	bridge_port_set(rig.bridge, 1, &conf);
	assert_int_equal(port_of(&rig, 1), -1);
	assert_int_equal(port_of(&rig, 2), 1);
	conf.learn.sticky = true;
	bridge_port_set(rig.bridge, 1, &conf);
	assert_int_equal(fdb_count(fdb), 0);
	bridge_set_vlan_aware(rig.bridge, true);
	feed(&rig, 1, ALL, 1);
	assert_int_equal(fdb_count(fdb), 1);
	conf.vlan.pvid = 2;
	bridge_port_set(rig.bridge, 1, &conf);
	assert_int_equal(fdb_count(fdb), 0);
	rig_done(&rig);
}

/* An entry that nothing can match any more is no one's room. */
static void sticky_ones_are_of_a_vlan(void **state)
{
	struct bridge_port_conf conf = plain;
	struct refusals r;
	struct rig rig;

	secure(&rig, &r, true);
	feed(&rig, 1, ALL, 1);
	feed(&rig, 1, ALL, 2);
	bridge_set_vlan_aware(rig.bridge, true);
	assert_true(is_let_in(&rig, 1, ALL, 3));
	assert_true(is_let_in(&rig, 1, ALL, 4));
	/* The port goes down, and comes back in another VLAN. */
	bridge_port_remove(rig.bridge, 1);
	conf.learn = (struct fdb_port_conf){2, true, true};
	rig_add(&rig, 1, &conf);
	assert_false(is_let_in(&rig, 1, ALL, 5));
	bridge_port_remove(rig.bridge, 1);
	conf.vlan.pvid = 2;
	rig_add(&rig, 1, &conf);
	assert_true(is_let_in(&rig, 1, ALL, 5));
	rig_done(&rig);
}

static void a_port_may_be_shut_for_an_address(void **state)
{
	struct frame frames[3] = {make(0, ALL, 1), make(1, ALL, 2),
				  make(2, ALL, 3)};
	struct refusals r;
	struct rig rig;

	secure(&rig, &r, true);
	r.remove = true;
	rig_input(&rig, 1, frames, 3);
	assert_false(bridge_port_exists(rig.bridge, 1));
	assert_int_equal(rig.ports[2].counters.tx_frames, 2);
	assert_int_equal(fdb_count(bridge_fdb(rig.bridge)), 2);
	assert_null(rig_unsound(&rig));
	rig_done(&rig);
}

/* What a strict port cannot learn cannot send; others' frames pass. */
static void a_table_full_of_static_entries(void **state)
{
	struct refusals r;
	struct rig rig;

	secure(&rig, &r, false);
	assert_true(fdb_set_limit(bridge_fdb(rig.bridge), 1));
	assert_true(fdb_add_static(bridge_fdb(rig.bridge), 0,
				   (const uint8_t[]){2, 0, 0, 0, 0, 8}, 3, 0));
	assert_false(is_let_in(&rig, 1, ALL, 1));
	assert_true(is_let_in(&rig, 2, ALL, 2));
	rig_done(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_class_has_its_limit),
		cmocka_unit_test(known_unicast_and_other_ports_are_free),
		cmocka_unit_test(a_storm_begins_and_ends),
		cmocka_unit_test(super_frames_count_as_many),
		cmocka_unit_test(a_port_may_be_shut_for_a_storm),
		cmocka_unit_test(limits_change),
		cmocka_unit_test(a_hub_knows_no_storms),
		cmocka_unit_test(the_first_may_send),
		cmocka_unit_test(static_entries_are_apart),
		cmocka_unit_test(sticky_ones_stay),
		cmocka_unit_test(sticky_is_changed),
		cmocka_unit_test(sticky_ones_are_of_a_vlan),
		cmocka_unit_test(a_port_may_be_shut_for_an_address),
		cmocka_unit_test(a_table_full_of_static_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
