/* SPDX-License-Identifier: MIT */
/* Ports that are shut, and what the words of a file make of ports' bridges. */
#include "switchd/guard.h"

#include "plugs/plug_mem.h"
#include "tests/unit/switchd/lab_rig.h"

static int begin(void **state)
{
	(void)lab_rig_begin(state);
	log_open(LOG_LEVEL_ERR);
	return 0;
}

static void apply(struct lab_rig *f, const char *ports)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "switches: {sw1: {ports: {%s}}}",
		       ports);
	assert_int_equal(lab_rig_apply(f, text), 0);
}

/* A broadcast from 02:..:src comes in on port. */
static void inject(struct lab_rig *f, const char *port, uint8_t src)
{
	uint8_t bytes[60] = {255, 255, 255, 255, 255, 255, 2};
	struct frame frame = {.data = bytes, .len = sizeof(bytes)};

	bytes[11] = src;
	bytes[12] = 0x88; /* IEEE local experimental 0x88b5 */
	bytes[13] = 0xb5;
	plug_mem_inject(lab_rig_port(f, port)->plug, &frame, 1, uv_hrtime());
}

static const struct counters *counters(struct lab_rig *f, const char *port)
{
	return &lab_rig_port(f, port)->counters;
}

static const char *state_of(struct lab_rig *f, const char *port)
{
	return swport_state_name(lab_rig_port(f, port));
}

static void a_port_that_is_shut_passes_nothing(void **state)
{
	struct lab_rig *f = *state;
	struct swport *a;

	apply(f, "a: mem, b: mem");
	a = lab_rig_port(f, "a");
	inject(f, "a", 1);
	swport_shut(a, "by hand");
	assert_string_equal(state_of(f, "a"), "shut");
	assert_string_equal(swport_reason(a), "by hand; `switchctl port up "
					      "sw1.a` takes it up");
	assert_int_equal(fdb_count(bridge_fdb(a->sw->bridge)), 0);
	inject(f, "a", 1);
	inject(f, "b", 2);
	assert_int_equal(a->counters.rx_frames, 2);
	assert_int_equal(a->counters.drops[DROP_RX_SHUT], 1);
	assert_int_equal(a->counters.tx_offered, 0);
	/* It stays so while its plug goes and comes. */
	plug_mem_vanish(a->plug, "gone");
	for (int i = 0; i < 10 && a->state != SWPORT_DOWN; i++)
		uv_run(&f->loop, UV_RUN_NOWAIT);
	assert_string_equal(state_of(f, "a"), "shut");
	swport_retry(a);
	assert_int_equal(a->state, SWPORT_UP);
	assert_false(a->in_bridge);
	apply(f, "a: {mem, mtu: 1500}, b: mem"); /* nor does a change matter */
	assert_false(a->in_bridge);
	swport_lift(a);
	swport_lift(a);
	assert_string_equal(state_of(f, "a"), "up");
	assert_null(swport_reason(a));
	inject(f, "b", 2);
	assert_int_equal(a->counters.tx_frames, 1);
}

static void one_that_is_down_is_lifted_for_later(void **state)
{
	struct lab_rig *f = *state;
	struct swport *a;

	apply(f, "a: mem, b: mem");
	a = lab_rig_port(f, "a");
	swport_shut(a, "by hand");
	plug_mem_vanish(a->plug, "gone");
	swport_lift(a);
	assert_false(a->in_bridge);
	for (int i = 0; i < 10 && a->state != SWPORT_DOWN; i++)
		uv_run(&f->loop, UV_RUN_NOWAIT);
	assert_string_equal(state_of(f, "a"), "down");
	assert_string_equal(swport_reason(a), "gone");
	swport_retry(a);
	assert_true(a->in_bridge);
}

static void a_storm_shuts_its_port(void **state)
{
	struct lab_rig *f = *state;

	apply(f, "a: {mem, storm: {each: 1/s, action: shutdown}}, "
		 "b: {mem, storm: 1/s}, c: mem");
	for (int i = 0; i < 3; i++) {
		inject(f, "a", 1);
		inject(f, "b", 2);
	}
	assert_string_equal(state_of(f, "a"), "shut");
	assert_string_equal(state_of(f, "b"), "up");
	assert_int_equal(counters(f, "a")->drops[DROP_RX_STORM], 1);
	assert_int_equal(counters(f, "a")->drops[DROP_RX_SHUT], 1);
	assert_int_equal(counters(f, "b")->drops[DROP_RX_STORM], 2);
	assert_int_equal(counters(f, "c")->tx_frames, 2);
	swport_lift(lab_rig_port(f, "a"));
	inject(f, "a", 1);
	assert_int_equal(counters(f, "c")->tx_frames, 3);
}

static void a_stranger_shuts_its_port(void **state)
{
	struct lab_rig *f = *state;
	struct fdb *fdb;

	apply(f, "a: {mem, secure: {max: 1, action: shutdown, sticky: yes}}, "
		 "b: mem, c: {mem, fdb-limit: 1}");
	fdb = bridge_fdb(f->lab.switches->bridge);
	inject(f, "a", 1);
	inject(f, "a", 1);
	inject(f, "c", 3);
	inject(f, "c", 4);
	assert_int_equal(fdb_count(fdb), 2);
	inject(f, "b", 1); /* whose address is a's, for good */
	assert_int_equal(counters(f, "b")->drops[DROP_RX_SECURE], 1);
	assert_string_equal(state_of(f, "b"), "up");
	inject(f, "a", 2);
	assert_string_equal(state_of(f, "a"), "shut");
	inject(f, "b", 1);
	assert_int_equal(counters(f, "b")->drops[DROP_RX_SECURE], 2);
	/* It goes with its port. */
	apply(f, "b: mem, c: mem");
	assert_int_equal(fdb_count(fdb), 1);
	inject(f, "b", 1);
	assert_int_equal(counters(f, "b")->drops[DROP_RX_SECURE], 2);
}

/* Mirrors are known by their place in the file, which an apply may change. */
static void mirrors_follow_the_file(void **state)
{
	struct lab_rig *f = *state;

	apply(f, "a: mem, b: mem, s1: {mem, mirror: {of: a, direction: rx}}, "
		 "s2: {mem, mirror: {of: [b], direction: tx}}");
	inject(f, "a", 1);
	assert_int_equal(counters(f, "s1")->tx_frames, 1);
	assert_int_equal(counters(f, "s2")->tx_frames, 1);
	inject(f, "b", 2);
	assert_int_equal(counters(f, "s1")->tx_frames, 1);
	assert_int_equal(counters(f, "s2")->tx_frames, 1);
	apply(f, "s2: {mem, number: 4, mirror: all}, a: {mem, number: 1}, "
		 "b: {mem, number: 2}, s1: {mem, number: 3}");
	inject(f, "a", 1); /* in on a, out on b; s1 is a port now */
	assert_int_equal(counters(f, "s2")->tx_frames, 1 + 3);
	assert_int_equal(counters(f, "s1")->tx_frames, 2);
	inject(f, "s2", 9);
	assert_int_equal(counters(f, "s2")->drops[DROP_RX_MIRROR], 1);
}

static void isolated_ports_are_isolated(void **state)
{
	struct lab_rig *f = *state;

	apply(f, "a: {mem, isolated: yes}, b: {mem, isolated: yes}, c: mem");
	inject(f, "a", 1);
	assert_int_equal(counters(f, "b")->tx_frames, 0);
	assert_int_equal(counters(f, "c")->tx_frames, 1);
	apply(f, "a: {mem, isolated: yes}, b: mem, c: mem");
	inject(f, "a", 1);
	assert_int_equal(counters(f, "b")->tx_frames, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, lab_rig_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_port_that_is_shut_passes_nothing),
		TEST(one_that_is_down_is_lifted_for_later),
		TEST(a_storm_shuts_its_port),
		TEST(a_stranger_shuts_its_port),
		TEST(mirrors_follow_the_file),
		TEST(isolated_ports_are_isolated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
