/* SPDX-License-Identifier: MIT */
#include "switchd/link.h"

#include "plugs/plug_mem.h"
#include "tests/unit/switchd/lab_rig.h"

#define ROW                                                                    \
	"switches:\n"                                                          \
	"  sw1: {ports: {a: mem}}\n"                                           \
	"  sw2: {ports: {b: mem}}\n"                                           \
	"links:\n"                                                             \
	"- sw1 -- sw2: {name: l}\n"

/* n frames from host src to dst; 0: to all. */
static void inject(struct lab_rig *f, const char *port, uint8_t src,
		   uint8_t dst, unsigned n)
{
	uint8_t bytes[60] = {2, 0, 0, 0, 0, dst, 2, 0, 0, 0, 0, src};
	struct frame frames[FRAME_BURST];

	if (!dst)
		memset(bytes, 0xff, 6);
	for (unsigned i = 0; i < n; i++)
		frames[i] = (struct frame){.data = bytes, .len = 60};
	plug_mem_inject(lab_rig_port(f, port)->plug, frames, n, uv_hrtime());
}

static void rounds(struct lab_rig *f, int n)
{
	while (n-- > 0)
		uv_run(&f->loop, UV_RUN_NOWAIT);
}

static const struct counters *counters_of(struct lab_rig *f, const char *name)
{
	return &lab_rig_port(f, name)->counters;
}

static struct link *link_of(struct lab_rig *f, const char *name)
{
	struct link *link = link_find(&f->lab, name);

	assert_non_null(link);
	return link;
}

static bool is_busy(struct lab_rig *f)
{
	return uv_is_active((uv_handle_t *)&f->lab.links.round);
}

static void frames_cross_in_a_later_round(void **state)
{
	struct lab_rig *f = *state;
	struct swport *out;

	assert_int_equal(lab_rig_apply(f, ROW), 0);
	out = lab_rig_port(f, "sw1.l");
	assert_false(is_busy(f));
	inject(f, "a", 1, 2, 3);
	assert_true(is_busy(f));
	assert_int_equal(out->plug->class->held(out->plug), 3);
	assert_int_equal(counters_of(f, "sw2.l")->rx_frames, 0);
	rounds(f, 1);
	assert_false(is_busy(f));
	assert_int_equal(out->plug->class->held(out->plug), 0);
	assert_int_equal(counters_of(f, "sw1.l")->tx_frames, 3);
	assert_int_equal(counters_of(f, "sw2.l")->rx_frames, 3);
	assert_int_equal(counters_of(f, "b")->tx_frames, 3);
	inject(f, "b", 2, 1, 1);
	rounds(f, 1);
	assert_int_equal(counters_of(f, "a")->tx_frames, 1);
	assert_int_equal(fdb_count(bridge_fdb(out->sw->bridge)), 2);
}

static void the_words_of_a_link_are_those_of_its_ports(void **state)
{
	struct lab_rig *f = *state;
	struct vlan_port vlan;

	assert_int_equal(lab_rig_apply(f, "switches: {sw1: {}, sw2: {}}\n"
					  "links:\n"
					  "- sw1 -- sw2\n"
					  "- sw1 -- sw2: {trunk: [5, 6], "
					  "native: 5, mtu: 1500}\n"),
			 0);
	vlan = swport_vlan(lab_rig_port(f, "sw1.sw1--sw2")->topo);
	assert_int_equal(vlan.pvid, 1);
	assert_true(vidset_has(&vlan.tagged, 4094));
	assert_false(vidset_has(&vlan.tagged, 1));
	vlan = swport_vlan(lab_rig_port(f, "sw2.sw1--sw2#2")->topo);
	assert_int_equal(vlan.pvid, 5);
	assert_false(vidset_has(&vlan.tagged, 5));
	assert_true(vidset_has(&vlan.tagged, 6));
	assert_int_equal(swport_mtu(lab_rig_port(f, "sw1.sw1--sw2")->topo),
			 FRAME_MTU_MAX);
	assert_int_equal(swport_mtu(lab_rig_port(f, "sw1.sw1--sw2#2")->topo),
			 1500);
}

/* A pulled cable: both ports are down, their addresses go. */
static void down_and_up(void **state)
{
	struct lab_rig *f = *state;
	struct swport *end;

	assert_int_equal(lab_rig_apply(f, ROW), 0);
	inject(f, "a", 1, 0, 1);
	rounds(f, 1);
	end = lab_rig_port(f, "sw2.l");
	assert_int_equal(fdb_count(bridge_fdb(end->sw->bridge)), 1);
	inject(f, "a", 1, 0, 1);
	link_set(link_of(f, "l"), true, true, true);
	assert_int_equal(end->state, SWPORT_DOWN);
	assert_int_equal(lab_rig_port(f, "sw1.l")->state, SWPORT_DOWN);
	assert_non_null(strstr(end->reason.msg, "switchctl link up l"));
	assert_int_equal(fdb_count(bridge_fdb(end->sw->bridge)), 0);
	assert_int_equal(counters_of(f, "sw1.l")->drops[DROP_TX_LINK_DOWN], 1);
	inject(f, "a", 1, 0, 1);
	assert_int_equal(counters_of(f, "sw1.a")->drops[DROP_RX_NO_EGRESS], 1);
	swport_retry(end);
	assert_int_equal(end->state, SWPORT_DOWN);
	link_set(link_of(f, "l"), true, true, false);
	assert_int_equal(end->state, SWPORT_UP);
	inject(f, "a", 1, 0, 1);
	rounds(f, 1);
	assert_int_equal(counters_of(f, "b")->tx_frames, 2);
}

static void down_in_one_direction(void **state)
{
	struct lab_rig *f = *state;
	struct link *link;

	assert_int_equal(lab_rig_apply(f, ROW), 0);
	link = link_of(f, "l");
	link_set(link, true, false, true);
	assert_false(link_carries(link, 0));
	assert_true(link_carries(link, 1));
	assert_int_equal(lab_rig_port(f, "sw1.l")->state, SWPORT_UP);
	inject(f, "a", 1, 0, 2);
	inject(f, "b", 2, 0, 1);
	rounds(f, 1);
	assert_int_equal(counters_of(f, "sw1.l")->drops[DROP_TX_LINK_DOWN], 2);
	assert_int_equal(counters_of(f, "sw2.l")->rx_frames, 0);
	assert_int_equal(counters_of(f, "a")->tx_frames, 1);
	/* Both are what a pulled cable is; one alone is enough again. */
	link_set(link, false, true, true);
	assert_int_equal(lab_rig_port(f, "sw2.l")->state, SWPORT_DOWN);
	link_set(link, true, false, false);
	assert_int_equal(lab_rig_port(f, "sw2.l")->state, SWPORT_UP);
	assert_true(link_carries(link, 0));
	assert_false(link_carries(link, 1));
	inject(f, "a", 1, 0, 1);
	rounds(f, 1);
	assert_int_equal(counters_of(f, "b")->tx_frames, 1);
}

/* It does not end, but the loop comes round, and each round is short. */
static void a_storm_leaves_the_loop_to_others(void **state)
{
	struct lab_rig *f = *state;
	uint64_t before, after;

	assert_int_equal(lab_rig_apply(f, "switches:\n"
					  "  sw1: {ports: {a: mem}}\n"
					  "  sw2: {}\n"
					  "  sw3: {}\n"
					  "links: [sw1 -- sw2, sw2 -- sw3, "
					  "sw3 -- sw1, sw1 -- sw1]\n"),
			 0);
	for (int i = 0; i < 8; i++)
		inject(f, "a", 1, 0, FRAME_BURST);
	for (int i = 0; i < 200; i++) {
		before = counters_of(f, "a")->tx_frames;
		rounds(f, 1);
		after = counters_of(f, "a")->tx_frames;
		assert_true(after - before <= FRAME_BURST);
	}
	assert_true(is_busy(f));
	assert_true(after > 20 * FRAME_BURST);
	/* A way may be full; no port counts anything but that. */
	for (struct lab_switch *sw = f->lab.switches; sw; sw = sw->next) {
		for (size_t i = 0; i < sw->port_count; i++) {
			const struct plug *plug = sw->ports[i]->plug;
			const struct counters *c = &sw->ports[i]->counters;

			assert_int_equal(c->rx_frames, c->rx_forwarded);
			assert_int_equal(c->tx_offered,
					 c->tx_frames +
						 c->drops[DROP_TX_HOLD_FULL] +
						 plug->class->held(plug));
		}
	}
}

static void a_cable_back_to_the_same_switch(void **state)
{
	struct lab_rig *f = *state;

	assert_int_equal(lab_rig_apply(f, "switches: {sw1: {ports: {a: mem}}}\n"
					  "links: [sw1 -- sw1: {name: loop}]"),
			 0);
	inject(f, "a", 1, 0, 1);
	rounds(f, 10);
	assert_true(counters_of(f, "sw1.loop")->rx_frames > 1);
	assert_true(counters_of(f, "sw1.loop-back")->rx_frames > 1);
	assert_true(counters_of(f, "a")->tx_frames > 1);
	link_set(link_of(f, "loop"), true, true, true);
	rounds(f, 3);
	assert_false(is_busy(f));
}

/* What is not of the changed link keeps its counters and its port. */
static void apply_leaves_the_rest_alone(void **state)
{
	struct lab_rig *f = *state;
	struct swport *l, *a;

	assert_int_equal(lab_rig_apply(f, ROW), 0);
	inject(f, "a", 1, 0, 5);
	rounds(f, 1);
	link_set(link_of(f, "l"), false, true, true);
	l = lab_rig_port(f, "sw1.l");
	a = lab_rig_port(f, "a");
	assert_int_equal(lab_rig_apply(f, ROW "- sw2 -- sw1\n"
					      "- sw1 -- sw1\n"),
			 0);
	rounds(f, 3);
	assert_ptr_equal(lab_rig_port(f, "sw1.l"), l);
	assert_ptr_equal(lab_rig_port(f, "a"), a);
	assert_int_equal(l->counters.tx_frames, 5);
	assert_false(link_carries(link_of(f, "l"), 1));
	assert_true(link_carries(link_of(f, "sw2--sw1"), 1));
	inject(f, "b", 2, 0, 1); /* a storm is under way when they go */
	rounds(f, 3);
	assert_int_equal(lab_rig_apply(f, "switches:\n"
					  "  sw1: {ports: {a: mem}}\n"
					  "  sw2: {ports: {b: mem}}\n"
					  "links:\n"
					  "- sw2 -- sw1\n"
					  "- sw1 -- sw2: {name: l, mtu: 68}\n"),
			 0);
	rounds(f, 3);
	assert_ptr_equal(lab_rig_port(f, "sw1.l"), l);
	assert_int_equal(swport_mtu(l->topo), 68);
	assert_null(link_find(&f->lab, "sw1--sw1"));
	/* The other way round it is another link. */
	assert_int_equal(lab_rig_apply(f, "switches:\n"
					  "  sw1: {ports: {a: mem}}\n"
					  "  sw2: {ports: {b: mem}}\n"
					  "links: [sw2 -- sw1: {name: l}]\n"),
			 2);
	rounds(f, 3);
	assert_int_equal(lab_not_up(&f->lab), 0);
	assert_int_equal(counters_of(f, "sw1.l")->tx_frames, 0);
	assert_true(link_carries(link_of(f, "l"), 1));
	assert_ptr_equal(lab_rig_port(f, "a"), a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(frames_cross_in_a_later_round,
						lab_rig_begin, lab_rig_end),
		cmocka_unit_test_setup_teardown(
			the_words_of_a_link_are_those_of_its_ports,
			lab_rig_begin, lab_rig_end),
		cmocka_unit_test_setup_teardown(down_and_up, lab_rig_begin,
						lab_rig_end),
		cmocka_unit_test_setup_teardown(down_in_one_direction,
						lab_rig_begin, lab_rig_end),
		cmocka_unit_test_setup_teardown(
			a_storm_leaves_the_loop_to_others, lab_rig_begin,
			lab_rig_end),
		cmocka_unit_test_setup_teardown(a_cable_back_to_the_same_switch,
						lab_rig_begin, lab_rig_end),
		cmocka_unit_test_setup_teardown(apply_leaves_the_rest_alone,
						lab_rig_begin, lab_rig_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
