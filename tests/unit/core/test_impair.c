/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <string.h>

#include "switchd/core/impair.h"

#define MS     1000000ull
#define FRAMES 100000

/* sqrt(n p (1 - p)) times 3.29, the 99.9 % interval, for 1 % of FRAMES. */
#define WITHIN 104

/* Returns when it arrives, 0 if it does not. */
static uint64_t decide(struct impair *im, uint32_t len, uint64_t now,
		       struct impair_fate *fate)
{
	impair_decide(im, len, fate);
	return fate->lost ? 0 : impair_arrival(im, len, now, fate);
}

static unsigned count_lost(const struct impair_conf *conf, unsigned *runs)
{
	struct impair_fate fate;
	struct impair im;
	unsigned lost = 0;
	bool before = false;

	*runs = 0;
	impair_init(&im, conf);
	for (unsigned i = 0; i < FRAMES; i++) {
		(void)decide(&im, 100, i, &fate);
		lost += fate.lost;
		*runs += fate.lost && !before;
		before = fate.lost;
	}
	return lost;
}

static void perfect_changes_nothing(void **state)
{
	struct impair_conf conf = {.seed = 3};
	struct impair_fate fate;
	struct impair im;

	assert_true(impair_is_perfect(&conf));
	impair_init(&im, &conf);
	for (uint64_t now = 0; now < 100; now++) {
		uint64_t at = decide(&im, 1514, now, &fate);

		assert_false(fate.lost || fate.first || fate.duplicated ||
			     fate.corrupted);
		assert_int_equal(at, now);
	}
}

static void loss_is_the_share_asked_for(void **state)
{
	unsigned runs;

	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct impair_conf conf = {.loss = 10000, .seed = seed};

		assert_in_range(count_lost(&conf, &runs), 1000 - WITHIN,
				1000 + WITHIN);
		assert_in_range(runs, 960 - WITHIN, 1000 + WITHIN);
	}
}

static void none_and_all_are_exact(void **state)
{
	struct impair_conf conf = {.loss = 0, .loss_run = 5};
	unsigned runs;

	assert_int_equal(count_lost(&conf, &runs), 0);
	conf.loss = IMPAIR_ALL;
	assert_int_equal(count_lost(&conf, &runs), FRAMES);
	assert_int_equal(runs, 1);
}

/* The share stays, the losses come in runs. */
static void runs_have_their_length(void **state)
{
	struct impair_conf conf = {.loss = 100000, .loss_run = 8, .seed = 1};
	unsigned runs, lost = count_lost(&conf, &runs);

	assert_in_range(lost, 9000, 11000);
	assert_in_range(lost / runs, 7, 8);
}

/* Whatever else is on, and whenever they come. */
static void a_seed_loses_the_same_frames(void **state)
{
	struct impair_conf plain = {.loss = 50000, .seed = 7};
	struct impair_conf much = plain;
	struct impair_fate a, b;
	struct impair one, other;
	unsigned lost = 0;

	much.delay_ns = 5 * MS;
	much.jitter_ns = MS;
	much.duplicate = much.reorder = much.corrupt = 100000;
	much.rate_bps = 1000000;
	impair_init(&one, &plain);
	impair_init(&other, &much);
	for (unsigned i = 0; i < 1000; i++) {
		(void)decide(&one, 60, i, &a);
		(void)decide(&other, 1500, i * MS, &b);
		assert_int_equal(a.lost, b.lost);
		lost += a.lost;
	}
	assert_in_range(lost, 20, 80);
	plain.seed = 8;
	impair_set(&one, &plain);
	impair_set(&other, &much);
	lost = 0;
	for (unsigned i = 0; i < 1000; i++) {
		(void)decide(&one, 60, i, &a);
		(void)decide(&other, 60, i, &b);
		lost += a.lost != b.lost;
	}
	assert_true(lost > 0);
}

static void delay_is_exact(void **state)
{
	struct impair_conf conf = {.delay_ns = 50 * MS};
	struct impair_fate fate;
	struct impair im;
	uint64_t at;

	assert_false(impair_is_perfect(&conf));
	assert_true(impair_passes_super(&conf));
	impair_init(&im, &conf);
	for (uint64_t now = 1; now < 200 * MS; now += 7 * MS + 13) {
		at = decide(&im, 60, now, &fate);
		assert_int_equal(at, now + 50 * MS);
	}
}

static void jitter_stays_inside_and_keeps_order(void **state)
{
	struct impair_conf conf = {.delay_ns = 20 * MS, .jitter_ns = 5 * MS};
	uint64_t last = 0, least = UINT64_MAX, most = 0;
	struct impair_fate fate;
	struct impair im;
	uint64_t at;

	impair_init(&im, &conf);
	for (uint64_t now = 1; now < 20000 * MS; now += 20 * MS) {
		at = decide(&im, 60, now, &fate);
		assert_in_range(at - now, 15 * MS, 25 * MS);
		assert_true(at >= last);
		last = at;
		if (at - now < least)
			least = at - now;
		if (at - now > most)
			most = at - now;
	}
	assert_true(least < 16 * MS && most > 24 * MS);
	for (uint64_t now = 30000 * MS; now < 30010 * MS; now += 1000) {
		at = decide(&im, 60, now, &fate);
		assert_true(at >= last);
		last = at;
	}
}

static void rate_sends_one_after_the_other(void **state)
{
	struct impair_conf conf = {.rate_bps = 10000000};
	struct impair_fate fate;
	struct impair im;
	uint64_t at;

	assert_false(impair_passes_super(&conf));
	impair_init(&im, &conf);
	for (uint64_t i = 1; i <= 10; i++) {
		at = decide(&im, 1250, 100, &fate);
		assert_int_equal(at, 100 + i * MS);
	}
	at = decide(&im, 1250, 50 * MS, &fate); /* idle saves nothing up */
	assert_int_equal(at, 51 * MS);
}

static void a_burst_goes_at_once(void **state)
{
	struct impair_conf conf = {.rate_bps = 10000000, .burst = 2500};
	struct impair_fate fate;
	struct impair im;
	uint64_t at;

	impair_init(&im, &conf);
	for (uint64_t i = 1; i <= 5; i++) {
		at = decide(&im, 1250, MS, &fate);
		assert_int_equal(at, i <= 2 ? MS : MS + (i - 2) * MS);
	}
}

static void reordered_frames_arrive_at_once(void **state)
{
	struct impair_conf conf = {
		.delay_ns = 10 * MS, .reorder = 200000, .rate_bps = 1000000};
	unsigned first = 0;
	struct impair_fate fate;
	struct impair im;
	uint64_t at;

	impair_init(&im, &conf);
	for (uint64_t now = 1; now <= 1000; now++) {
		at = decide(&im, 60, now, &fate);
		if (fate.first)
			assert_int_equal(at, now);
		else
			assert_true(at >= now + 10 * MS);
		first += fate.first;
	}
	assert_in_range(first, 140, 260);
}

static void corruption_spares_the_header(void **state)
{
	struct impair_conf conf = {.corrupt = IMPAIR_ALL};
	uint8_t hit[20 * 8] = {0};
	struct impair_fate fate;
	struct impair im;

	impair_init(&im, &conf);
	for (unsigned i = 0; i < 2000; i++) {
		(void)decide(&im, 20, i, &fate);
		assert_true(fate.corrupted);
		assert_in_range(fate.bit, 14 * 8, 20 * 8 - 1);
		hit[fate.bit] = 1;
	}
	for (unsigned bit = 14 * 8; bit < 20 * 8; bit++)
		assert_int_equal(hit[bit], 1);
	(void)decide(&im, 14, 0, &fate);
	assert_false(fate.corrupted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(perfect_changes_nothing),
		cmocka_unit_test(loss_is_the_share_asked_for),
		cmocka_unit_test(none_and_all_are_exact),
		cmocka_unit_test(runs_have_their_length),
		cmocka_unit_test(a_seed_loses_the_same_frames),
		cmocka_unit_test(delay_is_exact),
		cmocka_unit_test(jitter_stays_inside_and_keeps_order),
		cmocka_unit_test(rate_sends_one_after_the_other),
		cmocka_unit_test(a_burst_goes_at_once),
		cmocka_unit_test(reordered_frames_arrive_at_once),
		cmocka_unit_test(corruption_spares_the_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
