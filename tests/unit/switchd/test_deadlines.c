/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <stdlib.h>

#include "switchd/deadlines.h"

#define MS    1000000ull
#define COUNT 200

struct rig {
	uv_loop_t loop;
	struct deadlines *all;
	struct deadline d[COUNT];
	uint64_t last; /* time that the last one was set for */
	unsigned done;
	unsigned rounds;
};

static void on_due(struct deadline *d, uint64_t now)
{
	struct rig *rig = d->ctx;

	assert_int_equal(d->place, 0);
	assert_true(d->at <= now);
	assert_true(d->at >= rig->last);
	assert_true(now <= uv_hrtime());
	rig->last = d->at;
	rig->done++;
}

static int begin(void **state)
{
	static struct rig rig;
	struct err err;

	rig = (struct rig){.done = 0};
	assert_int_equal(uv_loop_init(&rig.loop), 0);
	rig.all = deadlines_new(&rig.loop, &err);
	assert_non_null(rig.all);
	for (unsigned i = 0; i < COUNT; i++)
		rig.d[i] = (struct deadline){.due = on_due, .ctx = &rig};
	*state = &rig;
	return 0;
}

static int end(void **state)
{
	struct rig *rig = *state;

	deadlines_free(rig->all);
	uv_run(&rig->loop, UV_RUN_DEFAULT);
	return uv_loop_close(&rig->loop);
}

/* Random orders, moves and removals, with a fixed seed. */
static void they_come_in_order(void **state)
{
	struct rig *rig = *state;
	uint64_t now = uv_hrtime();
	unsigned cleared = 0;

	srand(1);
	for (unsigned i = 0; i < COUNT; i++)
		deadline_set(rig->all, &rig->d[i],
			     now + (uint64_t)(rand() % 50) * MS / 10);
	for (unsigned i = 0; i < COUNT; i += 3)
		deadline_set(rig->all, &rig->d[i],
			     now + (uint64_t)(rand() % 50) * MS / 10);
	for (unsigned i = 0; i < COUNT; i += 5, cleared++)
		deadline_clear(rig->all, &rig->d[i]);
	for (unsigned i = 0; i < 1000 && rig->done < COUNT - cleared; i++)
		uv_run(&rig->loop, UV_RUN_ONCE);
	assert_int_equal(rig->done, COUNT - cleared);
	for (unsigned i = 0; i < COUNT; i++)
		assert_int_equal(rig->d[i].place, 0);
}

static void not_before_their_time(void **state)
{
	struct rig *rig = *state;
	uint64_t at = uv_hrtime() + 3 * MS / 2;

	deadline_set(rig->all, &rig->d[0], at);
	while (rig->done == 0) {
		uv_run(&rig->loop, UV_RUN_ONCE);
		assert_true(rig->done == 0 || uv_hrtime() >= at);
	}
	assert_int_equal(rig->last, at);
}

static void on_again(struct deadline *d, uint64_t now)
{
	struct rig *rig = d->ctx;

	if (++rig->done < 100)
		deadline_set(rig->all, d, 1); /* long ago */
}

static void on_idle(uv_idle_t *idle)
{
	struct rig *rig = idle->data;

	rig->rounds++;
	if (rig->done == 100)
		uv_close((uv_handle_t *)idle, NULL);
}

/* One that is always late leaves a round to all others in between. */
static void one_turn_a_round(void **state)
{
	struct rig *rig = *state;
	uv_idle_t idle = {.data = rig};

	rig->d[0].due = on_again;
	deadline_set(rig->all, &rig->d[0], 1);
	uv_idle_init(&rig->loop, &idle);
	uv_idle_start(&idle, on_idle);
	while (uv_is_active((uv_handle_t *)&idle))
		uv_run(&rig->loop, UV_RUN_NOWAIT);
	uv_run(&rig->loop, UV_RUN_NOWAIT);
	assert_int_equal(rig->done, 100);
	assert_true(rig->rounds >= 100);
}

static void on_clear_other(struct deadline *d, uint64_t now)
{
	struct rig *rig = d->ctx;

	deadline_clear(rig->all, &rig->d[1]);
	on_due(d, now);
}

static void one_may_clear_another_that_is_due(void **state)
{
	struct rig *rig = *state;

	rig->d[0].due = on_clear_other;
	deadline_set(rig->all, &rig->d[0], 1);
	deadline_set(rig->all, &rig->d[1], 2);
	deadline_set(rig->all, &rig->d[2], 3);
	while (rig->done < 2)
		uv_run(&rig->loop, UV_RUN_ONCE);
	assert_int_equal(rig->last, 3);
	assert_int_equal(rig->d[1].place, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(they_come_in_order, begin, end),
		cmocka_unit_test_setup_teardown(not_before_their_time, begin,
						end),
		cmocka_unit_test_setup_teardown(one_turn_a_round, begin, end),
		cmocka_unit_test_setup_teardown(
			one_may_clear_another_that_is_due, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
