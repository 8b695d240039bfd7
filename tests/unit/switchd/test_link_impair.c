/* SPDX-License-Identifier: MIT */
#include "switchd/cables.h"

#include "tests/unit/switchd/impair_lab.h"

#define SWITCHES                                                               \
	"switches:\n"                                                          \
	"  sw1: {ports: {a: mem}}\n"                                           \
	"  sw2: {ports: {b: mem}}\n"                                           \
	"links:\n"

static size_t held(struct lab_rig *f, const char *port)
{
	const struct plug *plug = lab_rig_port(f, port)->plug;

	return plug->class->held(plug);
}

static void ends_are_sound(struct lab_rig *f)
{
	check_sound(counters_of(f, "sw1.l"), held(f, "sw1.l"));
	check_sound(counters_of(f, "sw2.l"), held(f, "sw2.l"));
}

static void delay_is_each_way_by_itself(void **state)
{
	struct lab_rig *f = *state;
	uint64_t start;

	assert_int_equal(impair_apply(f, SWITCHES
				      "- sw1 -- sw2: {name: l, forth: 30ms}\n"),
			 0);
	start = uv_hrtime();
	inject(f, "a", 1, 0, 3);
	inject(f, "b", 2, 0, 1);
	rounds(f, 1);
	assert_int_equal(counters_of(f, "a")->tx_frames, 1);
	assert_int_equal(held(f, "sw1.l"), 3);
	assert_false(uv_is_active((uv_handle_t *)&f->lab.links.round));
	ends_are_sound(f);
	await_sent(f, "b", 3);
	assert_true(uv_hrtime() - start >= 30 * MS);
	assert_int_equal(held(f, "sw1.l"), 0);
	ends_are_sound(f);
}

static void a_change_loses_nothing(void **state)
{
	struct lab_rig *f = *state;
	struct swport *port;

	(void)impair_apply(f, SWITCHES "- sw1 -- sw2: {name: l, delay: 1h}\n");
	port = lab_rig_port(f, "sw1.l");
	inject(f, "a", 1, 0, 5);
	(void)impair_apply(f, SWITCHES
			   "- sw1 -- sw2: {name: l, delay: 1h, loss: 100%}\n");
	inject(f, "a", 1, 0, 2);
	assert_int_equal(port->counters.drops[DROP_TX_LOSS], 2);
	assert_int_equal(held(f, "sw1.l"), 5);
	(void)impair_apply(f, SWITCHES "- sw1 -- sw2: {name: l}\n");
	inject(f, "a", 1, 0, 1);
	await_sent(f, "b", 6);
	assert_ptr_equal(lab_rig_port(f, "sw1.l"), port);
	ends_are_sound(f);
}

static void what_is_under_way_goes_with_the_link(void **state)
{
	static const char both[] =
		SWITCHES "- sw1 -- sw2: {name: l, delay: 1h}\n"
			 "- sw1 -- sw2: {name: m, delay: 1h}\n";
	struct lab_rig *f = *state;
	struct link *link;

	assert_int_equal(impair_apply(f, both), 0);
	link = link_find(&f->lab, "l");
	inject(f, "a", 1, 0, 2);
	inject(f, "b", 2, 0, 3);
	link_set(link, true, false, true);
	assert_int_equal(counters_of(f, "sw1.l")->drops[DROP_TX_LINK_DOWN], 2);
	assert_int_equal(held(f, "sw2.l"), 3);
	link_set(link, false, true, true);
	assert_int_equal(counters_of(f, "sw2.l")->drops[DROP_TX_LINK_DOWN], 3);
	link_set(link, true, true, false);
	inject(f, "a", 1, 0, 2);
	assert_int_equal(held(f, "sw1.l"), 2);
	assert_int_equal(held(f, "sw1.m"), 4);
	ends_are_sound(f);
	assert_int_equal(impair_apply(f, SWITCHES
				      "- sw1 -- sw2: {name: l, delay: 1h}\n"),
			 0);
	assert_int_equal(held(f, "sw1.l"), 2);
	inject(f, "a", 1, 0, 2); /* gone with the lab */
}

static void a_filter_of_the_file(void **state)
{
	struct lab_rig *f = *state;

	(void)impair_apply(f, SWITCHES
			   "- sw1 -- sw2: {name: l, forth: {drop: 'ether[59] "
			   "& 1 = 1'}}\n");
	inject(f, "a", 1, 0, 10);
	inject(f, "b", 2, 0, 10);
	rounds(f, 2);
	assert_int_equal(counters_of(f, "b")->tx_frames, 5);
	assert_int_equal(counters_of(f, "a")->tx_frames, 10);
	assert_int_equal(counters_of(f, "sw1.l")->drops[DROP_TX_FILTER], 5);
	ends_are_sound(f);
	(void)impair_apply(f,
			   SWITCHES "- sw1 -- sw2: {name: l, rate: 1gbit}\n");
	inject(f, "a", 1, 0, 10);
	await_sent(f, "b", 15);
	ends_are_sound(f);
}

/* Two links, one seed; and not the same both ways. */
static void a_seed_loses_the_same_frames(void **state)
{
	struct lab_rig *f = *state;
	uint64_t forth = 0, back = 0;
	unsigned differ = 0;

	assert_int_equal(
		impair_apply(f,
			     "switches:\n"
			     "  sw1: {ports: {a: mem}}\n"
			     "  sw2: {ports: {b: mem}}\n"
			     "  sw3: {}\n"
			     "links:\n"
			     "- sw1 -- sw2: {name: l, loss: 30%, seed: 5}\n"
			     "- sw1 -- sw3: {name: m, loss: 30%, seed: 5}\n"),
		0);
	for (unsigned i = 0; i < 200; i++) {
		inject(f, "a", 1, 0, 1);
		inject(f, "b", 2, 0, 1);
		assert_int_equal(counters_of(f, "sw1.l")->drops[DROP_TX_LOSS],
				 counters_of(f, "sw1.m")->drops[DROP_TX_LOSS]);
		forth = counters_of(f, "sw1.l")->drops[DROP_TX_LOSS];
		differ += forth != counters_of(f, "sw2.l")->drops[DROP_TX_LOSS];
	}
	back = counters_of(f, "sw2.l")->drops[DROP_TX_LOSS];
	assert_in_range(forth, 30, 90);
	assert_in_range(back, 30, 90);
	assert_true(differ > 0);
}

/* A client's words are in force until the file's are asked for. */
static void a_client_goes_before_the_file(void **state)
{
	static const char file[] = SWITCHES
		"- sw1 -- sw2: {name: l, delay: 1ms, drop: 'ether[59] = 0'}\n";
	struct lab_rig *f = *state;
	struct topo_impair words;
	struct cables cables;
	struct cable *forth;
	struct err err;

	(void)impair_apply(f, file);
	assert_true(cables_find(&f->lab, "l", &cables, &err));
	forth = cables.way[0];
	words = *cable_words(forth);
	words.delay = 0;
	cable_set(forth, &words, NULL); /* the filter stays */
	assert_true(forth->is_live);
	inject(f, "a", 1, 0, 2);
	assert_int_equal(forth->line.counts.filtered, 1);
	words.drop[0] = '\0';
	cable_set(forth, &words, NULL);
	inject(f, "a", 1, 0, 2);
	assert_int_equal(forth->line.counts.filtered, 1);
	cables_reset(&f->lab);
	assert_false(forth->is_live);
	assert_int_equal(cable_words(forth)->delay, MS);
	inject(f, "a", 1, 0, 2);
	assert_int_equal(forth->line.counts.filtered, 2);
	words.loss = IMPAIR_ALL;
	cable_set(forth, &words, NULL);
	inject(f, "a", 1, 0, 2);
	(void)impair_apply(f, file); /* no difference in it */
	assert_false(forth->is_live);
	inject(f, "a", 1, 0, 2);
	assert_int_equal(forth->line.counts.filtered, 3);
	assert_int_equal(forth->line.counts.lost, 2);
	await_sent(f, "b", 5);
	ends_are_sound(f);
}

static void names_of_links_and_ports(void **state)
{
	struct lab_rig *f = *state;
	struct cables cables;
	struct err err;

	(void)impair_apply(f, SWITCHES "- sw1 -- sw2: {name: l}\n");
	assert_true(cables_find(&f->lab, "l", &cables, &err));
	assert_string_equal(cables.way[1]->class->name, "back");
	assert_true(cables_find(&f->lab, "sw2.b", &cables, &err));
	assert_string_equal(cables.way[0]->class->name, "rx");
	assert_ptr_equal(cables.way[1], &lab_rig_port(f, "b")->cables->tx);
	assert_false(cables_find(&f->lab, "sw2.l", &cables, &err));
	assert_string_equal(err.msg, "'sw2.l' is an end of link 'l': name "
				     "that, and 'forth' or 'back'");
	assert_false(cables_find(&f->lab, "x", &cables, &err));
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, lab_rig_begin, lab_rig_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(delay_is_each_way_by_itself),
		TEST(a_change_loses_nothing),
		TEST(what_is_under_way_goes_with_the_link),
		TEST(a_filter_of_the_file),
		TEST(a_seed_loses_the_same_frames),
		TEST(a_client_goes_before_the_file),
		TEST(names_of_links_and_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
