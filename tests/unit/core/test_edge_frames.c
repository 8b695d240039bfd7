/* SPDX-License-Identifier: MIT */
/*
 * Frames at the edge of what Ethernet is: what kernel bridge, Open vSwitch and
 * vde_switch disagree about, and what becomes of it here. Each comes in on port
 * 1; ports 2 and 3 listen.
 */
#include "tests/cmocka.h"

#include <string.h>

#include "tests/frames/rig.h"

#define PASSES DROP_COUNT
#define A      0x02, 0, 0, 0, 0, 1
#define B      0x02, 0, 0, 0, 0, 2
#define SIZE   9100
#define HEAD(...)                                                              \
	(const uint8_t[])                                                      \
	{                                                                      \
		__VA_ARGS__                                                    \
	}

struct edge {
	struct rig rig;
	uint8_t bytes[SIZE];
};

static int begin(void **state)
{
	static const struct bridge_port_conf conf = {.mtu = 9000,
						     .vlan = {.pvid = 1}};
	struct edge *e = calloc(1, sizeof(*e));

	assert_non_null(e);
	rig_init(&e->rig, false, false, 8);
	for (uint16_t port = 1; port <= 3; port++)
		rig_add(&e->rig, port, &conf);
	*state = e;
	return 0;
}

static int end(void **state)
{
	struct edge *e = *state;

	assert_null(rig_unsound(&e->rig));
	rig_done(&e->rig);
	free(e);
	return 0;
}

static void check_sent(struct edge *e, uint16_t port, uint32_t len)
{
	struct hold_queue *q = &e->rig.ports[port].sent;
	const struct hold *h = hold_peek(q);

	if (!len) {
		assert_null(h);
		return;
	}
	assert_non_null(h);
	assert_int_equal(h->len, len);
	assert_memory_equal(h->data, e->bytes, len);
	hold_pop(q);
}

/* A frame that begins so and is len bytes long passes to ports 2 and 3 as it
 * is, or is dropped for this reason and its sender not learned, unless it was
 * only that nobody is to have it. */
static void check(struct edge *e, const uint8_t *head, size_t head_len,
		  uint32_t len, enum drop why)
{
	const struct frame f = {.data = e->bytes, .len = len};
	const struct counters *c = &e->rig.ports[1].counters;
	uint64_t before = why == PASSES ? c->rx_forwarded : c->drops[why];

	for (size_t i = 0; i < SIZE; i++)
		e->bytes[i] = (uint8_t)(i < head_len ? head[i] : i);
	(void)fdb_flush(bridge_fdb(e->rig.bridge));
	rig_input(&e->rig, 1, &f, 1);
	assert_int_equal(why == PASSES ? c->rx_forwarded : c->drops[why],
			 before + 1);
	for (uint16_t port = 1; port <= 3; port++)
		check_sent(e, port, why == PASSES && port != 1 ? len : 0);
	assert_int_equal(fdb_count(bridge_fdb(e->rig.bridge)),
			 why == PASSES || why == DROP_RX_SAME_PORT);
}

#define CHECK(len, why, ...)                                                   \
	check(*state, HEAD(__VA_ARGS__), sizeof(HEAD(__VA_ARGS__)), len, why)

static void runt(void **state)
{
	CHECK(0, DROP_RX_RUNT, B, A, 8, 0);
	CHECK(13, DROP_RX_RUNT, B, A, 8, 0);
}

static void bytes_14_and_20(void **state)
{
	CHECK(14, PASSES, B, A, 8, 0);
	CHECK(20, PASSES, B, A, 8, 0);
}

static void whole_or_not_at_all(void **state)
{
	struct bridge_port_conf small = {.mtu = 1500};
	struct edge *e = *state;
	struct frame f = {.data = e->bytes, .len = 1515};

	CHECK(1514, PASSES, B, A, 8, 0);
	CHECK(9014, PASSES, B, A, 8, 0);
	CHECK(9015, DROP_RX_GIANT, B, A, 8, 0);
	bridge_port_set(e->rig.bridge, 2, &small);
	rig_input(&e->rig, 1, &f, 1);
	check_sent(e, 2, 0);
	check_sent(e, 3, 1515);
	assert_int_equal(e->rig.ports[2].counters.drops[DROP_TX_TOO_BIG], 1);
}

static void group_source(void **state)
{
	CHECK(60, DROP_RX_BAD_SOURCE, B, 0x03, 0, 0, 0, 0, 1, 8, 0);
	CHECK(60, DROP_RX_BAD_SOURCE, B, 255, 255, 255, 255, 255, 255, 8, 0);
}

static void zero_source(void **state)
{
	CHECK(60, DROP_RX_BAD_SOURCE, B, 0, 0, 0, 0, 0, 0, 8, 0);
}

static void bpdu_without_a_tree(void **state)
{
	struct edge *e = *state;

	CHECK(60, PASSES, 1, 0x80, 0xc2, 0, 0, 0, A, 0, 38, 0x42, 0x42, 3);
	bridge_set_reserved(e->rig.bridge, 0);
	CHECK(60, DROP_RX_RESERVED, 1, 0x80, 0xc2, 0, 0, 0, A, 0, 38);
}

static void reserved_addresses(void **state)
{
	struct edge *e = *state;

	for (uint8_t n = 1; n <= 15; n++) {
		bridge_set_reserved(e->rig.bridge, BRIDGE_RESERVED_DEFAULT);
		CHECK(60, DROP_RX_RESERVED, 1, 0x80, 0xc2, 0, 0, n, A, 8, 0);
		bridge_set_reserved(e->rig.bridge,
				    (uint16_t)~BRIDGE_RESERVED_NEVER);
		CHECK(60, n == 1 ? DROP_RX_RESERVED : PASSES, 1, 0x80, 0xc2, 0,
		      0, n, A, 8, 0);
		bridge_set_reserved(e->rig.bridge, (uint16_t)(1u << n & ~2u));
		CHECK(60, DROP_RX_RESERVED, 1, 0x80, 0xc2, 0, 0,
		      (uint8_t)(n - 1), A, 8, 0);
	}
}

static void groups_that_are_not_reserved(void **state)
{
	CHECK(60, PASSES, 1, 0x80, 0xc2, 0, 0, 0x10, A, 8, 0);
	CHECK(60, PASSES, 1, 0x80, 0xc2, 0, 0, 0x20, A, 8, 0);
	CHECK(60, PASSES, 1, 0x80, 0xc2, 0, 0, 0x21, A, 8, 0);
	CHECK(60, PASSES, 1, 0x80, 0xc2, 0, 1, 0x02, A, 8, 0);
}

static void cut_tag(void **state)
{
	struct edge *e = *state;

	for (int aware = 0; aware < 2; aware++) {
		bridge_set_vlan_aware(e->rig.bridge, aware);
		for (uint32_t len = 14; len < 18; len++)
			CHECK(len, DROP_RX_VLAN_TRUNC, B, A, 0x81, 0, 0, 1);
	}
}

static void tags_where_none_is_looked_at(void **state)
{
	CHECK(60, PASSES, B, A, 0x81, 0, 0, 100, 8, 0);
	CHECK(60, PASSES, B, A, 0x81, 0, 0xa0, 0, 8, 0);
	CHECK(60, PASSES, B, A, 0x88, 0xa8, 0, 100, 8, 0);
	CHECK(60, PASSES, B, A, 0x88, 0xa8, 0, 100, 0x81, 0, 0, 5, 8, 0);
}

static void vid_4095(void **state)
{
	struct edge *e = *state;

	CHECK(60, PASSES, B, A, 0x81, 0, 0x0f, 0xff, 8, 0);
	bridge_set_vlan_aware(e->rig.bridge, true);
	CHECK(60, DROP_RX_VLAN_FILTERED, B, A, 0x81, 0, 0x0f, 0xff, 8, 0);
}

static void to_its_own_port(void **state)
{
	CHECK(60, DROP_RX_SAME_PORT, A, A, 8, 0);
}

static void lies_inside(void **state)
{
	CHECK(60, PASSES, B, A, 0, 200, 0x42, 0x42);
	CHECK(60, PASSES, B, A, 5, 0xff);
	CHECK(60, PASSES, B, A, 8, 0, 0x45, 0, 0xff, 0xff);
}

int main(void)
{
#define EDGE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	static const struct CMUnitTest tests[] = {
		EDGE(runt),
		EDGE(bytes_14_and_20),
		EDGE(whole_or_not_at_all),
		EDGE(group_source),
		EDGE(zero_source),
		EDGE(bpdu_without_a_tree),
		EDGE(reserved_addresses),
		EDGE(groups_that_are_not_reserved),
		EDGE(cut_tag),
		EDGE(tags_where_none_is_looked_at),
		EDGE(vid_4095),
		EDGE(to_its_own_port),
		EDGE(lies_inside),
	};
#undef EDGE

	return cmocka_run_group_tests(tests, NULL, NULL);
}
