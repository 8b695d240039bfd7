/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/core/fdb.h"

#define SECOND UINT64_C(1000000000)

struct log {
	unsigned count[FDB_CHANGE_COUNT];
	enum fdb_change last;
	struct fdb_entry entry;
	uint16_t from;
};

static void changed(void *ctx, enum fdb_change change,
		    const struct fdb_entry *entry, uint16_t from)
{
	struct log *log = ctx;

	log->count[change]++;
	log->last = change;
	log->entry = *entry;
	log->from = from;
}

static struct fdb *make(uint32_t limit, struct log *log)
{
	struct fdb_conf conf = {
		.limit = limit,
		.ageing = FDB_AGEING_DEFAULT,
		.key = {0x0706050403020100, 0x0f0e0d0c0b0a0908},
		.changed = log ? changed : NULL,
		.ctx = log,
	};
	struct fdb *fdb = fdb_new(&conf);

	assert_non_null(fdb);
	if (log)
		*log = (struct log){.last = FDB_CHANGE_COUNT};
	return fdb;
}

static const uint8_t *mac(uint32_t n)
{
	static uint8_t bytes[6];

	bytes[0] = 2;
	bytes[2] = (uint8_t)(n >> 24);
	bytes[3] = (uint8_t)(n >> 16);
	bytes[4] = (uint8_t)(n >> 8);
	bytes[5] = (uint8_t)n;
	return bytes;
}

static void learns_refreshes_and_moves(void **state)
{
	struct log log;
	struct fdb *fdb = make(8, &log);

	assert_int_equal(fdb_lookup(fdb, 0, mac(1)), -1);
	fdb_learn(fdb, 0, mac(1), 3, 5);
	assert_int_equal(fdb_lookup(fdb, 0, mac(1)), 3);
	assert_int_equal(log.last, FDB_LEARN);
	assert_int_equal(log.entry.port, 3);
	assert_int_equal(log.entry.seen, 5);
	assert_false(log.entry.is_static);
	fdb_learn(fdb, 0, mac(1), 3, 6);
	assert_int_equal(log.count[FDB_LEARN], 1);
	assert_int_equal(log.count[FDB_MOVE], 0);
	fdb_learn(fdb, 0, mac(1), 4, 7);
	assert_int_equal(log.last, FDB_MOVE);
	assert_int_equal(log.from, 3);
	assert_int_equal(log.entry.port, 4);
	assert_int_equal(log.entry.seen, 7);
	assert_int_equal(fdb_lookup(fdb, 0, mac(1)), 4);
	assert_int_equal(fdb_count(fdb), 1);
	fdb_free(fdb);
}

static void vids_are_apart(void **state)
{
	struct fdb *fdb = make(8, NULL);

	fdb_learn(fdb, 1, mac(1), 1, 0);
	fdb_learn(fdb, 2, mac(1), 2, 0);
	assert_int_equal(fdb_lookup(fdb, 1, mac(1)), 1);
	assert_int_equal(fdb_lookup(fdb, 2, mac(1)), 2);
	assert_int_equal(fdb_lookup(fdb, 3, mac(1)), -1);
	assert_int_equal(fdb_flush_vid(fdb, 1), 1);
	assert_int_equal(fdb_lookup(fdb, 1, mac(1)), -1);
	assert_int_equal(fdb_lookup(fdb, 2, mac(1)), 2);
	fdb_free(fdb);
}

static void ages_what_was_not_heard(void **state)
{
	struct log log;
	struct fdb *fdb = make(8, &log);
	uint64_t ageing = FDB_AGEING_DEFAULT;

	fdb_learn(fdb, 0, mac(1), 1, 0);
	fdb_learn(fdb, 0, mac(2), 1, 0);
	fdb_learn(fdb, 0, mac(3), 2, 0);
	assert_true(fdb_add_static(fdb, 0, mac(4), 1, 0));
	assert_int_equal(fdb_age(fdb, ageing - 1), 0);
	fdb_learn(fdb, 0, mac(2), 1, SECOND);
	fdb_learn(fdb, 0, mac(3), 1, 2 * SECOND);
	assert_int_equal(fdb_age(fdb, ageing), 1);
	assert_int_equal(log.last, FDB_AGE);
	assert_int_equal(fdb_lookup(fdb, 0, mac(1)), -1);
	assert_int_equal(fdb_age(fdb, ageing + SECOND), 1);
	assert_int_equal(fdb_lookup(fdb, 0, mac(3)), 1);
	fdb_set_ageing(fdb, 0);
	assert_int_equal(fdb_age(fdb, 1000 * ageing), 0);
	fdb_set_ageing(fdb, 10 * SECOND);
	assert_int_equal(fdb_age(fdb, 12 * SECOND - 1), 0);
	assert_int_equal(fdb_age(fdb, 12 * SECOND), 1);
	assert_int_equal(fdb_age(fdb, UINT64_MAX), 0);
	assert_int_equal(fdb_count(fdb), 1);
	assert_int_equal(fdb_lookup(fdb, 0, mac(4)), 1);
	fdb_free(fdb);
}

static void static_entries_stay(void **state)
{
	struct log log;
	struct fdb *fdb = make(4, &log);

	fdb_learn(fdb, 0, mac(1), 1, 0);
	assert_true(fdb_add_static(fdb, 0, mac(1), 2, 1));
	assert_int_equal(log.last, FDB_ADD);
	assert_int_equal(fdb_count(fdb), 1);
	fdb_learn(fdb, 0, mac(1), 3, 2);
	assert_int_equal(log.last, FDB_ADD);
	assert_int_equal(fdb_flush(fdb), 0);
	assert_int_equal(fdb_flush_port(fdb, 2), 0);
	assert_int_equal(fdb_flush_vid(fdb, 0), 0);
	assert_int_equal(fdb_lookup(fdb, 0, mac(1)), 2);
	assert_true(fdb_add_static(fdb, 0, mac(1), 5, 3));
	assert_int_equal(fdb_lookup(fdb, 0, mac(1)), 5);
	assert_true(fdb_delete(fdb, 0, mac(1)));
	assert_int_equal(log.last, FDB_DELETE);
	assert_false(fdb_delete(fdb, 0, mac(1)));
	fdb_learn(fdb, 0, mac(1), 3, 4);
	assert_true(fdb_delete(fdb, 0, mac(1)));
	assert_int_equal(log.last, FDB_FLUSH);
	assert_int_equal(fdb_count(fdb), 0);
	fdb_free(fdb);
}

static void full_of_static_entries_learns_nothing(void **state)
{
	struct log log;
	struct fdb *fdb = make(2, &log);

	fdb_learn(fdb, 0, mac(9), 1, 0);
	assert_true(fdb_add_static(fdb, 0, mac(1), 1, 0));
	assert_true(fdb_add_static(fdb, 0, mac(2), 1, 0));
	assert_int_equal(log.count[FDB_EVICT], 1);
	assert_false(fdb_add_static(fdb, 0, mac(3), 1, 0));
	assert_true(fdb_add_static(fdb, 0, mac(2), 3, 0));
	fdb_learn(fdb, 0, mac(4), 1, 0);
	assert_int_equal(fdb_lookup(fdb, 0, mac(4)), -1);
	assert_int_equal(fdb_count(fdb), 2);
	fdb_free(fdb);
}

static void a_port_that_goes_is_forgotten(void **state)
{
	struct fdb *fdb = make(8, NULL);

	fdb_learn(fdb, 0, mac(1), 4095, 0);
	fdb_learn(fdb, 0, mac(2), 4095, 0);
	fdb_learn(fdb, 0, mac(3), 0, 0);
	assert_true(fdb_add_static(fdb, 0, mac(4), 4095, 0));
	assert_true(fdb_add_static(fdb, 0, mac(5), 0, 0));
	assert_int_equal(fdb_flush_port(fdb, 4095), 2);
	assert_int_equal(fdb_lookup(fdb, 0, mac(4)), 4095);
	fdb_learn(fdb, 0, mac(1), 4095, 0);
	assert_int_equal(fdb_forget_port(fdb, 4095), 2);
	assert_int_equal(fdb_count(fdb), 2);
	assert_int_equal(fdb_lookup(fdb, 0, mac(3)), 0);
	assert_int_equal(fdb_flush(fdb), 1);
	assert_int_equal(fdb_lookup(fdb, 0, mac(5)), 0);
	fdb_free(fdb);
}

/* As Open vSwitch's test of fairness: 10 entries, 5 ports with 2 each. */
static void overflow_is_fair(void **state)
{
	struct log log;
	struct fdb *fdb = make(10, &log);
	uint64_t now = 0;
	unsigned on_six = 0;

	for (uint32_t i = 0; i < 10; i++)
		fdb_learn(fdb, 0, mac(i), (uint16_t)(1 + i / 2), now++);
	for (uint32_t i = 0; i < 16; i++)
		fdb_learn(fdb, 0, mac(100 + i), 6, now++);
	assert_int_equal(fdb_count(fdb), 10);
	assert_int_equal(log.count[FDB_EVICT], 16);
	for (uint32_t i = 0; i < 16; i++)
		on_six += fdb_lookup(fdb, 0, mac(100 + i)) == 6;
	assert_int_equal(on_six, 3);
	/* The younger one of each port is still there. */
	for (uint32_t i = 1; i < 10; i += 2)
		assert_int_equal(fdb_lookup(fdb, 0, mac(i)), 1 + i / 2);
	fdb_free(fdb);
}

static void a_flood_costs_its_own_port(void **state)
{
	struct fdb *fdb = make(FDB_LIMIT_DEFAULT, NULL);

	for (uint32_t i = 0; i < 100; i++)
		fdb_learn(fdb, 0, mac(i), (uint16_t)(i % 10), i);
	for (uint32_t i = 0; i < 200000; i++) {
		fdb_learn(fdb, 0, mac(1000 + i), 77, 1000 + i);
		assert_true(fdb_count(fdb) <= FDB_LIMIT_DEFAULT);
	}
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(fdb_lookup(fdb, 0, mac(i)), i % 10);
	assert_int_equal(fdb_lookup(fdb, 0, mac(1000 + 199999)), 77);
	fdb_free(fdb);
}

static void the_oldest_goes_first(void **state)
{
	struct log log;
	struct fdb *fdb = make(3, &log);

	fdb_learn(fdb, 0, mac(1), 1, 1);
	fdb_learn(fdb, 0, mac(2), 1, 2);
	fdb_learn(fdb, 0, mac(3), 1, 3);
	fdb_learn(fdb, 0, mac(1), 1, 4);
	fdb_learn(fdb, 0, mac(4), 1, 5);
	assert_int_equal(log.count[FDB_EVICT], 1);
	assert_int_equal(fdb_lookup(fdb, 0, mac(2)), -1);
	assert_int_equal(fdb_lookup(fdb, 0, mac(1)), 1);
	fdb_free(fdb);
}

static void the_limit_changes(void **state)
{
	struct log log;
	struct fdb *fdb = make(100, &log);

	for (uint32_t i = 0; i < 90; i++)
		fdb_learn(fdb, 0, mac(i), (uint16_t)(i < 80 ? 1 : 2), i);
	for (uint32_t i = 90; i < 95; i++)
		assert_true(fdb_add_static(fdb, 0, mac(i), 3, i));
	assert_true(fdb_set_limit(fdb, 25));
	assert_int_equal(fdb_limit(fdb), 25);
	assert_int_equal(fdb_count(fdb), 25);
	assert_int_equal(log.count[FDB_EVICT], 70);
	/* Both ports have ten, their youngest, in order. */
	for (uint32_t i = 70; i < 95; i++)
		assert_int_not_equal(fdb_lookup(fdb, 0, mac(i)), -1);
	fdb_learn(fdb, 0, mac(80), 2, 100);
	fdb_learn(fdb, 0, mac(200), 1, 101);
	assert_int_equal(log.entry.mac.b[5], 200);
	assert_int_equal(fdb_lookup(fdb, 0, mac(70)), -1);

	assert_true(fdb_set_limit(fdb, 2));
	assert_int_equal(fdb_count(fdb), 2);
	assert_true(fdb_set_limit(fdb, 2));
	assert_true(fdb_set_limit(fdb, FDB_LIMIT_MAX));
	assert_int_equal(fdb_count(fdb), 2);
	for (uint32_t i = 0; i < 50; i++)
		fdb_learn(fdb, 0, mac(1000 + i), 1, 200);
	assert_int_equal(fdb_count(fdb), 52);
	fdb_free(fdb);
}

static void a_listing_may_take_its_time(void **state)
{
	struct fdb *fdb = make(64, NULL);
	struct fdb_entry entry;
	bool seen[64] = {false};
	uint32_t slot = 0;

	assert_false(fdb_next(fdb, &slot, &entry));
	for (uint32_t i = 0; i < 40; i++)
		fdb_learn(fdb, 7, mac(i), 1, i);
	slot = 0;
	for (int i = 0; i < 20; i++) {
		assert_true(fdb_next(fdb, &slot, &entry));
		assert_int_equal(entry.vid, 7);
		seen[entry.mac.b[5]] = true;
	}
	/* Between two rounds some go, some come, some move. */
	for (uint32_t i = 0; i < 10; i++) {
		assert_true(fdb_delete(fdb, 7, mac(i)));
		fdb_learn(fdb, 7, mac(30 + i), 2, 100);
		fdb_learn(fdb, 7, mac(50 + i), 1, 100);
	}
	while (fdb_next(fdb, &slot, &entry)) {
		if (entry.mac.b[5] < 40)
			assert_false(seen[entry.mac.b[5]]);
		seen[entry.mac.b[5]] = true;
	}
	for (uint32_t i = 10; i < 40; i++)
		assert_true(seen[i]);
	fdb_free(fdb);
}

static void changes_have_names(void **state)
{
	assert_string_equal(fdb_change_name(FDB_LEARN), "learn");
	assert_string_equal(fdb_change_name(FDB_DELETE), "del");
	fdb_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(learns_refreshes_and_moves),
		cmocka_unit_test(vids_are_apart),
		cmocka_unit_test(ages_what_was_not_heard),
		cmocka_unit_test(static_entries_stay),
		cmocka_unit_test(full_of_static_entries_learns_nothing),
		cmocka_unit_test(a_port_that_goes_is_forgotten),
		cmocka_unit_test(overflow_is_fair),
		cmocka_unit_test(a_flood_costs_its_own_port),
		cmocka_unit_test(the_oldest_goes_first),
		cmocka_unit_test(the_limit_changes),
		cmocka_unit_test(a_listing_may_take_its_time),
		cmocka_unit_test(changes_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
