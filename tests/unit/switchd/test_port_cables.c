/* SPDX-License-Identifier: MIT */
#include "switchd/port_cables.h"

#include "switchd/core/offload.h"
#include "tests/frames/tcp.h"
#include "tests/unit/switchd/impair_lab.h"

#define PORTS(words)                                                           \
	"switches: {sw1: {ports: {a: {mem" words "}, b: mem, c: mem}}}\n"

static void is_sound(struct lab_rig *f)
{
	static const char *const names[] = {"a", "b", "c"};

	for (int i = 0; i < 3; i++)
		check_sound(counters_of(f, names[i]),
			    port_cables_held(lab_rig_port(f, names[i])));
}

static void most_ports_have_none(void **state)
{
	struct lab_rig *f = *state;

	assert_int_equal(impair_apply(f, PORTS("")), 0);
	assert_null(lab_rig_port(f, "a")->cables);
	assert_int_equal(port_cables_held(lab_rig_port(f, "a")), 0);
}

static void what_goes_out_is_delayed(void **state)
{
	struct lab_rig *f = *state;
	uint64_t start;

	assert_int_equal(impair_apply(f, PORTS(", tx: 30ms")), 0);
	start = uv_hrtime();
	inject(f, "b", 2, 0, 3);
	inject(f, "a", 1, 0, 1);
	assert_int_equal(counters_of(f, "a")->tx_frames, 0);
	assert_int_equal(counters_of(f, "b")->tx_frames, 1);
	assert_int_equal(counters_of(f, "c")->tx_frames, 4);
	assert_int_equal(port_cables_held(lab_rig_port(f, "a")), 3);
	is_sound(f);
	await_sent(f, "a", 3);
	assert_true(uv_hrtime() - start >= 30 * MS);
	is_sound(f);
}

static void what_comes_in_is_delayed(void **state)
{
	struct lab_rig *f = *state;
	uint64_t start;

	assert_int_equal(impair_apply(f, PORTS(", rx: 30ms")), 0);
	start = uv_hrtime();
	inject(f, "a", 1, 0, 3);
	inject(f, "b", 2, 0, 1);
	assert_int_equal(counters_of(f, "a")->rx_frames, 0);
	assert_int_equal(counters_of(f, "c")->tx_frames, 1);
	is_sound(f);
	await_sent(f, "c", 4);
	assert_true(uv_hrtime() - start >= 30 * MS);
	assert_int_equal(counters_of(f, "a")->rx_frames, 3);
	is_sound(f);
}

/* What is not delayed passes in the call. */
static void loss_and_filter_are_counted(void **state)
{
	struct lab_rig *f = *state;

	(void)impair_apply(f, PORTS(", rx: {loss: 100%}, "
				    "tx: {drop: 'ether[59] & 1 = 1'}"));
	inject(f, "a", 1, 0, 4);
	assert_int_equal(counters_of(f, "a")->rx_frames, 4);
	assert_int_equal(counters_of(f, "a")->drops[DROP_RX_LOSS], 4);
	assert_int_equal(counters_of(f, "b")->tx_frames, 0);
	inject(f, "b", 2, 0, 10);
	assert_int_equal(counters_of(f, "a")->tx_frames, 5);
	assert_int_equal(counters_of(f, "a")->drops[DROP_TX_FILTER], 5);
	is_sound(f);
	(void)impair_apply(f, PORTS(", rx: {drop: 'ether[59] & 1 = 1'}, "
				    "tx: {loss: 100%}"));
	inject(f, "a", 1, 0, 4);
	inject(f, "b", 2, 0, 10);
	assert_int_equal(counters_of(f, "a")->drops[DROP_RX_FILTER], 2);
	assert_int_equal(counters_of(f, "a")->drops[DROP_TX_LOSS], 10);
	is_sound(f);
}

static void a_change_loses_nothing(void **state)
{
	struct lab_rig *f = *state;
	struct swport *a, *b;

	(void)impair_apply(f, PORTS(", rx: 1h, tx: 1h"));
	a = lab_rig_port(f, "a");
	b = lab_rig_port(f, "b");
	inject(f, "a", 1, 0, 2);
	inject(f, "b", 2, 0, 3);
	(void)impair_apply(f, PORTS(""));
	await_sent(f, "a", 3);
	await_sent(f, "b", 2);
	assert_ptr_equal(lab_rig_port(f, "a"), a);
	assert_ptr_equal(lab_rig_port(f, "b"), b);
	assert_true(cable_is_idle(&a->cables->rx));
	assert_true(cable_is_idle(&a->cables->tx));
	inject(f, "a", 1, 0, 2);
	assert_int_equal(counters_of(f, "b")->tx_frames, 4);
	is_sound(f);
}

/* More than a burst that arrives at one moment: the rest waits for nobody. */
static void what_is_due_together_arrives_together(void **state)
{
	struct lab_rig *f = *state;

	(void)impair_apply(f, PORTS(", rx: {delay: 30ms, duplicate: 100%}, "
				    "tx: {delay: 30ms, duplicate: 100%}"));
	inject(f, "a", 1, 0, FRAME_BURST);
	inject(f, "b", 2, 0, FRAME_BURST);
	await_sent(f, "c", FRAME_BURST + 2 * FRAME_BURST);
	await_sent(f, "a", 2 * FRAME_BURST);
	is_sound(f);
}

/* Gone with the plug, with the port, with the lab. */
static void what_is_under_way_is_counted_when_it_goes(void **state)
{
	struct lab_rig *f = *state;
	struct swport *a;

	assert_int_equal(impair_apply(f, PORTS(", rx: 1h, tx: 1h")), 0);
	a = lab_rig_port(f, "a");
	inject(f, "a", 1, 0, 2);
	inject(f, "b", 2, 0, 3);
	plug_mem_vanish(a->plug, "a test");
	assert_int_equal(a->counters.drops[DROP_RX_DOWN], 2);
	assert_int_equal(a->counters.rx_frames, 2);
	assert_int_equal(a->counters.rx_bytes, 120);
	assert_int_equal(a->counters.drops[DROP_TX_CLOSED], 3);
	is_sound(f);
	for (int i = 0; a->state != SWPORT_DOWN && i < 1000; i++)
		rounds(f, 1);
	swport_retry(a);
	inject(f, "a", 1, 0, 2);
	inject(f, "b", 2, 0, 3);
	(void)lab_rig_apply(f, "switches: {sw1: {ports: {b: mem, c: "
			       "{mem, rx: 1h}}}}\n");
	rounds(f, 3);
	inject(f, "c", 1, 0, 2);
}

/* Loss is of wire frames, so a segment of TCP that is many is cut. */
static void super_frames_are_cut_where_they_must(void **state)
{
	static uint8_t bytes[FRAME_MAX];
	const struct tcp t = {.ttl = 64, .flags = 0x10, .len = 20000};
	struct lab_rig *f = *state;
	const struct counters *a, *c;
	struct frame frame = {.data = bytes, .len = tcp_build(&t, bytes)};

	frame.off = (struct offload){.flags = OFFLOAD_NEEDS_CSUM,
				     .csum_start = (uint16_t)tcp_at(bytes),
				     .csum_offset = 16,
				     .gso_type = OFFLOAD_GSO_TCPV4,
				     .gso_size = 1000};
	(void)impair_apply(f, PORTS(", rx: {loss: 50%, seed: 1}"));
	a = counters_of(f, "a");
	c = counters_of(f, "c");
	for (int i = 0; i < 10; i++)
		plug_mem_inject(lab_rig_port(f, "a")->plug, &frame, 1,
				uv_hrtime());
	assert_int_equal(a->rx_frames, 200);
	assert_in_range(a->drops[DROP_RX_LOSS], 50, 150);
	assert_int_equal(c->tx_frames, 200 - a->drops[DROP_RX_LOSS]);
	is_sound(f);
	(void)impair_apply(f, PORTS(", rx: 1us"));
	plug_mem_inject(lab_rig_port(f, "a")->plug, &frame, 1, uv_hrtime());
	await_sent(f, "c", 220 - a->drops[DROP_RX_LOSS]);
	is_sound(f);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, lab_rig_begin, lab_rig_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(most_ports_have_none),
		TEST(what_goes_out_is_delayed),
		TEST(what_comes_in_is_delayed),
		TEST(loss_and_filter_are_counted),
		TEST(a_change_loses_nothing),
		TEST(what_is_due_together_arrives_together),
		TEST(what_is_under_way_is_counted_when_it_goes),
		TEST(super_frames_are_cut_where_they_must),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
