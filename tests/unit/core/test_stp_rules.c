/* SPDX-License-Identifier: MIT */
/* Bridges among themselves: when frames pass, what a change of the topology
 * does, who speaks which protocol, and what is said of it all. */
#include "tests/cmocka.h"

#include "tests/unit/core/stp_lab.h"

enum {
	LAN_A,
	LAN_B,
	LAN_C,
	HOST_1, /* of a host at bridge 0, 1, 2 */
	HOST_2,
	HOST_3
};

static struct lab lab;

static const struct stp_port_conf plain = {STP_PORT_CONF_DEFAULTS};

static struct lab_port *join(unsigned bridge, uint16_t number, int lan)
{
	struct lab_port *p = lab_port_add(&lab.bridges[bridge], number, &plain);

	lab_join(p, lan, true, true);
	return p;
}

/* Bridges 1, 2 and 3 in a loop of LANs a (1-2), b (1-3) and c (2-3), each with
 * a host at its port 3. */
static void triangle(enum stp_version version)
{
	lab_init(&lab);
	for (uint16_t id = 1; id <= 3; id++)
		(void)lab_add(&lab, id, version);
	(void)join(0, 1, LAN_A);
	(void)join(0, 2, LAN_B);
	(void)join(1, 1, LAN_A);
	(void)join(1, 2, LAN_C);
	(void)join(2, 1, LAN_B);
	(void)join(2, 2, LAN_C);
	(void)join(0, 3, HOST_1);
	(void)join(1, 3, HOST_2);
	(void)join(2, 3, HOST_3);
}

static void done(void)
{
	assert_null(lab_unsound(&lab));
	lab_done(&lab);
}

static struct lab_port *port(unsigned bridge, uint16_t number)
{
	return &lab.bridges[bridge].ports[number];
}

/* Host at `from` says something to the one at `to` (0: to all). */
static void say(int from, int to)
{
	lab_say(&lab, from, (uint8_t)from, (uint8_t)to);
	lab_run(&lab, 20 * LAB_MS);
}

/* S1 */
static void nothing_passes_before_a_port_forwards(void **state)
{
	const struct fdb *fdb;

	triangle(STP_VERSION_STP);
	fdb = bridge_fdb(lab.bridges[0].bridge);
	lab_run(&lab, 12 * LAB_SECOND);
	assert_int_equal(port(0, 3)->state, PORT_DISCARDING);
	say(HOST_1, 0);
	assert_int_equal(fdb_count(fdb), 0);
	lab_run(&lab, 15 * LAB_SECOND); /* beyond max age, 20 s */
	assert_int_equal(port(0, 3)->state, PORT_LEARNING);
	say(HOST_1, 0);
	assert_int_equal(fdb_count(fdb), 1);
	assert_int_equal(lab.heard[LAN_A] + lab.heard[LAN_B], 0);
	assert_int_equal(port(0, 3)->counters.drops[DROP_RX_DISCARDING], 1);
	assert_int_equal(port(0, 3)->counters.drops[DROP_RX_LEARNING], 1);
	lab_run(&lab, 20 * LAB_SECOND);
	assert_int_equal(port(0, 3)->state, PORT_FORWARDING);
	say(HOST_1, 0);
	for (int lan = LAN_A; lan <= HOST_3; lan++)
		assert_int_equal(lab.heard[lan], 1);
	done();
}

/* S2: hosts are found again, at once with RSTP. */
static void addresses_are_forgotten_when_ways_change(void **state)
{
	triangle(STP_VERSION_RSTP);
	lab_run(&lab, 60 * LAB_SECOND);
	say(HOST_3, 0);
	say(HOST_2, 0);
	say(HOST_2, HOST_3);
	assert_int_equal(lab.heard[HOST_3], 1);
	assert_int_equal(lab.heard[LAN_C], 0);
	assert_int_equal(lab.heard[HOST_1], 0);
	lab_join(port(2, 1), LAB_NO_LAN, false, true);
	lab_join(port(0, 2), LAB_NO_LAN, false, true);
	lab_run(&lab, LAB_SECOND);
	say(HOST_2, HOST_3);
	assert_int_equal(lab.heard[HOST_3], 1);
	say(HOST_1, HOST_3);
	assert_int_equal(lab.heard[HOST_3], 1);
	done();
}

static void stp_tells_the_root_which_tells_all(void **state)
{
	struct stp_info info;
	unsigned flushes;

	triangle(STP_VERSION_STP);
	lab_run(&lab, 120 * LAB_SECOND);
	stp_read(lab.bridges[0].stp, &info);
	assert_false(info.changing);
	flushes = port(1, 1)->flushes;
	lab_join(port(2, 1), LAB_NO_LAN, false, true);
	lab_run(&lab, 50 * LAB_SECOND); /* max age, twice the delay */
	assert_true(lab_info(port(2, 2)).role == STP_ROLE_ROOT);
	/* 3 tells 2 on c, 2 tells 1 on a, and is heard: it says it once. */
	assert_in_range(lab_info(port(1, 2)).counts.rx_tcn, 1, 2);
	assert_in_range(lab_info(port(0, 1)).counts.rx_tcn, 1, 10);
	assert_int_equal(lab_info(port(1, 1)).counts.rx_tcn, 0);
	stp_read(lab.bridges[0].stp, &info);
	assert_true(info.changing);
	assert_true(port(1, 1)->flushes > flushes);
	lab_run(&lab, 60 * LAB_SECOND);
	stp_read(lab.bridges[0].stp, &info);
	assert_false(info.changing);
	done();
}

/* S6: what a shut port hears of changes goes no further. */
static void a_change_told_to_a_shut_port_ends_there(void **state)
{
	struct bpdu b = {.type = BPDU_TCN};
	struct stp_info before, after;
	uint8_t bytes[BPDU_FRAME];
	struct frame f = {.data = bytes, .len = sizeof(bytes)};
	unsigned flushes;

	triangle(STP_VERSION_RSTP);
	lab_run(&lab, 60 * LAB_SECOND);
	assert_int_equal(lab_info(port(2, 2)).role, STP_ROLE_ALTERNATE);
	stp_read(lab.bridges[2].stp, &before);
	flushes = port(2, 1)->flushes;
	bpdu_emit(&b, &lab.bridges[1].conf.mac, bytes);
	for (int i = 0; i < 10; i++)
		stp_receive(lab.bridges[2].stp, 2, &f, lab.now);
	b = (struct bpdu){.type = BPDU_RST,
			  .role = BPDU_DESIGNATED,
			  .topology_change = true,
			  .vector = {.root = before.root,
				     .cost = 20000,
				     .bridge = UINT64_C(0x8000020000000002),
				     .port = 0x8002},
			  .times = {1, 20, 15, 2}};
	bpdu_emit(&b, &lab.bridges[1].conf.mac, bytes);
	for (int i = 0; i < 10; i++)
		stp_receive(lab.bridges[2].stp, 2, &f, lab.now);
	lab_run(&lab, 10 * LAB_SECOND);
	stp_read(lab.bridges[2].stp, &after);
	assert_int_equal(after.changes, before.changes);
	assert_int_equal(port(2, 1)->flushes, flushes);
	assert_int_equal(lab_info(port(2, 2)).counts.rx_tcn, 10);
	done();
}

/* STP where the neighbour knows no other, and RSTP again when it does. */
static void each_port_speaks_what_its_neighbour_does(void **state)
{
	struct lab_bridge *old;
	uint64_t rst;

	triangle(STP_VERSION_RSTP);
	old = &lab.bridges[1];
	old->conf.version = STP_VERSION_STP;
	stp_set(old->stp, &old->conf, lab.now);
	lab_run(&lab, 120 * LAB_SECOND);
	assert_false(lab_info(port(0, 1)).rstp);
	assert_true(lab_info(port(0, 2)).rstp);
	rst = lab_info(port(1, 1)).counts.rx_rst;
	lab_run(&lab, 120 * LAB_SECOND);
	assert_int_equal(lab_info(port(1, 1)).counts.rx_rst, rst);
	assert_true(lab_info(port(1, 1)).counts.rx_config >= 60);
	assert_int_equal(lab.bridges[0].events[STP_EVENT_VERSION], 1);
	say(HOST_2, 0);
	assert_int_equal(lab.heard[HOST_1], 1);
	assert_int_equal(lab.heard[HOST_3], 1);
	old->conf.version = STP_VERSION_RSTP;
	stp_set(old->stp, &old->conf, lab.now);
	lab_run(&lab, 60 * LAB_SECOND);
	assert_true(lab_info(port(0, 1)).rstp);
	assert_true(lab_info(port(1, 2)).rstp);
	done();
}

/* The one that only answers is asked by hand (mcheck). */
static void mcheck_tries_rstp_again(void **state)
{
	struct bpdu b = {.type = BPDU_TCN};
	uint8_t bytes[BPDU_FRAME];
	struct frame f = {.data = bytes, .len = sizeof(bytes)};

	triangle(STP_VERSION_RSTP);
	lab_run(&lab, 60 * LAB_SECOND);
	bpdu_emit(&b, &lab.bridges[1].conf.mac, bytes);
	stp_receive(lab.bridges[0].stp, 3, &f, lab.now);
	assert_false(lab_info(port(0, 3)).rstp);
	lab_run(&lab, 60 * LAB_SECOND);
	assert_false(lab_info(port(0, 3)).rstp);
	stp_port_mcheck(lab.bridges[0].stp, 3, lab.now);
	assert_true(lab_info(port(0, 3)).rstp);
	done();
}

static void ports_come_and_go(void **state)
{
	struct stp *stp;

	triangle(STP_VERSION_RSTP);
	stp = lab.bridges[2].stp;
	lab_run(&lab, 60 * LAB_SECOND);
	assert_int_equal(stp_port_next(stp, 0), 1);
	assert_int_equal(stp_port_next(stp, 1), 2);
	assert_int_equal(stp_port_next(stp, 3), 0);
	port(2, 1)->added = port(2, 1)->up = false;
	stp_port_remove(stp, 1, lab.now); /* its root port */
	bridge_port_remove(lab.bridges[2].bridge, 1);
	assert_false(stp_port_exists(stp, 1));
	assert_int_equal(stp_port_next(stp, 0), 2);
	lab_run(&lab, LAB_SECOND);
	assert_int_equal(lab_info(port(2, 2)).role, STP_ROLE_ROOT);
	assert_int_equal(lab_info(port(2, 2)).state, PORT_FORWARDING);
	say(HOST_1, 0);
	assert_int_equal(lab.heard[HOST_3], 1);
	done();
}

/* --- Why --------------------------------------------------------------- */

static const char *name(void *ctx, uint16_t number)
{
	static const char *const names[] = {"", "left", "right", "host"};

	return names[number];
}

static void assert_why(unsigned bridge, uint16_t number, const char *expected)
{
	char why[STP_WHY_SIZE];

	assert_string_equal(
		stp_port_why(lab.bridges[bridge].stp, number, why, name, NULL),
		expected);
}

static void each_role_has_its_reason(void **state)
{
	struct stp_port_conf conf = plain;

	triangle(STP_VERSION_RSTP);
	assert_why(0, 1,
		   "designated: this bridge is the root; awaits the "
		   "neighbour's agreement, 20 s at most");
	lab_run(&lab, 60 * LAB_SECOND);
	assert_why(0, 1, "designated: this bridge is the root");
	assert_why(1, 1,
		   "root: root 8000.020000000001 is heard of here only, at "
		   "cost 20000");
	assert_why(1, 2,
		   "designated: no other bridge there is nearer to root "
		   "8000.020000000001 than this one, at cost 20000");
	assert_why(2, 1,
		   "root: root 8000.020000000001 is reached cheapest here, at "
		   "cost 20000");
	assert_why(2, 2,
		   "alternate: root 8000.020000000001 is reached cheaper by "
		   "left, at cost 20000 and not 40000");
	conf.cost = 40000;
	stp_port_set(lab.bridges[2].stp, 1, &conf, lab.now);
	lab_run(&lab, 10 * LAB_SECOND);
	assert_why(2, 1,
		   "root: root 8000.020000000001 costs 40000 here as by right, "
		   "but the neighbour's identifier is lower");
	assert_why(2, 2,
		   "alternate: root 8000.020000000001 costs 40000 here as by "
		   "left, where the neighbour's identifier is lower");
	(void)join(0, 4, HOST_1);
	lab_run(&lab, 10 * LAB_SECOND);
	assert_why(0, 4, "backup: host of this bridge is on the same LAN");
	lab_join(port(2, 3), LAB_NO_LAN, false, true);
	assert_why(2, 3, "disabled: the port is down");
	done();
}

static void stp_says_what_it_waits_for(void **state)
{
	triangle(STP_VERSION_STP);
	lab_run(&lab, 25 * LAB_SECOND);
	assert_why(0, 3,
		   "designated: this bridge is the root; learning for 10 s");
	done();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_passes_before_a_port_forwards),
		cmocka_unit_test(addresses_are_forgotten_when_ways_change),
		cmocka_unit_test(stp_tells_the_root_which_tells_all),
		cmocka_unit_test(a_change_told_to_a_shut_port_ends_there),
		cmocka_unit_test(each_port_speaks_what_its_neighbour_does),
		cmocka_unit_test(mcheck_tries_rstp_again),
		cmocka_unit_test(ports_come_and_go),
		cmocka_unit_test(each_role_has_its_reason),
		cmocka_unit_test(stp_says_what_it_waits_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
