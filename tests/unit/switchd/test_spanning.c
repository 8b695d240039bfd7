/* SPDX-License-Identifier: MIT */
#include "switchd/spanning.h"

#include "plugs/plug_mem.h"
#include "switchd/core/bpdu.h"
#include "tests/unit/switchd/lab_rig.h"

#define TURNS_MAX 2000 /* of 5 ms at most */

/* A loop of three switches with a station on each. */
#define TRIANGLE                                                               \
	"switches:\n"                                                          \
	"  sw1: {stp: {priority: 0}, ports: {a: {mem, stp: {edge: yes}}}}\n"   \
	"  sw2: {stp: {priority: 4096}, ports: {b: {mem, stp: {edge: "         \
	"yes}}}}\n"                                                            \
	"  sw3: {stp: rstp, ports: {c: {mem, stp: {edge: yes}}}}\n"            \
	"links: [sw1 -- sw2, sw2 -- sw3, sw3 -- sw1]\n"

static struct stp_port_info info_of(struct lab_rig *f, const char *name)
{
	const struct swport *port = lab_rig_port(f, name);
	struct stp_port_info info;

	assert_non_null(port->sw->spanning.stp);
	stp_port_read(port->sw->spanning.stp, port->topo->conf.number, &info);
	return info;
}

/* Runs the loop until the port is in this state. */
static void await_state(struct lab_rig *f, const char *name, enum stp_role role,
			enum port_state state)
{
	struct stp_port_info info = info_of(f, name);

	for (int i = 0; i < TURNS_MAX; i++) {
		info = info_of(f, name);
		if (info.role == role && info.state == state)
			return;
		uv_run(&f->loop, UV_RUN_NOWAIT);
		usleep(5000);
	}
	fail_msg("%s: %s, %s", name, stp_role_name(info.role),
		 stp_state_name(info.state));
}

static void await_triangle(struct lab_rig *f)
{
	await_state(f, "sw2.sw1--sw2", STP_ROLE_ROOT, PORT_FORWARDING);
	await_state(f, "sw3.sw3--sw1", STP_ROLE_ROOT, PORT_FORWARDING);
	await_state(f, "sw1.sw1--sw2", STP_ROLE_DESIGNATED, PORT_FORWARDING);
	await_state(f, "sw1.sw3--sw1", STP_ROLE_DESIGNATED, PORT_FORWARDING);
	await_state(f, "sw2.sw2--sw3", STP_ROLE_DESIGNATED, PORT_FORWARDING);
	await_state(f, "sw3.sw2--sw3", STP_ROLE_ALTERNATE, PORT_DISCARDING);
}

static void inject(struct lab_rig *f, const char *port, const uint8_t *bytes,
		   uint32_t len)
{
	const struct frame frame = {.data = bytes, .len = len};

	plug_mem_inject(lab_rig_port(f, port)->plug, &frame, 1, uv_hrtime());
}

static void broadcast(struct lab_rig *f, const char *port)
{
	uint8_t bytes[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,
			     0,    0,    0,    0,    1,    0x88, 0xb5};

	inject(f, port, bytes, sizeof(bytes));
	for (int i = 0; i < 100; i++)
		uv_run(&f->loop, UV_RUN_NOWAIT);
}

/* How many frames have left there that were no BPDUs. */
static unsigned arrived(struct lab_rig *f, const char *port)
{
	struct hold_queue *q = plug_mem_record(lab_rig_port(f, port)->plug);
	const struct hold *hold;
	unsigned count = 0;

	while ((hold = hold_peek(q))) {
		count += !bpdu_is_for(hold->data);
		hold_pop(q);
	}
	return count;
}

static void a_loop_becomes_a_tree(void **state)
{
	struct lab_rig *f = *state;

	assert_int_equal(lab_rig_apply(f, TRIANGLE), 0);
	await_triangle(f);
	broadcast(f, "a");
	assert_int_equal(arrived(f, "b"), 1);
	assert_int_equal(arrived(f, "c"), 1);
	link_set(link_find(&f->lab, "sw3--sw1"), true, true, true);
	await_state(f, "sw3.sw2--sw3", STP_ROLE_ROOT, PORT_FORWARDING);
	broadcast(f, "c");
	assert_int_equal(arrived(f, "a"), 1);
	assert_int_equal(arrived(f, "b"), 1);
	assert_int_equal(info_of(f, "sw3.sw3--sw1").role, STP_ROLE_DISABLED);
	link_set(link_find(&f->lab, "sw3--sw1"), true, true, false);
	await_triangle(f);
}

/* No frame passes a port before the tree lets it. */
static void a_port_begins_by_discarding(void **state)
{
	struct lab_rig *f = *state;

	assert_int_equal(lab_rig_apply(f, "switches: {s: {stp: rstp, ports: {"
					  "a: {mem, stp: {edge: yes}}, "
					  "b: {mem, stp: {edge: no}}}}}"),
			 0);
	broadcast(f, "b");
	broadcast(f, "b");
	assert_int_equal(
		lab_rig_port(f, "b")->counters.drops[DROP_RX_DISCARDING], 2);
	assert_int_equal(arrived(f, "a"), 0);
	assert_int_equal(info_of(f, "a").state, PORT_FORWARDING);
	assert_true(info_of(f, "a").edge);
	plug_mem_vanish(lab_rig_port(f, "a")->plug, "gone");
	assert_false(info_of(f, "a").up);
	uv_run(&f->loop, UV_RUN_NOWAIT);
	swport_retry(lab_rig_port(f, "a"));
	await_state(f, "a", STP_ROLE_DESIGNATED, PORT_FORWARDING);
}

static void off_and_on_while_it_runs(void **state)
{
	struct lab_rig *f = *state;
	struct lab_switch *sw;

	assert_int_equal(lab_rig_apply(f, "switches: {s: {ports: {a: mem, "
					  "b: mem}}}"),
			 0);
	sw = lab_find_switch(&f->lab, "s");
	assert_null(sw->spanning.stp);
	broadcast(f, "a");
	assert_int_equal(arrived(f, "b"), 1);
	assert_int_equal(lab_rig_apply(f, "switches: {s: {stp: stp, ports: {"
					  "a: mem, b: {mem, stp: 7}}}}"),
			 0);
	broadcast(f, "a");
	assert_int_equal(arrived(f, "b"), 0);
	assert_int_equal(info_of(f, "a").cost, STP_COST_DEFAULT);
	assert_int_equal(info_of(f, "b").cost, 7);
	assert_false(info_of(f, "b").rstp);
	assert_int_equal(lab_rig_apply(f, "switches: {s: {stp: rstp, ports: {"
					  "a: mem, b: {mem, stp: 8}}}}"),
			 0);
	assert_int_equal(info_of(f, "b").cost, 8);
	assert_true(info_of(f, "b").rstp);
	assert_int_equal(lab_rig_apply(f, "switches: {s: {ports: {a: mem, "
					  "b: mem}}}"),
			 0);
	assert_null(sw->spanning.stp);
	broadcast(f, "a");
	assert_int_equal(arrived(f, "b"), 1);
}

static void ports_come_and_go(void **state)
{
	struct lab_rig *f = *state;
	struct stp *stp;

	assert_int_equal(lab_rig_apply(f, TRIANGLE), 0);
	await_triangle(f);
	(void)lab_rig_apply(f, "switches:\n"
			       "  sw1: {stp: {priority: 0}}\n"
			       "  sw3: {stp: rstp, ports: {d: {mem, "
			       "number: 1}}}\n"
			       "links: [sw3 -- sw1]\n");
	stp = lab_find_switch(&f->lab, "sw3")->spanning.stp;
	assert_int_equal(stp_port_next(stp, 0), 1);
	assert_int_equal(info_of(f, "d").role, STP_ROLE_DISABLED);
	await_state(f, "sw3.sw3--sw1", STP_ROLE_ROOT, PORT_FORWARDING);
	await_state(f, "d", STP_ROLE_DESIGNATED, PORT_DISCARDING);
}

/* Two bridges on one link, and more on one with a hub at its end. */
static void who_else_may_be_there(void **state)
{
	struct lab_rig *f = *state;

	assert_int_equal(lab_rig_apply(f, "switches: {a: {stp: rstp}, "
					  "b: {stp: rstp}, h: {mode: hub}}\n"
					  "links: [a -- b, a -- h, b -- h: "
					  "{stp: {point-to-point: yes}}]"),
			 0);
	await_state(f, "a.a--h", STP_ROLE_DESIGNATED, PORT_DISCARDING);
	assert_true(info_of(f, "a.a--b").p2p);
	assert_false(info_of(f, "a.a--h").p2p);
	assert_true(info_of(f, "b.b--h").p2p);
	assert_int_equal(lab_rig_apply(f, "switches: {a: {stp: rstp}, "
					  "b: {stp: rstp}, h: {}}\n"
					  "links: [a -- b, a -- h, b -- h: "
					  "{stp: {point-to-point: no}}]"),
			 0);
	assert_false(info_of(f, "b.b--h").p2p);
	for (int i = 0; i < TURNS_MAX && !info_of(f, "a.a--h").p2p; i++) {
		uv_run(&f->loop, UV_RUN_NOWAIT);
		usleep(5000);
	}
	assert_true(info_of(f, "a.a--h").p2p);
}

static void a_slow_link_costs_more(void **state)
{
	struct lab_rig *f = *state;

	assert_int_equal(lab_rig_apply(f, "switches: {a: {stp: rstp}, b: {}}\n"
					  "links: [a -- b: {name: l, "
					  "rate: 10mbit}, "
					  "a -- b: {name: m, forth: "
					  "{rate: 1kbit}}]"),
			 0);
	assert_int_equal(info_of(f, "a.l").cost, 2000000);
	assert_int_equal(info_of(f, "a.m").cost, STP_COST_MAX);
	assert_int_equal(lab_rig_apply(f, "switches: {a: {stp: rstp}, b: {}}\n"
					  "links: [a -- b: {name: l, "
					  "rate: 100mbit}, "
					  "a -- b: {name: m, stp: 7, "
					  "forth: {rate: 1kbit}}]"),
			 0);
	assert_int_equal(info_of(f, "a.l").cost, 200000);
	assert_int_equal(info_of(f, "a.m").cost, 7);
}

static void begins_anew(void **state)
{
	struct lab_rig *f = *state;

	assert_int_equal(lab_rig_apply(f, TRIANGLE), 0);
	await_triangle(f);
	spanning_restart(lab_find_switch(&f->lab, "sw1"));
	assert_int_equal(info_of(f, "sw1.sw1--sw2").state, PORT_DISCARDING);
	await_triangle(f);
}

static void guards(void **state)
{
	struct bpdu bpdu = {
		.type = BPDU_RST,
		.role = BPDU_DESIGNATED,
		.vector = {.root = 1, .bridge = 1, .port = 0x8001},
		.times = {.max_age = 20, .forward_delay = 15, .hello = 2},
	};
	const struct mac mac = {{2, 0, 0, 0, 0, 9}};
	struct lab_rig *f = *state;
	uint8_t frame[BPDU_FRAME];

	bpdu_emit(&bpdu, &mac, frame);
	assert_int_equal(lab_rig_apply(f, "switches: {s: {stp: rstp, ports: {"
					  "a: {mem, stp: {edge: yes, "
					  "bpdu-guard: yes}}, "
					  "b: {mem, stp: {root-guard: yes}}, "
					  "c: mem}}}"),
			 0);
	await_state(f, "a", STP_ROLE_DESIGNATED, PORT_FORWARDING);
	inject(f, "a", frame, sizeof(frame));
	assert_true(info_of(f, "a").bpdu_guard);
	assert_int_equal(info_of(f, "a").role, STP_ROLE_DISABLED);
	inject(f, "b", frame, sizeof(frame));
	assert_true(info_of(f, "b").root_guard);
	assert_int_equal(info_of(f, "b").role, STP_ROLE_ALTERNATE);
	inject(f, "c", frame, sizeof(frame));
	assert_int_equal(info_of(f, "c").role, STP_ROLE_ROOT);
	assert_int_equal(lab_rig_port(f, "a")->counters.drops[DROP_RX_BPDU], 1);
}

static void an_address_is_of_lab_and_switch(void **state)
{
	struct mac a = spanning_mac("lab", "sw1");
	struct mac same = spanning_mac("lab", "sw1");
	struct mac other = spanning_mac("lab", "sw2");
	struct mac split = spanning_mac("labs", "w1");
	struct lab_rig *f = *state;
	struct stp_info info;

	assert_memory_equal(&a, &same, sizeof(a));
	assert_memory_not_equal(&a, &other, sizeof(a));
	assert_memory_not_equal(&a, &split, sizeof(a));
	assert_int_equal(a.b[0] & 3, 2);
	assert_int_equal(lab_rig_apply(f, "switches: {s: {stp: rstp, "
					  "mac: 02:00:00:00:00:07}}"),
			 0);
	stp_read(lab_find_switch(&f->lab, "s")->spanning.stp, &info);
	assert_int_equal(info.id, UINT64_C(0x8000020000000007));
	assert_int_equal(lab_rig_apply(f, "switches: {s: {stp: {priority: 0}, "
					  "mac: 02:00:00:00:00:08}}"),
			 0);
	stp_read(lab_find_switch(&f->lab, "s")->spanning.stp, &info);
	assert_int_equal(info.id, UINT64_C(0x0000020000000008));
	assert_int_equal(info.root, info.id);
}

#define LAB_TEST(name)                                                         \
	cmocka_unit_test_setup_teardown(name, lab_rig_begin, lab_rig_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(a_loop_becomes_a_tree),
		LAB_TEST(a_port_begins_by_discarding),
		LAB_TEST(off_and_on_while_it_runs),
		LAB_TEST(ports_come_and_go),
		LAB_TEST(who_else_may_be_there),
		LAB_TEST(a_slow_link_costs_more),
		LAB_TEST(begins_anew),
		LAB_TEST(guards),
		LAB_TEST(an_address_is_of_lab_and_switch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
