/* SPDX-License-Identifier: MIT */
/*
 * Super-frames through the bridge: whole, but measured and counted as the wire
 * frames that they stand for.
 */
#include "tests/cmocka.h"

#include "tests/frames/rig.h"
#include "tests/frames/tcp.h"

#define PAYLOAD  10000
#define SIZE     1448 /* 1500 with the headers of IP and TCP */
#define SEGMENTS 7
#define BYTES    (SEGMENTS * 66 + PAYLOAD)

static uint8_t bytes[PAYLOAD + TCP_HEAD_MAX];

static struct frame make_super(const struct tcp *t, uint16_t size)
{
	struct frame f = {.data = bytes, .len = tcp_build(t, bytes)};

	f.off = (struct offload){.flags = OFFLOAD_NEEDS_CSUM,
				 .gso_type = t->udp ? OFFLOAD_GSO_UDP
						    : OFFLOAD_GSO_TCPV4,
				 .gso_size = size,
				 .csum_start = (uint16_t)tcp_at(bytes),
				 .csum_offset = t->udp ? 6 : 16};
	assert_true(offload_check(&f));
	return f;
}

static struct frame super(unsigned tags)
{
	struct tcp t = {.tags = tags, .ttl = 64, .options = 12, .len = PAYLOAD};

	return make_super(&t, SIZE);
}

/* Ports 0 to 2 with these mtus. */
static void start(struct rig *rig, bool hub, const uint32_t mtus[3])
{
	rig_init(rig, hub, false, 16);
	for (uint16_t i = 0; i < 3; i++) {
		struct bridge_port_conf conf = {.mtu = mtus[i]};

		rig_add(rig, i, &conf);
	}
}

static void stop(struct rig *rig)
{
	assert_null(rig_unsound(rig));
	rig_done(rig);
}

static void the_longest_wire_frame_is_measured(void **state)
{
	static const uint32_t mtus[3] = {1500, 1500, 1499};

	for (int hub = 0; hub < 2; hub++) {
		for (unsigned tags = 0; tags <= 2; tags++) {
			struct frame f = super(tags);
			const struct counters *c;
			struct rig rig;

			start(&rig, hub, mtus);
			rig_input(&rig, 0, &f, 1);
			c = &rig.ports[1].counters;
			assert_int_equal(rig.ports[1].sends, 1);
			assert_int_equal(rig.ports[1].sent.head->len, f.len);
			assert_int_equal(c->tx_frames, SEGMENTS);
			assert_int_equal(c->tx_bytes,
					 BYTES + SEGMENTS * 4 * tags);
			c = &rig.ports[2].counters;
			assert_int_equal(c->tx_offered, SEGMENTS);
			assert_int_equal(c->drops[DROP_TX_TOO_BIG], SEGMENTS);
			stop(&rig);
		}
	}
}

static void datagrams_are_measured_one_by_one(void **state)
{
	static const uint32_t mtus[3] = {1500, 1500, 1499};
	struct tcp t = {.udp = true, .ttl = 64, .len = PAYLOAD};

	for (t.tags = 0; t.tags <= 2; t.tags++) {
		struct frame f = make_super(&t, 1472);
		const struct counters *c;
		struct rig rig;

		start(&rig, false, mtus);
		rig_input(&rig, 0, &f, 1);
		c = &rig.ports[0].counters;
		assert_int_equal(c->rx_frames, SEGMENTS);
		c = &rig.ports[1].counters;
		assert_int_equal(c->tx_frames, SEGMENTS);
		assert_int_equal(c->tx_bytes,
				 SEGMENTS * (42 + 4 * t.tags) + PAYLOAD);
		c = &rig.ports[2].counters;
		assert_int_equal(c->drops[DROP_TX_TOO_BIG], SEGMENTS);
		stop(&rig);
	}
}

static void one_too_long_for_its_own_port_is_a_giant(void **state)
{
	static const uint32_t mtus[3] = {1499, 1500, 1500};
	struct frame f = super(0);
	const struct counters *c;
	struct rig rig;

	start(&rig, false, mtus);
	rig_input(&rig, 0, &f, 1);
	c = &rig.ports[0].counters;
	assert_int_equal(c->rx_frames, SEGMENTS);
	assert_int_equal(c->rx_bytes, BYTES);
	assert_int_equal(c->drops[DROP_RX_GIANT], SEGMENTS);
	stop(&rig);
}

/* Port 1 goes, as from inside a send(), with copies for it under way. */
static void remove_other(void *ctx, const struct wire *wires, unsigned n,
			 uint64_t now)
{
	struct rig_port *port = ctx;

	rig_send(port, wires, n, now);
	bridge_port_remove(port->rig->bridge, 1);
}

static void copies_for_a_port_that_goes_are_counted(void **state)
{
	struct bridge_port_conf conf = {.mtu = 1500};
	struct frame frames[2] = {super(0), super(0)};
	struct rig rig;

	rig_init(&rig, false, false, 16);
	rig_add(&rig, 2, &conf);
	assert_true(bridge_port_add(rig.bridge, 0, &conf, remove_other,
				    &rig.ports[0], &rig.ports[0].counters));
	rig_add(&rig, 1, &conf);
	rig_input(&rig, 2, frames, 2);
	assert_int_equal(rig.ports[0].counters.tx_frames, 2 * SEGMENTS);
	assert_int_equal(rig.ports[1].counters.drops[DROP_TX_DOWN],
			 2 * SEGMENTS);
	stop(&rig);
}

static void one_that_goes_nowhere_is_counted_as_many(void **state)
{
	struct bridge_port_conf conf = {.mtu = 1500};
	struct frame f = super(0);
	struct rig rig;

	rig_init(&rig, false, false, 16);
	rig_add(&rig, 0, &conf);
	rig_input(&rig, 0, &f, 1);
	assert_int_equal(rig.ports[0].counters.drops[DROP_RX_NO_EGRESS],
			 SEGMENTS);
	stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_wire_frame_is_measured),
		cmocka_unit_test(datagrams_are_measured_one_by_one),
		cmocka_unit_test(one_too_long_for_its_own_port_is_a_giant),
		cmocka_unit_test(copies_for_a_port_that_goes_are_counted),
		cmocka_unit_test(one_that_goes_nowhere_is_counted_as_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
