/* SPDX-License-Identifier: MIT */
/* Which frames of a port are in its captures, and as what. */
#include "tests/unit/switchd/capture_lab.h"

#define TWO_PORTS "switches: {sw1: {ports: {a: mem, b: mem}}}\n"

static void each_frame_once_a_port_and_direction(void **state)
{
	struct capture_lab *f = *state;

	assert_int_equal(capture_lab_apply(f, TWO_PORTS
					   "captures:\n"
					   "- {of: [sw1.a, sw1.*], file: x}\n"
					   "- {of: sw1.a, file: rx, "
					   "direction: rx}\n"),
			 0);
	capture_lab_burst(f, "a", 1, 60, 2);
	capture_lab_burst(f, "b", 2, 1514, 1);
	assert_string_equal(capture_lab_read(f, "rx"), "0 rx 60 #1\n"
						       "0 rx 60 #1\n");
	assert_string_equal(capture_lab_read(f, "x"), "0 rx 60 #1\n"
						      "0 rx 60 #1\n"
						      "1 tx 60 #1\n"
						      "1 tx 60 #1\n"
						      "1 rx 1514 #2\n"
						      "0 tx 1514 #2\n");
	assert_null(capture_lab_port(f, "a")->captures);
}

/* As received, and as sent: the tag is there or not as on the wire. */
static void tags_are_as_on_the_wire(void **state)
{
	struct capture_lab *f = *state;

	assert_int_equal(capture_lab_apply(f,
					   "switches: {sw1: {ports: {\n"
					   "  a: {mem, vlan: 10},\n"
					   "  b: {mem, trunk: [10]}}}}\n"
					   "captures: [{of: all, file: x}]\n"),
			 0);
	capture_lab_burst(f, "a", 1, 60, 1);
	assert_string_equal(capture_lab_read(f, "x"), "0 rx 60 #1\n"
						      "1 tx 64 #1\n");
}

/* b takes nothing, and its ring has no room for a frame of 60014 bytes. */
static void refuse(struct capture_lab *f)
{
	struct swport *b = capture_lab_port(f, "b");
	uint64_t held;

	plug_mem_refuse(b->plug, true);
	do {
		held = b->plug->class->held(b->plug);
		capture_lab_burst(f, "a", 9, 60014, FRAME_BURST);
	} while (b->plug->class->held(b->plug) == held + FRAME_BURST);
	assert_true(b->counters.drops[DROP_TX_HOLD_FULL] > 0);
}

static void what_a_full_ring_refuses_was_not_sent(void **state)
{
	struct capture_lab *f = *state;
	const struct swport *b;
	uint64_t full;
	char want[200];

	assert_int_equal(capture_lab_apply(f, TWO_PORTS), 0);
	refuse(f);
	assert_int_equal(capture_lab_apply(f, TWO_PORTS
					   "captures:\n"
					   "- {of: sw1.b, file: x}\n"
					   "- {of: sw1.b, file: drops, "
					   "drops: yes}\n"),
			 0);
	b = capture_lab_port(f, "b");
	full = b->counters.drops[DROP_TX_HOLD_FULL];
	capture_lab_burst(f, "a", 1, 60014, 1);
	assert_int_equal(b->counters.drops[DROP_TX_HOLD_FULL], full + 1);
	plug_mem_refuse(b->plug, false);
	capture_lab_burst(f, "a", 2, 60, 1);
	assert_string_equal(capture_lab_read(f, "x"), "0 tx 60 #2\n");
	(void)snprintf(want, sizeof(want), "%s%s",
		       "0 tx 60014 #1 tx_hold_full\n", "0 tx 60 #2\n");
	assert_string_equal(capture_lab_read(f, "drops"), want);
}

/* A frame that is held has been sent, however long that takes. */
static void what_is_held_was_sent(void **state)
{
	struct capture_lab *f = *state;

	assert_int_equal(capture_lab_apply(f, TWO_PORTS
					   "captures: [{of: sw1.b, file: x}]"),
			 0);
	plug_mem_refuse(capture_lab_port(f, "b")->plug, true);
	capture_lab_burst(f, "a", 1, 60, 3);
	assert_string_equal(capture_lab_read(f, "x"), "0 tx 60 #1\n"
						      "0 tx 60 #1\n"
						      "0 tx 60 #1\n");
}

/* What the bridge drops came in, once; and never left. */
static void drops_of_the_bridge_have_their_reason(void **state)
{
	struct capture_lab *f = *state;

	assert_int_equal(
		capture_lab_apply(
			f, "switches: {sw1: {ports: {\n"
			   "  a: {mem, mtu: 1500}, b: {mem, mtu: 1000}}}}\n"
			   "captures:\n"
			   "- {of: all, file: x}\n"
			   "- {of: all, file: drops, drops: yes}\n"
			   "- {of: all, file: tx, drops: yes, "
			   "direction: tx}\n"),
		0);
	capture_lab_burst(f, "a", 1, 13, 1);
	capture_lab_burst(f, "a", 2, 1515, 1);
	capture_lab_burst(f, "a", 3, 1015, 1);
	capture_lab_burst(f, "a", 4, 1014, 1);
	assert_string_equal(capture_lab_read(f, "x"), "0 rx 13 #1\n"
						      "0 rx 1515 #2\n"
						      "0 rx 1015 #3\n"
						      "0 rx 1014 #4\n"
						      "1 tx 1014 #4\n");
	assert_string_equal(capture_lab_read(f, "drops"),
			    "0 rx 13 #1 rx_runt\n"
			    "0 rx 1515 #2 rx_giant\n"
			    "1 tx 1015 #3 tx_too_big\n"
			    "0 rx 1015 #3\n"
			    "0 rx 1014 #4\n"
			    "1 tx 1014 #4\n");
	assert_string_equal(capture_lab_read(f, "tx"),
			    "1 tx 1015 #3 tx_too_big\n"
			    "1 tx 1014 #4\n");
}

/* In whatever order port, bridge and capture come and go. */
static void drops_are_known_of_a_port_that_comes_back(void **state)
{
	struct capture_lab *f = *state;
	struct swport *a;

	assert_int_equal(capture_lab_apply(f, TWO_PORTS
					   "captures: [{of: sw1.a, file: x, "
					   "drops: yes}]"),
			 0);
	a = capture_lab_port(f, "a");
	plug_mem_vanish(a->plug, "unplugged");
	while (a->state != SWPORT_DOWN)
		(void)uv_run(&f->rig.loop, UV_RUN_NOWAIT);
	uv_timer_stop(&a->retry);
	assert_true(swport_open(a));
	capture_lab_burst(f, "a", 1, 10, 1);
	assert_string_equal(capture_lab_read(f, "x"), "0 rx 10 #0 rx_runt\n");
}

int main(void)
{
#define IN_A_LAB(test)                                                         \
	cmocka_unit_test_setup_teardown(test, capture_lab_begin,               \
					capture_lab_end)
	const struct CMUnitTest tests[] = {
		IN_A_LAB(each_frame_once_a_port_and_direction),
		IN_A_LAB(tags_are_as_on_the_wire),
		IN_A_LAB(what_a_full_ring_refuses_was_not_sent),
		IN_A_LAB(what_is_held_was_sent),
		IN_A_LAB(drops_of_the_bridge_have_their_reason),
		IN_A_LAB(drops_are_known_of_a_port_that_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
