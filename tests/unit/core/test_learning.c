/* SPDX-License-Identifier: MIT */
/*
 * Learning as users of switches know it, one test a rule. Where what a port
 * gets is counted, 0 means that it gets nothing at all.
 */
#include "tests/cmocka.h"

#include <string.h>

#include "tests/frames/rig.h"

#define PORTS 4
#define M     0x01 /* stations, by the last byte of their address */
#define N     0x02

static const struct bridge_port_conf plain = {
	.mtu = FRAME_MTU_MAX,
	.vlan = {.pvid = 1},
};

static void setup(struct rig *rig, bool aware)
{
	rig_init(rig, false, aware, 64);
	for (uint16_t port = 1; port <= PORTS; port++)
		rig_add(rig, port, &plain);
}

static const uint8_t *mac(unsigned station)
{
	static uint8_t macs[4][6];
	static unsigned next;
	uint8_t *m = macs[next++ % 4];

	m[0] = 2;
	m[4] = (uint8_t)(station >> 8);
	m[5] = (uint8_t)station;
	return m;
}

/* One frame in on port; how many came out at each port is in rig->ports. */
static void feed(struct rig *rig, uint16_t port, unsigned dst, unsigned src)
{
	uint8_t bytes[60] = {0};
	struct frame f = {.data = bytes, .len = sizeof(bytes)};

	memcpy(bytes, mac(dst), 6);
	memcpy(bytes + 6, mac(src), 6);
	bytes[12] = 0x88; /* IEEE local experimental 0x88b5 */
	bytes[13] = 0xb5;
	for (int i = 0; i < RIG_PORTS; i++)
		rig->ports[i].sends = 0;
	rig_input(rig, port, &f, 1);
	assert_null(rig_unsound(rig));
}

/* What came out, a digit a port: "0101". */
static void out_is(const struct rig *rig, const char *want)
{
	char got[PORTS + 1] = "";

	for (int i = 0; i < PORTS; i++)
		got[i] = (char)('0' + rig->ports[i + 1].sends);
	assert_string_equal(got, want);
}

static int where(const struct rig *rig, uint16_t vid, unsigned station)
{
	return fdb_lookup(bridge_fdb(rig->bridge), vid, mac(station));
}

static void l1_unknown_unicast_goes_to_every_other_port(void **state)
{
	struct rig rig;

	setup(&rig, false);
	feed(&rig, 2, N, M);
	out_is(&rig, "1011");
	rig_done(&rig);
}

static void l2_known_unicast_goes_to_its_port(void **state)
{
	struct rig rig;

	setup(&rig, false);
	feed(&rig, 3, M, N);
	feed(&rig, 1, N, M);
	out_is(&rig, "0010");
	feed(&rig, 3, M, N);
	out_is(&rig, "1000");
	rig_done(&rig);
}

/* A port that gets no floods gets what is for its station; that is known as
 * soon as it has sent, and no more when it has been silent for too long. Where
 * nothing is learned it never is. */
static void l3_one_frame_teaches(void **state)
{
	struct fdb *fdb;
	struct rig rig;

	setup(&rig, false);
	fdb = bridge_fdb(rig.bridge);
	assert_int_equal(where(&rig, 0, M), -1);
	bridge_port_set_state(rig.bridge, 1, PORT_LEARNING);
	feed(&rig, 2, M, N);
	out_is(&rig, "0011");
	feed(&rig, 1, N, M);
	assert_int_equal(where(&rig, 0, M), 1);
	bridge_port_set_state(rig.bridge, 1, PORT_FORWARDING);
	feed(&rig, 2, M, N);
	out_is(&rig, "1000");
	rig.now += FDB_AGEING_DEFAULT + 10 * RIG_SECOND;
	assert_int_equal(fdb_age(fdb, rig.now), 2);
	assert_int_equal(where(&rig, 0, M), -1);
	bridge_set_mode(rig.bridge, BRIDGE_HUB);
	feed(&rig, 1, N, M);
	assert_int_equal(where(&rig, 0, M), -1);
	rig_done(&rig);
}

static void l4_a_station_moves_with_its_next_frame(void **state)
{
	struct rig rig;

	setup(&rig, false);
	feed(&rig, 1, N, M);
	feed(&rig, 2, N, M);
	assert_int_equal(where(&rig, 0, M), 2);
	assert_int_equal(rig.changes[FDB_MOVE], 1);
	feed(&rig, 3, M, N);
	out_is(&rig, "0100");
	rig_done(&rig);
}

static void l5_traffic_and_moves_refresh(void **state)
{
	const uint64_t step = FDB_AGEING_DEFAULT - RIG_SECOND;
	struct fdb *fdb;
	struct rig rig;

	setup(&rig, false);
	fdb = bridge_fdb(rig.bridge);
	feed(&rig, 1, N, M);
	for (uint16_t port = 1; port <= 2; port++) {
		rig.now += step;
		feed(&rig, port, N, M);
		rig.now += step;
		assert_int_equal(fdb_age(fdb, rig.now), 0);
		feed(&rig, port, N, M);
	}
	rig.now += FDB_AGEING_DEFAULT;
	assert_int_equal(fdb_age(fdb, rig.now), 1);
	rig_done(&rig);
}

static void l6_static_entries_stay(void **state)
{
	struct fdb *fdb;
	struct rig rig;

	setup(&rig, false);
	fdb = bridge_fdb(rig.bridge);
	assert_true(fdb_add_static(fdb, 0, mac(M), 1, rig.now));
	feed(&rig, 2, N, M); /* traffic does not move it */
	assert_int_equal(where(&rig, 0, M), 1);
	rig.now += 10 * FDB_AGEING_DEFAULT;
	(void)fdb_age(fdb, rig.now);
	(void)fdb_flush(fdb);
	(void)fdb_flush_port(fdb, 1);
	(void)fdb_flush_vid(fdb, 0);
	assert_int_equal(where(&rig, 0, M), 1);
	assert_int_equal(rig.changes[FDB_ADD], 1);
	/* Once more, elsewhere: takes its place, and is told. */
	assert_true(fdb_add_static(fdb, 0, mac(M), 3, rig.now));
	assert_int_equal(where(&rig, 0, M), 3);
	assert_int_equal(fdb_count(fdb), 1);
	assert_int_equal(rig.changes[FDB_ADD], 2);
	rig_done(&rig);
}

static void l7_a_flush_takes_what_is_dynamic(void **state)
{
	struct fdb *fdb;
	struct rig rig;

	setup(&rig, false);
	fdb = bridge_fdb(rig.bridge);
	for (int round = 0; round < 3; round++) {
		assert_true(fdb_add_static(fdb, 2, mac(9), 1, 0));
		assert_true(fdb_add_static(fdb, 3, mac(9), 2, 0));
		fdb_learn(fdb, 2, mac(1), 1, 0);
		fdb_learn(fdb, 2, mac(2), 2, 0);
		fdb_learn(fdb, 3, mac(1), 1, 0);
		fdb_learn(fdb, 3, mac(2), 2, 0);
		if (round == 0)
			assert_int_equal(fdb_flush(fdb), 4);
		else if (round == 1)
			assert_int_equal(fdb_flush_port(fdb, 1), 2);
		else
			assert_int_equal(fdb_flush_vid(fdb, 3), 2);
		assert_int_equal(where(&rig, 2, 2), round == 0 ? -1 : 2);
		assert_int_equal(where(&rig, 3, 1), -1);
		assert_int_equal(where(&rig, 2, 9), 1);
		assert_int_equal(where(&rig, 3, 9), 2);
		(void)fdb_flush(fdb);
	}
	rig_done(&rig);
}

static void l8_a_port_that_goes_is_forgotten(void **state)
{
	struct rig rig;

	setup(&rig, false);
	feed(&rig, 1, N, M);
	feed(&rig, 2, M, N);
	bridge_port_remove(rig.bridge, 1);
	assert_int_equal(where(&rig, 0, M), -1);
	assert_int_equal(where(&rig, 0, N), 2);
	feed(&rig, 2, M, N);
	out_is(&rig, "0011");
	rig_done(&rig);
}

/* A table of 10, 5 ports with 2 each, and a sixth that sends from 16. */
static void l9_an_overflow_is_fair(void **state)
{
	unsigned on_six = 0;
	struct fdb *fdb;
	struct rig rig;

	rig_init(&rig, false, false, 10);
	fdb = bridge_fdb(rig.bridge);
	for (unsigned i = 0; i < 10; i++)
		fdb_learn(fdb, 0, mac(i), (uint16_t)(1 + i / 2), rig.now++);
	for (unsigned i = 0; i < 16; i++) {
		fdb_learn(fdb, 0, mac(100 + i), 6, rig.now++);
		assert_int_equal(fdb_count(fdb), 10);
	}
	for (unsigned i = 0; i < 16; i++)
		on_six += where(&rig, 0, 100 + i) == 6;
	assert_int_equal(on_six, 3);
	for (unsigned port = 1; port <= 5; port++)
		assert_true(where(&rig, 0, 2 * port - 2) >= 0 ||
			    where(&rig, 0, 2 * port - 1) >= 0);
	rig_done(&rig);
	rig_init(&rig, false, false, FDB_LIMIT_DEFAULT);
	fdb = bridge_fdb(rig.bridge);
	for (unsigned i = 0; i < 2 * FDB_LIMIT_DEFAULT; i++)
		fdb_learn(fdb, 0, mac(i), 1, rig.now++);
	assert_int_equal(fdb_count(fdb), 8192);
	rig_done(&rig);
}

/* 16 offered, limit 8; a static entry is one more. All frames pass. */
static void l10_a_port_has_its_limit(void **state)
{
	struct bridge_port_conf conf = plain;
	struct fdb *fdb;
	struct rig rig;

	setup(&rig, false);
	fdb = bridge_fdb(rig.bridge);
	conf.learn.limit = 8;
	bridge_port_set(rig.bridge, 1, &conf);
	assert_true(fdb_add_static(fdb, 0, mac(99), 1, 0));
	for (unsigned i = 0; i < 16; i++) {
		feed(&rig, 1, N, 100 + i);
		out_is(&rig, "0111");
	}
	assert_int_equal(fdb_count(fdb), 8 + 1);
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(where(&rig, 0, 100 + i), i < 8 ? 1 : -1);
	/* One from elsewhere is not to be found where it was. */
	feed(&rig, 2, N, M);
	feed(&rig, 1, N, M);
	assert_int_equal(where(&rig, 0, M), -1);
	/* And one that goes elsewhere makes room. */
	feed(&rig, 2, N, 100);
	feed(&rig, 1, N, M);
	assert_int_equal(where(&rig, 0, M), 1);
	assert_int_equal(fdb_count(fdb), 8 + 2);
	rig_done(&rig);
}

static void l11_vlans_learn_apart(void **state)
{
	static const uint16_t vids[PORTS] = {1, 2, 1, 2};
	struct bridge_port_conf conf = plain;
	struct rig rig;

	setup(&rig, true);
	for (uint16_t port = 1; port <= PORTS; port++) {
		conf.vlan.pvid = vids[port - 1];
		bridge_port_set(rig.bridge, port, &conf);
	}
	feed(&rig, 1, N, M);
	out_is(&rig, "0010");
	feed(&rig, 2, N, M);
	out_is(&rig, "0001");
	assert_int_equal(where(&rig, 1, M), 1);
	assert_int_equal(where(&rig, 2, M), 2);
	assert_int_equal(rig.changes[FDB_MOVE], 0);
	feed(&rig, 3, M, N);
	out_is(&rig, "1000");
	feed(&rig, 4, M, N);
	out_is(&rig, "0100");
	rig_done(&rig);
}

/* How many of n addresses, which all fall on one of 256 places with the first
 * key, fall on the fullest with this one. */
static unsigned fullest(const uint64_t key[2], unsigned n)
{
	const struct fdb_conf conf = {
		.limit = 64, .key = {key[0], key[1]}, .ageing = 0};
	const struct fdb_conf known = {.limit = 64, .key = {1, 2}, .ageing = 0};
	struct fdb *fdb = fdb_new(&conf), *first = fdb_new(&known);
	unsigned counts[256] = {0};
	unsigned most = 0, found = 0;

	for (unsigned i = 0; found < n; i++) {
		if (fdb_key(first, 0, mac(i), NULL).hash & 255)
			continue;
		found++;
		counts[fdb_key(fdb, 0, mac(i), NULL).hash & 255]++;
	}
	for (unsigned i = 0; i < 256; i++)
		most = counts[i] > most ? counts[i] : most;
	fdb_free(fdb);
	fdb_free(first);
	return most;
}

static void l12_collisions_cannot_be_chosen(void **state)
{
	static const uint64_t known[2] = {1, 2};
	static const uint64_t others[][2] = {{1, 3}, {2, 2}, {77, 99}};

	assert_int_equal(fullest(known, 200), 200);
	for (int i = 0; i < 3; i++)
		assert_in_range(fullest(others[i], 200), 1, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(l1_unknown_unicast_goes_to_every_other_port),
		cmocka_unit_test(l2_known_unicast_goes_to_its_port),
		cmocka_unit_test(l3_one_frame_teaches),
		cmocka_unit_test(l4_a_station_moves_with_its_next_frame),
		cmocka_unit_test(l5_traffic_and_moves_refresh),
		cmocka_unit_test(l6_static_entries_stay),
		cmocka_unit_test(l7_a_flush_takes_what_is_dynamic),
		cmocka_unit_test(l8_a_port_that_goes_is_forgotten),
		cmocka_unit_test(l9_an_overflow_is_fair),
		cmocka_unit_test(l10_a_port_has_its_limit),
		cmocka_unit_test(l11_vlans_learn_apart),
		cmocka_unit_test(l12_collisions_cannot_be_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
