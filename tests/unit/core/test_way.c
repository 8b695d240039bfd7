/* SPDX-License-Identifier: MIT */
#include "switchd/core/way.h"

#include "switchd/core/offload.h"
#include "tests/cmocka.h"
#include "tests/frames/tcp.h"

struct fixture {
	struct counters counters;
	struct way way;
};

static int begin(void **state)
{
	static struct fixture f;

	f = (struct fixture){.counters = {.parent = NULL}};
	way_init(&f.way, &f.counters);
	*state = &f;
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;
	const struct counters *c = &f->counters;
	uint64_t drops = 0;

	for (int i = 0; i < DROP_COUNT; i++)
		drops += c->drops[i];
	assert_int_equal(c->tx_offered,
			 c->tx_frames + f->way.queue.frames + drops);
	way_empty(&f->way, DROP_TX_CLOSED);
	return 0;
}

/* n frames of 60 bytes, the first of which is value; their fates, too. */
static void enter(struct fixture *f, unsigned n, uint8_t value,
		  enum drop *fates)
{
	uint8_t data[FRAME_BURST][60] = {{0}};
	struct wire wires[FRAME_BURST];

	for (unsigned i = 0; i < n; i++) {
		const struct frame frame = {.data = data[i], .len = 60};

		data[i][0] = (uint8_t)(value + i);
		wire_whole(&wires[i], &frame);
	}
	counters_offered(&f->counters, n);
	way_enter(&f->way, wires, n, fates);
}

static void what_enters_comes_out_in_order(void **state)
{
	struct fixture *f = *state;
	struct frame frames[FRAME_BURST];
	uint8_t next = 0;

	enter(f, FRAME_BURST, 0, NULL);
	enter(f, FRAME_BURST, FRAME_BURST, NULL);
	enter(f, 7, 2 * FRAME_BURST, NULL);
	assert_int_equal(f->way.queue.frames, 2 * FRAME_BURST + 7);
	assert_int_equal(f->counters.tx_frames, 0);
	for (unsigned n; (n = way_take(&f->way, frames)) > 0;) {
		assert_int_equal(n, next < 2 * FRAME_BURST ? FRAME_BURST : 7);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(frames[i].data[0], next++);
		way_taken(&f->way, n);
		assert_int_equal(f->counters.tx_frames, next);
		assert_int_equal(f->counters.tx_bytes, next * 60);
	}
	assert_int_equal(next, 2 * FRAME_BURST + 7);
	assert_int_equal(f->way.queue.used, 0);
}

/* A frame that is taken may send others into the same way. */
static void what_is_taken_stays_until_it_is_said(void **state)
{
	struct fixture *f = *state;
	struct frame frames[FRAME_BURST];

	enter(f, 2, 10, NULL);
	assert_int_equal(way_take(&f->way, frames), 2);
	enter(f, 3, 20, NULL);
	assert_int_equal(frames[1].data[0], 11);
	way_taken(&f->way, 2);
	assert_int_equal(way_take(&f->way, frames), 3);
	assert_int_equal(frames[0].data[0], 20);
}

static void a_direction_that_is_down_loses_all(void **state)
{
	struct fixture *f = *state;
	enum drop fates[2] = {DROP_COUNT, DROP_COUNT};

	enter(f, 3, 0, NULL);
	way_set_down(&f->way, true);
	assert_int_equal(f->way.queue.frames, 0);
	assert_int_equal(f->counters.drops[DROP_TX_LINK_DOWN], 3);
	enter(f, 2, 0, fates);
	assert_int_equal(fates[0], DROP_TX_LINK_DOWN);
	assert_int_equal(fates[1], DROP_TX_LINK_DOWN);
	assert_int_equal(f->counters.drops[DROP_TX_LINK_DOWN], 5);
	way_set_down(&f->way, false);
	enter(f, 1, 0, NULL);
	assert_int_equal(f->way.queue.frames, 1);
}

static void a_full_one_drops_the_newest(void **state)
{
	struct fixture *f = *state;
	enum drop fates[3] = {DROP_COUNT, DROP_COUNT, DROP_COUNT};
	struct frame frames[FRAME_BURST];

	f->way.queue.limit = 2 * (sizeof(struct hold) + 60);
	enter(f, 3, 1, fates);
	assert_int_equal(fates[1], DROP_COUNT);
	assert_int_equal(fates[2], DROP_TX_HOLD_FULL);
	assert_int_equal(f->counters.drops[DROP_TX_HOLD_FULL], 1);
	assert_int_equal(way_take(&f->way, frames), 2);
	assert_int_equal(frames[1].data[0], 2);
}

static void a_super_frame_passes_whole_and_counts_as_many(void **state)
{
	static uint8_t bytes[10000 + TCP_HEAD_MAX];
	const struct tcp tcp = {.ttl = 64, .len = 10000};
	struct fixture *f = *state;
	struct frame super = {.data = bytes, .len = tcp_build(&tcp, bytes)};
	struct frame frames[FRAME_BURST];
	struct wire w;

	super.off = (struct offload){.flags = OFFLOAD_NEEDS_CSUM,
				     .gso_type = OFFLOAD_GSO_TCPV4,
				     .gso_size = 1000,
				     .csum_start = (uint16_t)tcp_at(bytes),
				     .csum_offset = 16};
	assert_true(offload_check(&super));
	wire_whole(&w, &super);
	counters_offered(&f->counters, 10);
	way_enter(&f->way, &w, 1, NULL);
	assert_int_equal(f->way.queue.frames, 10);
	assert_int_equal(way_take(&f->way, frames), 1);
	assert_int_equal(frames[0].len, super.len);
	assert_memory_equal(frames[0].data, super.data, super.len);
	assert_memory_equal(&frames[0].off, &super.off, sizeof(super.off));
	way_taken(&f->way, 1);
	assert_int_equal(f->counters.tx_frames, 10);
	assert_int_equal(f->counters.tx_bytes,
			 offload_bytes(&super.off, super.len));
	way_set_down(&f->way, true);
	counters_offered(&f->counters, 10);
	way_enter(&f->way, &w, 1, NULL);
	assert_int_equal(f->counters.drops[DROP_TX_LINK_DOWN], 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_enters_comes_out_in_order,
						begin, end),
		cmocka_unit_test_setup_teardown(
			what_is_taken_stays_until_it_is_said, begin, end),
		cmocka_unit_test_setup_teardown(
			a_direction_that_is_down_loses_all, begin, end),
		cmocka_unit_test_setup_teardown(a_full_one_drops_the_newest,
						begin, end),
		cmocka_unit_test_setup_teardown(
			a_super_frame_passes_whole_and_counts_as_many, begin,
			end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
