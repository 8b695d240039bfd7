/* SPDX-License-Identifier: MIT */
#include "switchd/swport.h"

#include "plugs/plug_mem.h"
#include "tests/unit/switchd/lab_rig.h"

static int begin(void **state)
{
	(void)lab_rig_begin(state);
	return (int)lab_rig_apply(*state,
				  "switches: {sw1: {ports: {a: mem, b: mem}}}");
}

static void inject_broadcast(struct swport *port, uint8_t src)
{
	uint8_t bytes[60] = {255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, src};
	struct frame frame = {.data = bytes, .len = sizeof(bytes)};

	plug_mem_inject(port->plug, &frame, 1, 1000000000);
}

/* Rounds of the loop until the port is in this state; its timer is made to
 * fire at once, so nobody waits for seconds. */
static void reach(struct lab_rig *f, struct swport *port,
		  enum swport_state wanted)
{
	for (int i = 0; i < 20 && port->state != wanted; i++) {
		if (uv_is_active((uv_handle_t *)&port->retry))
			uv_timer_start(&port->retry, port->retry.timer_cb, 0,
				       0);
		uv_run(&f->loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(port->state, wanted);
}

static void test_names(void **state)
{
	struct lab_rig *f = *state;
	struct swport *a = lab_rig_port(f, "a");
	char name[SWPORT_NAME_SIZE];

	assert_string_equal(swport_full_name(a, name), "sw1.a");
	assert_string_equal(swport_state_name(a), "up");
	assert_null(swport_reason(a));
	assert_int_equal(swport_mtu(a->topo), FRAME_MTU_MAX);
}

static void test_a_peer_that_goes_takes_its_addresses_along(void **state)
{
	struct lab_rig *f = *state;
	struct swport *a = lab_rig_port(f, "a");
	struct swport *b = lab_rig_port(f, "b");
	struct fdb *fdb = bridge_fdb(a->sw->bridge);

	inject_broadcast(a, 1);
	assert_int_equal(fdb_count(fdb), 1);
	plug_mem_vanish(a->plug, "unplugged");
	assert_int_equal(a->state, SWPORT_CLOSING);
	assert_false(a->in_bridge);
	assert_int_equal(fdb_count(fdb), 0);
	assert_string_equal(a->reason.msg, "unplugged");
	/* A frame is not offered to it. */
	inject_broadcast(b, 2);
	assert_int_equal(a->counters.tx_offered, 0);
	reach(f, a, SWPORT_DOWN);
	reach(f, a, SWPORT_UP);
	assert_string_equal(a->reason.msg, "");
	inject_broadcast(b, 2);
	assert_int_equal(a->counters.tx_offered, 1);
}

static void test_tries_again_later_and_later(void **state)
{
	static const unsigned waits_s[] = {1, 2, 4, 8, 16, 30, 30};
	struct lab_rig *f = *state;
	struct swport *a = lab_rig_port(f, "a");

	plug_mem_fail_open(a->plug, "no such device");
	plug_mem_vanish(a->plug, "gone");
	for (size_t i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
		reach(f, a, SWPORT_DOWN);
		assert_int_equal(a->retry_s, waits_s[i]);
		assert_in_range(uv_timer_get_due_in(&a->retry),
				waits_s[i] * 1000 - 500, waits_s[i] * 1000);
		assert_string_equal(a->reason.msg,
				    i ? "no such device" : "gone");
		assert_false(swport_open(a));
	}
	plug_mem_fail_open(a->plug, NULL);
	reach(f, a, SWPORT_UP);
	assert_int_equal(a->retry_s, 0);
	assert_false(uv_is_active((uv_handle_t *)&a->retry));
}

static void test_can_be_removed_in_any_state(void **state)
{
	struct lab_rig *f = *state;
	struct swport *a = lab_rig_port(f, "a");
	struct swport *b = lab_rig_port(f, "b");

	plug_mem_fail_open(b->plug, "no such device");
	plug_mem_vanish(b->plug, "gone");
	reach(f, b, SWPORT_DOWN);
	assert_false(swport_open(b)); /* b waits for its next try */
	plug_mem_vanish(a->plug, "gone");
	assert_int_equal(a->state, SWPORT_CLOSING);
	lab_rig_apply(f, "switches: {sw1: {ports: {c: mem}}}");
	for (int i = 0; i < 10 && f->lab.closing > 0; i++)
		uv_run(&f->loop, UV_RUN_NOWAIT);
	assert_int_equal(f->lab.closing, 0);
	assert_int_equal(f->lab.switches->port_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, lab_rig_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names),
		TEST(test_a_peer_that_goes_takes_its_addresses_along),
		TEST(test_tries_again_later_and_later),
		TEST(test_can_be_removed_in_any_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
