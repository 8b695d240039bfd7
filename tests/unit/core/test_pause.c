/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <stdlib.h>

#include "switchd/core/pause.h"

#define PORTS 3
#define MS    1000000ull

struct fixture {
	struct pause pause;
	struct counters counters[PORTS];
	uint64_t in, out;
};

static int begin(void **state)
{
	static struct fixture f;

	f = (struct fixture){.in = 0};
	pause_init(&f.pause);
	*state = &f;
	return 0;
}

/* What came in went on, waits, or was counted. */
static int end(void **state)
{
	struct fixture *f = *state;
	uint64_t lost = 0;

	for (int i = 0; i < PORTS; i++) {
		const struct counters *c = &f->counters[i];
		uint64_t drops = c->drops[DROP_RX_PAUSE_FULL] +
				 c->drops[DROP_RX_PAUSE_LEFT];

		assert_int_equal(c->rx_frames, drops);
		lost += drops;
	}
	assert_int_equal(f->in, f->out + f->pause.queue.frames + lost);
	pause_done(&f->pause);
	assert_int_equal(f->pause.queue.used, 0);
	return 0;
}

/* A frame whose first byte is its number. */
static bool push(struct fixture *f, uint8_t number, uint16_t port, uint64_t now)
{
	uint8_t data[60] = {number};
	const struct frame frame = {.data = data, .len = sizeof(data)};
	struct wire w;

	wire_whole(&w, &frame);
	f->in++;
	return pause_push(&f->pause, port, &w, now, &f->counters[port]);
}

static void take(struct fixture *f, uint8_t number, uint16_t port,
		 uint64_t came, uint64_t now)
{
	struct hold *h = pause_take(&f->pause, now);

	assert_non_null(h);
	assert_int_equal(h->data[0], number);
	assert_int_equal(h->port, port);
	assert_int_equal(h->at, came);
	f->out++;
	free(h);
}

static void frames_wait_in_the_order_of_arrival(void **state)
{
	struct fixture *f = *state;

	assert_true(push(f, 1, 2, 10));
	assert_true(push(f, 2, 0, 11));
	assert_true(push(f, 3, 2, 12));
	assert_true(pause_next(&f->pause) == UINT64_MAX);
	take(f, 1, 2, 10, 20);
	assert_true(pause_next(&f->pause) == UINT64_MAX);
	take(f, 2, 0, 11, 20);
	assert_true(push(f, 4, 1, 21));
	take(f, 3, 2, 12, 30);
	take(f, 4, 1, 21, 30);
	assert_null(pause_take(&f->pause, 30));
}

static void with_a_gap_they_go_by_themselves(void **state)
{
	struct fixture *f = *state;

	pause_set_gap(&f->pause, 500 * MS);
	assert_true(pause_next(&f->pause) == UINT64_MAX);
	push(f, 1, 0, 7 * MS);
	push(f, 2, 0, 7 * MS);
	assert_true(pause_next(&f->pause) <= 7 * MS);
	take(f, 1, 0, 7 * MS, 8 * MS);
	assert_true(pause_next(&f->pause) == 508 * MS);
	take(f, 2, 0, 7 * MS, 600 * MS); /* late: what follows is not early */
	assert_true(pause_next(&f->pause) == UINT64_MAX);
	push(f, 3, 0, 700 * MS);
	assert_true(pause_next(&f->pause) == 1100 * MS);
	pause_set_gap(&f->pause, 0);
	assert_true(pause_next(&f->pause) == UINT64_MAX);
	pause_set_gap(&f->pause, 100 * MS);
	assert_true(pause_next(&f->pause) <= 700 * MS);
	take(f, 3, 0, 700 * MS, 701 * MS);
	/* Nothing came for long: the next one need not wait. */
	push(f, 4, 0, 5000 * MS);
	assert_true(pause_next(&f->pause) <= 5000 * MS);
}

static void the_queue_is_bounded(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < PAUSE_FRAMES_MAX; i++)
		assert_true(push(f, (uint8_t)i, 1, i));
	assert_false(push(f, 0, 1, 0));
	assert_false(push(f, 0, 2, 0));
	assert_int_equal(f->counters[1].drops[DROP_RX_PAUSE_FULL], 1);
	assert_int_equal(f->counters[1].rx_bytes, 60);
	assert_int_equal(f->counters[2].drops[DROP_RX_PAUSE_FULL], 1);
	take(f, 0, 1, 0, 1);
	assert_true(push(f, 9, 2, 2));
	assert_false(push(f, 9, 2, 2));
}

/* Frames of 65,000 bytes reach the other bound. */
static void so_is_its_memory(void **state)
{
	struct fixture *f = *state;
	static uint8_t data[65000];
	const struct frame frame = {.data = data, .len = sizeof(data)};
	struct wire w;
	unsigned n = 0;

	wire_whole(&w, &frame);
	while (pause_push(&f->pause, 0, &w, 0, &f->counters[0]))
		n++;
	f->in += n + 1;
	assert_in_range(n, 250, 260);
	assert_true(f->pause.queue.used <= HOLD_LIMIT_DEFAULT);
}

static void a_port_that_goes_takes_its_frames_with_it(void **state)
{
	struct fixture *f = *state;

	for (uint8_t i = 0; i < 9; i++)
		push(f, i, i % PORTS, i);
	pause_forget(&f->pause, 1, &f->counters[1]);
	assert_int_equal(f->counters[1].drops[DROP_RX_PAUSE_LEFT], 3);
	assert_int_equal(f->counters[1].rx_bytes, 180);
	assert_int_equal(f->pause.queue.frames, 6);
	pause_forget(&f->pause, 1, &f->counters[1]);
	assert_int_equal(f->counters[1].drops[DROP_RX_PAUSE_LEFT], 3);
	for (uint8_t i = 0; i < 9; i++)
		if (i % PORTS != 1)
			take(f, i, i % PORTS, i, 100);
	pause_forget(&f->pause, 0, &f->counters[0]);
	assert_null(pause_take(&f->pause, 100));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			frames_wait_in_the_order_of_arrival, begin, end),
		cmocka_unit_test_setup_teardown(
			with_a_gap_they_go_by_themselves, begin, end),
		cmocka_unit_test_setup_teardown(the_queue_is_bounded, begin,
						end),
		cmocka_unit_test_setup_teardown(so_is_its_memory, begin, end),
		cmocka_unit_test_setup_teardown(
			a_port_that_goes_takes_its_frames_with_it, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
