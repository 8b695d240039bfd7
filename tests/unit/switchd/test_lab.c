/* SPDX-License-Identifier: MIT */
#include "switchd/lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugs/plug_mem.h"
#include "tests/cmocka.h"

struct fixture {
	uv_loop_t loop;
	struct priv priv;
	struct lab lab;
};

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
	assert_non_null(f->lab.io);
	f->lab.priv = &f->priv;
	snprintf(f->lab.name, sizeof(f->lab.name), "test");
	snprintf(f->lab.run_dir, sizeof(f->lab.run_dir),
		 "/tmp/labswitch-lab-XXXXXX");
	assert_non_null(mkdtemp(f->lab.run_dir));
	lab_init(&f->lab);
	*state = f;
	return 0;
}

/* Each test ends with nothing left in its loop and its directory. */
static int end(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(lab_apply(&f->lab, topo_new()), 0);
	lab_done(&f->lab);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	io_engine_free(f->lab.io);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	assert_int_equal(rmdir(f->lab.run_dir), 0);
	free(f);
	return 0;
}

static struct topo *parse(const char *text)
{
	struct topo_errors errors = {.count = 0};
	struct topo *topo = topo_parse(text, strlen(text), plug_kinds, &errors);

	if (!topo)
		fail_msg("%u: %s", errors.err[0].at.line, errors.err[0].msg);
	return topo;
}

static size_t apply(struct fixture *f, const char *text)
{
	return lab_apply(&f->lab, parse(text));
}

static struct swport *port_of(struct fixture *f, const char *name)
{
	struct err err;
	struct swport *port = lab_find_port(&f->lab, name, &err);

	if (!port)
		fail_msg("%s", err.msg);
	return port;
}

/* Rounds of the loop until nothing is closing any more. */
static void settle(struct fixture *f)
{
	for (int i = 0; i < 10 && f->lab.closing > 0; i++)
		uv_run(&f->loop, UV_RUN_NOWAIT);
	assert_int_equal(f->lab.closing, 0);
}

/* From the MAC that ends in src to the one that ends in dst (0: all). */
static void inject(struct swport *port, uint8_t dst, uint8_t src)
{
	uint8_t bytes[60] = {2, 0, 0, 0, 0, dst, 2, 0, 0, 0, 0, src, 8};
	struct frame frame = {.data = bytes, .len = sizeof(bytes)};

	if (dst == 0)
		memset(bytes, 0xff, 6);
	plug_mem_inject(port->plug, &frame, 1, 1000000000);
}

static size_t seen(struct swport *port)
{
	return plug_mem_record(port->plug)->frames;
}

static const char three[] = "switches:\n"
			    "  sw1:\n"
			    "    ports: {a: mem, b: mem, c: mem}\n";

static void test_start_and_forward(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(apply(f, three), 0);
	inject(port_of(f, "sw1.a"), 0, 1);
	assert_int_equal(seen(port_of(f, "b")), 1);
	assert_int_equal(seen(port_of(f, "c")), 1);
	inject(port_of(f, "b"), 1, 2); /* known by now */
	assert_int_equal(seen(port_of(f, "a")), 1);
	assert_int_equal(seen(port_of(f, "c")), 1);
	assert_int_equal(port_of(f, "a")->counters.rx_frames, 1);
	assert_int_equal(port_of(f, "a")->counters.tx_frames, 1);
	assert_int_equal(fdb_count(bridge_fdb(f->lab.switches->bridge)), 2);
}

static void test_finding(void **state)
{
	struct fixture *f = *state;
	struct err err;

	apply(f, "switches:\n"
		 "  sw1: {ports: {a: mem, b: {mem, number: 7}}}\n"
		 "  sw2: {ports: {a: mem}}\n");
	assert_ptr_equal(lab_find_port(&f->lab, "b", &err),
			 lab_port_numbered(lab_find_switch(&f->lab, "sw1"), 7));
	assert_null(lab_find_port(&f->lab, "a", &err));
	assert_string_equal(err.msg, "port 'a' is on more than one switch: say "
				     "sw1.a or sw2.a");
	assert_null(lab_find_port(&f->lab, "sw3.a", &err));
	assert_string_equal(err.msg, "there is no switch 'sw3'");
	assert_null(lab_find_port(&f->lab, "sw2.b", &err));
	assert_string_equal(err.msg, "switch 'sw2' has no port 'b'");
	assert_null(lab_find_port(&f->lab, "zz", &err));
	assert_string_equal(err.msg, "there is no port 'zz'");
	assert_null(lab_find_switch(&f->lab, "sw3"));
	assert_null(lab_port_numbered(lab_find_switch(&f->lab, "sw1"), 8));
}

static void test_what_stays_is_not_touched(void **state)
{
	struct fixture *f = *state;
	struct swport *a, *b;

	apply(f, three);
	a = port_of(f, "a");
	b = port_of(f, "b");
	inject(a, 0, 1);
	inject(b, 0, 2);
	apply(f, "switches:\n"
		 "  sw0: {ports: {z: mem}}\n"
		 "  sw1:\n"
		 "    ports: {new: mem, b: mem, a: {mem, mtu: 100}}\n");
	settle(f);
	assert_string_equal(f->lab.topo->name, "test");
	assert_string_equal(f->lab.switches->topo->name, "sw0");
	assert_ptr_equal(port_of(f, "a"), a);
	assert_ptr_equal(port_of(f, "b"), b);
	assert_int_equal(plug_mem_lives(a->plug), 1);
	assert_int_equal(a->plug->mtu, 100);
	assert_int_equal(a->counters.rx_frames, 1);
	assert_int_equal(port_of(f, "new")->state, SWPORT_UP);
	/* a and b are still known: no flood */
	inject(b, 1, 2);
	assert_int_equal(seen(a), 2);
	assert_int_equal(seen(port_of(f, "new")), 0);
}

static void test_vlan_words_change_while_running(void **state)
{
	struct fixture *f = *state;

	apply(f, "switches:\n"
		 "  sw1:\n"
		 "    ports: {a: {mem, vlan: 5}, b: {mem, vlan: 5}, c: mem}\n");
	inject(port_of(f, "a"), 0, 1);
	assert_int_equal(seen(port_of(f, "b")), 1);
	assert_int_equal(seen(port_of(f, "c")), 0);
	apply(f, "switches:\n"
		 "  sw1:\n"
		 "    ports: {a: {mem, vlan: 5}, b: mem,\n"
		 "            c: {mem, trunk: [5, 6], native: 6}}\n");
	inject(port_of(f, "a"), 0, 1);
	assert_int_equal(seen(port_of(f, "b")), 1);
	assert_int_equal(seen(port_of(f, "c")), 1);
	/* 60 bytes and a tag */
	assert_int_equal(hold_peek(plug_mem_record(port_of(f, "c")->plug))->len,
			 64);
	inject(port_of(f, "c"), 0, 3); /* untagged: VLAN 6, nobody else */
	assert_int_equal(port_of(f, "c")->counters.drops[DROP_RX_NO_EGRESS], 1);
}

static void test_a_name_is_free_before_it_is_taken_again(void **state)
{
	struct fixture *f = *state;
	struct swport *old;

	apply(f, three);
	old = port_of(f, "a");
	/* Another number: the port is renewed. */
	assert_int_equal(
		apply(f, "switches:\n"
			 "  sw1:\n"
			 "    ports: {a: {mem, number: 9}, b: mem, c: mem}\n"),
		1);
	assert_ptr_not_equal(port_of(f, "a"), old);
	assert_int_equal(old->state, SWPORT_CLOSING);
	assert_string_equal(old->topo->name, "a");
	assert_int_equal(port_of(f, "a")->state, SWPORT_DOWN);
	settle(f);
	assert_int_equal(port_of(f, "a")->state, SWPORT_UP);
	inject(port_of(f, "b"), 0, 2);
	assert_int_equal(seen(port_of(f, "a")), 1);
}

static void test_a_new_plan_while_ports_are_closing(void **state)
{
	struct fixture *f = *state;

	apply(f, three);
	for (int i = 0; i < 5; i++) {
		apply(f, "switches: {}\n");
		apply(f, three);
	}
	settle(f);
	assert_int_equal(f->lab.switches->port_count, 3);
	assert_null(f->lab.leaving);
	inject(port_of(f, "a"), 0, 1);
	assert_int_equal(seen(port_of(f, "b")), 1);
}

static void test_switch_options_change_while_running(void **state)
{
	struct fixture *f = *state;
	struct fdb *fdb;

	apply(f, three);
	fdb = bridge_fdb(f->lab.switches->bridge);
	inject(port_of(f, "a"), 0, 1);
	inject(port_of(f, "b"), 0, 2);
	apply(f, "switches:\n"
		 "  sw1:\n"
		 "    fdb: {limit: 1}\n"
		 "    ports: {a: mem, b: mem, c: mem}\n");
	assert_ptr_equal(bridge_fdb(f->lab.switches->bridge), fdb);
	assert_int_equal(fdb_limit(fdb), 1);
	assert_int_equal(fdb_count(fdb), 1);
	apply(f, "switches:\n"
		 "  sw1:\n"
		 "    mode: hub\n"
		 "    ports: {a: mem, b: mem, c: mem}\n");
	inject(port_of(f, "b"), 1, 2);
	inject(port_of(f, "a"), 2, 1);
	assert_int_equal(seen(port_of(f, "c")), 4);
	assert_int_equal(fdb_count(fdb), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_start_and_forward),
		TEST(test_finding),
		TEST(test_what_stays_is_not_touched),
		TEST(test_vlan_words_change_while_running),
		TEST(test_a_name_is_free_before_it_is_taken_again),
		TEST(test_a_new_plan_while_ports_are_closing),
		TEST(test_switch_options_change_while_running),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
