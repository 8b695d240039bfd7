/* SPDX-License-Identifier: MIT */
#include "switchd/swport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugs/plug_mem.h"
#include "switchd/lab.h"
#include "tests/cmocka.h"

/* A lab with one switch "sw1" with ports a and b, both UP. */
struct fixture {
	uv_loop_t loop;
	struct priv priv;
	struct lab lab;
	struct swport *a, *b;
};

static struct topo *parse(const char *text)
{
	struct topo_errors errors = {.count = 0};
	struct topo *topo = topo_parse(text, strlen(text), plug_kinds, &errors);

	assert_non_null(topo);
	return topo;
}

static int begin(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err;

	assert_non_null(f);
	log_open(LOG_LEVEL_ERR);
	assert_int_equal(uv_loop_init(&f->loop), 0);
	f->priv.ops = &priv_local;
	f->lab.loop = &f->loop;
	f->lab.io = io_engine_new(&f->loop, &err);
	f->lab.priv = &f->priv;
	lab_init(&f->lab);
	lab_apply(&f->lab, parse("switches: {sw1: {ports: {a: mem, b: mem}}}"));
	f->a = lab_find_port(&f->lab, "a", &err);
	f->b = lab_find_port(&f->lab, "b", &err);
	assert_non_null(f->a);
	assert_non_null(f->b);
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;

	lab_apply(&f->lab, topo_new());
	lab_done(&f->lab);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	io_engine_free(f->lab.io);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	free(f);
	return 0;
}

static void inject_broadcast(struct swport *port, uint8_t src)
{
	uint8_t bytes[60] = {255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, src};
	struct frame frame = {.data = bytes, .len = sizeof(bytes)};

	plug_mem_inject(port->plug, &frame, 1, 1000000000);
}

/* Rounds of the loop until the port is in this state; its timer is made to
 * fire at once, so nobody waits for seconds. */
static void reach(struct fixture *f, struct swport *port,
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
	struct fixture *f = *state;
	char name[SWPORT_NAME_SIZE];

	assert_string_equal(swport_full_name(f->a, name), "sw1.a");
	assert_string_equal(swport_state_name(SWPORT_DOWN), "down");
	assert_string_equal(swport_state_name(f->a->state), "up");
	assert_int_equal(swport_mtu(f->a->topo), FRAME_MTU_MAX);
}

static void test_a_peer_that_goes_takes_its_addresses_along(void **state)
{
	struct fixture *f = *state;
	struct fdb *fdb = bridge_fdb(f->a->sw->bridge);

	inject_broadcast(f->a, 1);
	assert_int_equal(fdb_count(fdb), 1);
	plug_mem_vanish(f->a->plug, "unplugged");
	assert_int_equal(f->a->state, SWPORT_CLOSING);
	assert_false(f->a->in_bridge);
	assert_int_equal(fdb_count(fdb), 0);
	assert_string_equal(f->a->reason.msg, "unplugged");
	/* A frame is not offered to it. */
	inject_broadcast(f->b, 2);
	assert_int_equal(f->a->counters.tx_offered, 0);
	reach(f, f->a, SWPORT_DOWN);
	reach(f, f->a, SWPORT_UP);
	assert_string_equal(f->a->reason.msg, "");
	inject_broadcast(f->b, 2);
	assert_int_equal(f->a->counters.tx_offered, 1);
}

static void test_tries_again_later_and_later(void **state)
{
	static const unsigned waits_s[] = {1, 2, 4, 8, 16, 30, 30};
	struct fixture *f = *state;

	plug_mem_fail_open(f->a->plug, "no such device");
	plug_mem_vanish(f->a->plug, "gone");
	for (size_t i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
		reach(f, f->a, SWPORT_DOWN);
		assert_int_equal(f->a->retry_s, waits_s[i]);
		assert_in_range(uv_timer_get_due_in(&f->a->retry),
				waits_s[i] * 1000 - 500, waits_s[i] * 1000);
		assert_string_equal(f->a->reason.msg,
				    i ? "no such device" : "gone");
		assert_false(swport_open(f->a));
	}
	plug_mem_fail_open(f->a->plug, NULL);
	reach(f, f->a, SWPORT_UP);
	assert_int_equal(f->a->retry_s, 0);
	assert_false(uv_is_active((uv_handle_t *)&f->a->retry));
}

static void test_can_be_removed_in_any_state(void **state)
{
	struct fixture *f = *state;

	plug_mem_fail_open(f->b->plug, "no such device");
	plug_mem_vanish(f->b->plug, "gone");
	reach(f, f->b, SWPORT_DOWN);
	assert_false(swport_open(f->b)); /* b waits for its next try */
	plug_mem_vanish(f->a->plug, "gone");
	assert_int_equal(f->a->state, SWPORT_CLOSING);
	lab_apply(&f->lab, parse("switches: {sw1: {ports: {c: mem}}}"));
	for (int i = 0; i < 10 && f->lab.closing > 0; i++)
		uv_run(&f->loop, UV_RUN_NOWAIT);
	assert_int_equal(f->lab.closing, 0);
	assert_int_equal(f->lab.switches->port_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

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
