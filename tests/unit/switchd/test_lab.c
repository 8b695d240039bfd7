/* SPDX-License-Identifier: MIT */
#include "switchd/lab.h"

#include "plugs/plug_mem.h"
#include "tests/unit/switchd/lab_rig.h"

/* Rounds of the loop until nothing is closing any more. */
static void settle(struct lab_rig *f)
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
	struct lab_rig *f = *state;

	assert_int_equal(lab_rig_apply(f, three), 0);
	inject(lab_rig_port(f, "sw1.a"), 0, 1);
	assert_int_equal(seen(lab_rig_port(f, "b")), 1);
	assert_int_equal(seen(lab_rig_port(f, "c")), 1);
	inject(lab_rig_port(f, "b"), 1, 2); /* known by now */
	assert_int_equal(seen(lab_rig_port(f, "a")), 1);
	assert_int_equal(seen(lab_rig_port(f, "c")), 1);
	assert_int_equal(lab_rig_port(f, "a")->counters.rx_frames, 1);
	assert_int_equal(lab_rig_port(f, "a")->counters.tx_frames, 1);
	assert_int_equal(fdb_count(bridge_fdb(f->lab.switches->bridge)), 2);
}

static void test_finding(void **state)
{
	struct lab_rig *f = *state;
	struct err err;

	lab_rig_apply(f, "switches:\n"
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

/* One that goes makes its place free; more than there are places share them. */
static void test_places(void **state)
{
	static const unsigned last = UINT8_MAX + 1;
	struct lab_rig *f = *state;
	char text[8192] = "switches:\n";
	char name[16];
	size_t len = strlen(text);

	for (unsigned i = 0; i <= last; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"  s%u: {}\n", i);
	assert_int_equal(lab_rig_apply(f, text), 0);
	for (unsigned i = 0; i < last; i++) {
		(void)snprintf(name, sizeof(name), "s%u", i);
		assert_int_equal(lab_find_switch(&f->lab, name)->env.place, i);
	}
	assert_int_equal(lab_find_switch(&f->lab, "s256")->env.place, 0);
	lab_rig_apply(f, "switches: {s0: {}, s2: {}}\n");
	lab_rig_apply(f, "switches: {s0: {}, s2: {}, new: {}}\n");
	assert_int_equal(lab_find_switch(&f->lab, "s2")->env.place, 2);
	assert_int_equal(lab_find_switch(&f->lab, "new")->env.place, 1);
}

static void test_what_stays_is_not_touched(void **state)
{
	struct lab_rig *f = *state;
	struct swport *a, *b;

	lab_rig_apply(f, three);
	a = lab_rig_port(f, "a");
	b = lab_rig_port(f, "b");
	inject(a, 0, 1);
	inject(b, 0, 2);
	lab_rig_apply(f, "switches:\n"
			 "  sw0: {ports: {z: mem}}\n"
			 "  sw1:\n"
			 "    ports: {new: mem, b: mem, a: {mem, mtu: 100}}\n");
	settle(f);
	assert_string_equal(f->lab.topo->name, "test");
	assert_string_equal(f->lab.switches->topo->name, "sw0");
	assert_ptr_equal(lab_rig_port(f, "a"), a);
	assert_ptr_equal(lab_rig_port(f, "b"), b);
	assert_int_equal(plug_mem_lives(a->plug), 1);
	assert_int_equal(a->plug->mtu, 100);
	assert_int_equal(a->counters.rx_frames, 1);
	assert_int_equal(lab_rig_port(f, "new")->state, SWPORT_UP);
	/* a and b are still known: no flood */
	inject(b, 1, 2);
	assert_int_equal(seen(a), 2);
	assert_int_equal(seen(lab_rig_port(f, "new")), 0);
}

static void test_vlan_words_change_while_running(void **state)
{
	struct lab_rig *f = *state;

	lab_rig_apply(
		f,
		"switches:\n"
		"  sw1:\n"
		"    ports: {a: {mem, vlan: 5}, b: {mem, vlan: 5}, c: mem}\n");
	inject(lab_rig_port(f, "a"), 0, 1);
	assert_int_equal(seen(lab_rig_port(f, "b")), 1);
	assert_int_equal(seen(lab_rig_port(f, "c")), 0);
	lab_rig_apply(f, "switches:\n"
			 "  sw1:\n"
			 "    ports: {a: {mem, vlan: 5}, b: mem,\n"
			 "            c: {mem, trunk: [5, 6], native: 6}}\n");
	inject(lab_rig_port(f, "a"), 0, 1);
	assert_int_equal(seen(lab_rig_port(f, "b")), 1);
	assert_int_equal(seen(lab_rig_port(f, "c")), 1);
	/* 60 bytes and a tag */
	assert_int_equal(
		hold_peek(plug_mem_record(lab_rig_port(f, "c")->plug))->len,
		64);
	inject(lab_rig_port(f, "c"), 0, 3); /* untagged: VLAN 6, nobody else */
	assert_int_equal(
		lab_rig_port(f, "c")->counters.drops[DROP_RX_NO_EGRESS], 1);
}

static void test_a_name_is_free_before_it_is_taken_again(void **state)
{
	struct lab_rig *f = *state;
	struct swport *old;

	lab_rig_apply(f, three);
	old = lab_rig_port(f, "a");
	/* Another number: the port is renewed. */
	assert_int_equal(
		lab_rig_apply(
			f,
			"switches:\n"
			"  sw1:\n"
			"    ports: {a: {mem, number: 9}, b: mem, c: mem}\n"),
		1);
	assert_ptr_not_equal(lab_rig_port(f, "a"), old);
	assert_int_equal(old->state, SWPORT_CLOSING);
	assert_string_equal(old->topo->name, "a");
	assert_int_equal(lab_rig_port(f, "a")->state, SWPORT_DOWN);
	settle(f);
	assert_int_equal(lab_rig_port(f, "a")->state, SWPORT_UP);
	inject(lab_rig_port(f, "b"), 0, 2);
	assert_int_equal(seen(lab_rig_port(f, "a")), 1);
}

static void test_a_new_plan_while_ports_are_closing(void **state)
{
	struct lab_rig *f = *state;

	lab_rig_apply(f, three);
	for (int i = 0; i < 5; i++) {
		lab_rig_apply(f, "switches: {}\n");
		lab_rig_apply(f, three);
	}
	settle(f);
	assert_int_equal(f->lab.switches->port_count, 3);
	assert_null(f->lab.leaving);
	inject(lab_rig_port(f, "a"), 0, 1);
	assert_int_equal(seen(lab_rig_port(f, "b")), 1);
}

static void test_switch_options_change_while_running(void **state)
{
	struct lab_rig *f = *state;
	struct fdb *fdb;

	lab_rig_apply(f, three);
	fdb = bridge_fdb(f->lab.switches->bridge);
	inject(lab_rig_port(f, "a"), 0, 1);
	inject(lab_rig_port(f, "b"), 0, 2);
	lab_rig_apply(f, "switches:\n"
			 "  sw1:\n"
			 "    fdb: {limit: 1}\n"
			 "    ports: {a: mem, b: mem, c: mem}\n");
	assert_ptr_equal(bridge_fdb(f->lab.switches->bridge), fdb);
	assert_int_equal(fdb_limit(fdb), 1);
	assert_int_equal(fdb_count(fdb), 1);
	lab_rig_apply(f, "switches:\n"
			 "  sw1:\n"
			 "    mode: hub\n"
			 "    ports: {a: mem, b: mem, c: mem}\n");
	inject(lab_rig_port(f, "b"), 1, 2);
	inject(lab_rig_port(f, "a"), 2, 1);
	assert_int_equal(seen(lab_rig_port(f, "c")), 4);
	assert_int_equal(fdb_count(fdb), 0);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, lab_rig_begin, lab_rig_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_start_and_forward),
		TEST(test_finding),
		TEST(test_places),
		TEST(test_what_stays_is_not_touched),
		TEST(test_vlan_words_change_while_running),
		TEST(test_a_name_is_free_before_it_is_taken_again),
		TEST(test_a_new_plan_while_ports_are_closing),
		TEST(test_switch_options_change_while_running),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
