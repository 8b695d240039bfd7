/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <string.h>

#include "tests/frames/rig.h"
#include "tests/frames/tcp.h"

#define NOT_DROPPED DROP_COUNT

static const struct bridge_port_conf plain = {
	.mtu = FRAME_MTU_MAX,
	.vlan = {.pvid = 1},
};

static uint8_t bytes[FRAME_MAX];

/* A frame of len bytes; tci is that of a C-tag, or -1. */
static struct frame make(uint64_t dst, uint64_t src, int tci, uint32_t len)
{
	memset(bytes, 0, sizeof(bytes));
	for (int i = 0; i < 6; i++) {
		bytes[i] = (uint8_t)(dst >> (40 - 8 * i));
		bytes[6 + i] = (uint8_t)(src >> (40 - 8 * i));
	}
	bytes[12] = 0x08;
	if (tci >= 0)
		frame_write_tag(bytes + 12, (uint16_t)tci);
	return (struct frame){.data = bytes, .len = len};
}

#define A   UINT64_C(0x020000000001)
#define B   UINT64_C(0x020000000002)
#define ALL UINT64_C(0xffffffffffff)

/* Frames in on port 1, with ports 2 and 3 listening; nobody is known. */
static const struct {
	uint64_t dst;
	uint64_t src;
	int tci;
	uint32_t len;
	enum drop hub;
	enum drop unaware;
	enum drop aware;
} edges[] = {
#define SAME(why)   why, why, why
#define SWITCH(why) NOT_DROPPED, why, why
	{B, A, -1, 0, SAME(DROP_RX_RUNT)},
	{B, A, -1, 13, SAME(DROP_RX_RUNT)},
	{B, A, -1, 14, SAME(NOT_DROPPED)},
	{B, A, -1, 20, SAME(NOT_DROPPED)},
	{B, A, -1, 1514, SAME(NOT_DROPPED)},
	{B, A, -1, 9014, SAME(NOT_DROPPED)},
	{B, A, -1, 14 + FRAME_MTU_MAX, SAME(NOT_DROPPED)},
	{B, A, -1, 15 + FRAME_MTU_MAX, SAME(DROP_RX_GIANT)},
	{B, 0x010000000001, -1, 60, SWITCH(DROP_RX_BAD_SOURCE)},
	{B, ALL, -1, 60, SWITCH(DROP_RX_BAD_SOURCE)},
	{B, 0, -1, 60, SWITCH(DROP_RX_BAD_SOURCE)},
	{0x0180c2000000, A, -1, 60, SAME(NOT_DROPPED)},
	{0x0180c2000001, A, -1, 60, SWITCH(DROP_RX_RESERVED)},
	{0x0180c2000002, A, -1, 60, SWITCH(DROP_RX_RESERVED)},
	{0x0180c2000003, A, -1, 60, SWITCH(DROP_RX_RESERVED)},
	{0x0180c200000d, A, -1, 60, SWITCH(DROP_RX_RESERVED)},
	{0x0180c200000e, A, -1, 60, SWITCH(DROP_RX_RESERVED)},
	{0x0180c200000f, A, -1, 60, SWITCH(DROP_RX_RESERVED)},
	{0x0180c2000010, A, -1, 60, SAME(NOT_DROPPED)},
	{0x0180c2000020, A, -1, 60, SAME(NOT_DROPPED)},
	{0x0180c2000021, A, -1, 60, SAME(NOT_DROPPED)},
	{B, A, 100, 14, SWITCH(DROP_RX_VLAN_TRUNC)},
	{B, A, 100, 15, SWITCH(DROP_RX_VLAN_TRUNC)},
	{B, A, 100, 16, SWITCH(DROP_RX_VLAN_TRUNC)},
	{B, A, 100, 17, SWITCH(DROP_RX_VLAN_TRUNC)},
	{B, A, 1, 18, SAME(NOT_DROPPED)},
	{B, A, 100, 60, NOT_DROPPED, NOT_DROPPED, DROP_RX_VLAN_FILTERED},
	{B, A, 0x6000, 60, SAME(NOT_DROPPED)},
	{B, A, 4095, 60, NOT_DROPPED, NOT_DROPPED, DROP_RX_VLAN_FILTERED},
	{A, A, -1, 60, SWITCH(DROP_RX_SAME_PORT)},
	{ALL, A, -1, 60, SAME(NOT_DROPPED)},
#undef SAME
#undef SWITCH
};

static void check_edge(size_t row, bool hub, bool aware)
{
	enum drop why = hub ? edges[row].hub : edges[row].unaware;
	struct frame f = make(edges[row].dst, edges[row].src, edges[row].tci,
			      edges[row].len);
	struct bridge_decision d;
	struct counters *in;
	struct rig rig;

	if (aware)
		why = edges[row].aware;
	rig_init(&rig, hub, aware, 8);
	for (uint16_t port = 1; port <= 3; port++)
		rig_add(&rig, port, &plain);
	bridge_decide(rig.bridge, 1, &f, &d);
	assert_int_equal(d.dropped ? d.why : NOT_DROPPED, why);
	rig_input(&rig, 1, &f, 1);
	in = &rig.ports[1].counters;
	if (why == NOT_DROPPED)
		assert_int_equal(in->rx_forwarded, 1);
	else
		assert_int_equal(in->drops[why], 1);
	for (uint16_t port = 1; port <= 3; port++) {
		const struct hold *h = hold_peek(&rig.ports[port].sent);

		assert_int_equal(h != NULL, why == NOT_DROPPED && port != 1);
		if (h && !aware) {
			assert_int_equal(h->len, f.len);
			assert_memory_equal(h->data, f.data, f.len);
		}
	}
	assert_int_equal(fdb_count(bridge_fdb(rig.bridge)), d.learn);
	assert_int_equal(d.learn, !hub && (why == NOT_DROPPED ||
					   why == DROP_RX_SAME_PORT));
	assert_null(rig_unsound(&rig));
	rig_done(&rig);
}

static void edge_frames(void **state)
{
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		check_edge(i, true, false);
		check_edge(i, false, false);
		check_edge(i, false, true);
	}
}

static void tags_pass_unaware_bridges_untouched(void **state)
{
	static const int tcis[] = {100, 0x6000, 4095, -1};
	struct rig rig;

	rig_init(&rig, false, false, 8);
	rig_add(&rig, 1, &plain);
	rig_add(&rig, 2, &plain);
	for (size_t i = 0; i < sizeof(tcis) / sizeof(tcis[0]); i++) {
		struct frame f = make(B, A, tcis[i], 60);

		rig_input(&rig, 1, &f, 1);
		assert_memory_equal(hold_peek(&rig.ports[2].sent)->data, f.data,
				    60);
		hold_pop(&rig.ports[2].sent);
	}
	rig_done(&rig);
}

static void a_burst_is_one_send_a_port(void **state)
{
	struct frame frames[FRAME_BURST];
	struct rig rig;

	rig_init(&rig, false, false, 8);
	for (uint16_t port = 1; port <= 4; port++)
		rig_add(&rig, port, &plain);
	fdb_learn(bridge_fdb(rig.bridge), 0, (uint8_t[]){2, 0, 0, 0, 0, 2}, 2,
		  rig.now);
	for (int i = 0; i < FRAME_BURST; i++)
		frames[i] = make(B, A, -1, 60);
	rig_input(&rig, 1, frames, FRAME_BURST);
	assert_int_equal(rig.ports[2].sends, 1);
	assert_int_equal(rig.ports[2].sent.frames, FRAME_BURST);
	assert_int_equal(rig.ports[3].sends, 0);
	assert_int_equal(rig.changes[FDB_LEARN], 2);
	for (int i = 0; i < FRAME_BURST; i++)
		frames[i] = make(ALL, A, -1, 60);
	rig_input(&rig, 1, frames, FRAME_BURST);
	for (uint16_t port = 2; port <= 4; port++)
		assert_int_equal(rig.ports[port].counters.tx_frames,
				 port == 2 ? 2 * FRAME_BURST : FRAME_BURST);
	assert_int_equal(rig.ports[3].sends, 1);
	assert_int_equal(rig.ports[1].sends, 0);
	assert_null(rig_unsound(&rig));
	rig_done(&rig);
}

static void offload_state_goes_along(void **state)
{
	struct bridge_port_conf trunk = {.mtu = 1500};
	static const struct tcp t = {.ttl = 64, .len = 100};
	struct frame f = {.data = bytes, .len = tcp_build(&t, bytes)};
	const struct hold *h;
	struct rig rig;

	vidset_add(&trunk.vlan.tagged, 1);
	rig_init(&rig, false, true, 8);
	rig_add(&rig, 1, &plain);
	rig_add(&rig, 2, &plain);
	rig_add(&rig, 3, &trunk);
	f.off = (struct offload){.flags = OFFLOAD_NEEDS_CSUM,
				 .hdr_len = 54,
				 .csum_start = 34,
				 .csum_offset = 16};
	rig_input(&rig, 1, &f, 1);
	h = hold_peek(&rig.ports[2].sent);
	assert_memory_equal(&h->off, &f.off, sizeof(f.off));
	h = hold_peek(&rig.ports[3].sent);
	assert_int_equal(h->off.csum_start, 38);
	assert_int_equal(h->off.hdr_len, 58);
	rig_done(&rig);
}

static void decides_what_it_does(void **state)
{
	struct frame f = make(B, A, -1, 60);
	struct bridge_decision d;
	struct rig rig;

	rig_init(&rig, false, true, 8);
	rig_add(&rig, 1, &plain);
	bridge_decide(rig.bridge, 1, &f, &d);
	assert_true(d.dropped && d.learn);
	assert_int_equal(d.why, DROP_RX_NO_EGRESS);
	rig_add(&rig, 2, &plain);
	bridge_decide(rig.bridge, 1, &f, &d);
	assert_false(d.dropped);
	assert_int_equal(d.flood, FLOOD_UNKNOWN);
	assert_int_equal(d.vlan.vid, 1);
	assert_int_equal(fdb_count(bridge_fdb(rig.bridge)), 0);
	fdb_learn(bridge_fdb(rig.bridge), 1, frame_dst(&f), 2, rig.now);
	bridge_decide(rig.bridge, 1, &f, &d);
	assert_int_equal(d.flood, FLOOD_NONE);
	assert_int_equal(d.egress, 2);
	f = make(ALL, A, -1, 60);
	bridge_decide(rig.bridge, 1, &f, &d);
	assert_int_equal(d.flood, FLOOD_BROADCAST);
	f = make(0x333300000001, A, -1, 60);
	bridge_decide(rig.bridge, 1, &f, &d);
	assert_int_equal(d.flood, FLOOD_MULTICAST);
	bridge_set_mode(rig.bridge, BRIDGE_HUB);
	bridge_decide(rig.bridge, 1, &f, &d);
	assert_int_equal(d.flood, FLOOD_HUB);
	assert_false(d.learn);
	rig_done(&rig);
}

static void tells_how_a_frame_would_leave(void **state)
{
	struct vlan_class class = {.vid = 1, .tci = 1};
	struct bridge_port_conf trunk = {.mtu = 1500};
	enum tag_op op;
	struct rig rig;

	vidset_add(&trunk.vlan.tagged, 1);
	rig_init(&rig, false, true, 8);
	rig_add(&rig, 1, &plain);
	rig_add(&rig, 2, &trunk);
	assert_true(bridge_egress(rig.bridge, 1, &class, &op));
	assert_int_equal(op, TAG_KEEP);
	assert_true(bridge_egress(rig.bridge, 2, &class, &op));
	assert_int_equal(op, TAG_PUSH);
	class.vid = 2;
	assert_false(bridge_egress(rig.bridge, 2, &class, &op));
	assert_false(bridge_egress(rig.bridge, 3, &class, &op));
	bridge_set_vlan_aware(rig.bridge, false);
	assert_true(bridge_egress(rig.bridge, 2, &class, &op));
	assert_int_equal(op, TAG_KEEP);
	rig_done(&rig);
}

/* Frames for who was known there do not end at a port that has left. */
static void a_change_of_vlans_forgets_who_was_there(void **state)
{
	struct frame to_a = make(A, B, -1, 60);
	struct bridge_port_conf conf = plain;
	struct bridge_decision d;
	struct rig rig;

	rig_init(&rig, false, true, 8);
	for (uint16_t port = 1; port <= 3; port++)
		rig_add(&rig, port, &plain);
	fdb_learn(bridge_fdb(rig.bridge), 1, frame_dst(&to_a), 2, rig.now);
	conf.mtu = 1500;
	bridge_port_set(rig.bridge, 2, &conf);
	bridge_decide(rig.bridge, 1, &to_a, &d);
	assert_int_equal(d.flood, FLOOD_NONE);
	conf.vlan.pvid = 20;
	bridge_port_set(rig.bridge, 2, &conf);
	bridge_decide(rig.bridge, 1, &to_a, &d);
	assert_false(d.dropped);
	assert_int_equal(d.flood, FLOOD_UNKNOWN);
	rig_done(&rig);
}

static void ports_come_and_go(void **state)
{
	struct frame f = make(ALL, A, -1, 60);
	struct rig rig;

	rig_init(&rig, false, false, 64);
	for (uint16_t port = 0; port < RIG_PORTS; port++) {
		assert_false(bridge_port_exists(rig.bridge, port));
		rig_add(&rig, port, &plain);
		assert_true(bridge_port_exists(rig.bridge, port));
	}
	assert_false(bridge_port_exists(rig.bridge, 4095));
	assert_false(bridge_port_exists(rig.bridge, UINT16_MAX));
	for (uint16_t port = 0; port < RIG_PORTS; port += 3)
		bridge_port_remove(rig.bridge, port);
	rig_input(&rig, 1, &f, 1);
	for (uint16_t port = 0; port < RIG_PORTS; port++)
		assert_int_equal(rig.ports[port].sent.frames,
				 port % 3 != 0 && port != 1);
	rig_done(&rig);
}

static void a_port_may_leave_while_it_is_sent_to(void **state)
{
	struct frame frames[2] = {make(ALL, A, -1, 60), make(ALL, A, -1, 60)};
	struct rig rig;

	rig_init(&rig, false, false, 8);
	for (uint16_t port = 1; port <= 4; port++)
		rig_add(&rig, port, &plain);
	rig.ports[2].remove_in_send = true;
	rig_input(&rig, 1, frames, 2);
	assert_false(bridge_port_exists(rig.bridge, 2));
	for (uint16_t port = 2; port <= 4; port++)
		assert_int_equal(rig.ports[port].counters.tx_frames, 2);
	assert_null(rig_unsound(&rig));
	rig_done(&rig);
}

/* Its neighbour goes first, with copies still to come. */
static void send_and_remove_next(void *ctx, const struct wire *wires,
				 unsigned n, uint64_t now)
{
	struct rig_port *port = ctx;

	rig_send(ctx, wires, n, now);
	bridge_port_remove(port->rig->bridge, port->number + 1);
}

static void copies_for_a_port_that_left_are_counted(void **state)
{
	struct frame f = make(ALL, A, -1, 60);
	struct rig rig;

	rig_init(&rig, false, false, 8);
	rig_add(&rig, 1, &plain);
	assert_true(bridge_port_add(rig.bridge, 2, &plain, send_and_remove_next,
				    &rig.ports[2], &rig.ports[2].counters));
	rig_add(&rig, 3, &plain);
	rig_add(&rig, 4, &plain);
	rig_input(&rig, 1, &f, 1);
	assert_int_equal(rig.ports[3].counters.drops[DROP_TX_DOWN], 1);
	assert_int_equal(rig.ports[3].sends, 0);
	assert_int_equal(rig.ports[4].sends, 1);
	assert_null(rig_unsound(&rig));
	rig_done(&rig);
}

static void parents_count_too(void **state)
{
	struct counters port = {.parent = NULL};
	struct counters client = {.parent = &port};

	counters_rx(&client, 1, 60);
	counters_forwarded(&client, 1);
	counters_offered(&client, 2);
	counters_tx(&client, 1, 70);
	counters_drop(&client, DROP_TX_HOLD_FULL, 1);
	client.parent = NULL;
	assert_memory_equal(&port, &client, sizeof(port));
	assert_int_equal(port.rx_bytes, 60);
	assert_int_equal(port.tx_bytes, 70);
}

static void floods_have_names(void **state)
{
	assert_string_equal(bridge_flood_name(FLOOD_NONE), "none");
	assert_string_equal(bridge_flood_name(FLOOD_UNKNOWN), "unknown");
	assert_string_equal(bridge_flood_name(FLOOD_HUB), "hub");
	bridge_free(NULL);
}

struct flood_log {
	unsigned count;
	enum bridge_flood last;
	uint16_t port;
	uint32_t len;
};

static void on_flood(void *ctx, uint16_t port, const struct frame *f,
		     const struct bridge_decision *d)
{
	struct flood_log *log = ctx;

	log->count++;
	log->last = d->flood;
	log->port = port;
	log->len = f->len;
}

/* Only what is flooded, and to somebody; nothing when nobody asks. */
static void tells_of_floods(void **state)
{
	struct flood_log log = {.count = 0};
	struct frame f;
	struct rig rig;

	rig_init(&rig, false, false, 10);
	bridge_set_on_flood(rig.bridge, on_flood, &log);
	rig_add(&rig, 1, &plain);
	f = make(B, A, -1, 60);
	rig_input(&rig, 1, &f, 1);
	assert_int_equal(log.count, 0); /* there is no other port */
	rig_add(&rig, 2, &plain);
	rig_input(&rig, 1, &f, 1);
	assert_int_equal(log.count, 1);
	assert_int_equal(log.last, FLOOD_UNKNOWN);
	assert_int_equal(log.port, 1);
	assert_int_equal(log.len, 60);
	f = make(ALL, B, -1, 64);
	rig_input(&rig, 2, &f, 1);
	assert_int_equal(log.last, FLOOD_BROADCAST);
	assert_int_equal(log.port, 2);
	f = make(0x01005e000001, B, -1, 64);
	rig_input(&rig, 2, &f, 1);
	assert_int_equal(log.last, FLOOD_MULTICAST);
	f = make(A, B, -1, 64);
	rig_input(&rig, 2, &f, 1); /* known */
	f = make(0x0180c2000001, B, -1, 64);
	rig_input(&rig, 2, &f, 1); /* dropped */
	assert_int_equal(log.count, 3);
	bridge_set_mode(rig.bridge, BRIDGE_HUB);
	rig_input(&rig, 2, &f, 1);
	assert_int_equal(log.last, FLOOD_HUB);
	assert_int_equal(log.count, 4);
	bridge_set_on_flood(rig.bridge, NULL, NULL);
	rig_input(&rig, 2, &f, 1);
	assert_int_equal(log.count, 4);
	rig_done(&rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(edge_frames),
		cmocka_unit_test(tags_pass_unaware_bridges_untouched),
		cmocka_unit_test(a_burst_is_one_send_a_port),
		cmocka_unit_test(offload_state_goes_along),
		cmocka_unit_test(decides_what_it_does),
		cmocka_unit_test(tells_how_a_frame_would_leave),
		cmocka_unit_test(a_change_of_vlans_forgets_who_was_there),
		cmocka_unit_test(ports_come_and_go),
		cmocka_unit_test(a_port_may_leave_while_it_is_sent_to),
		cmocka_unit_test(copies_for_a_port_that_left_are_counted),
		cmocka_unit_test(parents_count_too),
		cmocka_unit_test(floods_have_names),
		cmocka_unit_test(tells_of_floods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
