/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <stdlib.h>

#include "switchd/core/hold.h"

#define COST(len) (sizeof(struct hold) + (len))

static bool push(struct hold_queue *q, uint8_t value, uint32_t len)
{
	uint8_t data[128];
	struct frame f = {.data = data, .len = len, .off = {.flags = value}};
	struct wire w;

	for (uint32_t i = 0; i < len; i++)
		data[i] = value;
	wire_whole(&w, &f);
	return hold_push(q, &w);
}

static void keeps_order_bytes_and_offload(void **state)
{
	struct hold_queue q;
	struct wire w;

	hold_queue_init(&q, HOLD_LIMIT_DEFAULT);
	assert_null(hold_peek(&q));
	for (uint8_t i = 1; i <= 3; i++)
		assert_true(push(&q, i, 60u + i));
	assert_int_equal(q.frames, 3);
	for (uint8_t i = 1; i <= 3; i++) {
		hold_wire(hold_peek(&q), &w);
		assert_int_equal(w.pieces, 1);
		assert_int_equal(w.len, 60 + i);
		assert_int_equal(((uint8_t *)w.iov[0].iov_base)[w.len - 1], i);
		assert_int_equal(w.off.flags, i);
		hold_pop(&q);
	}
	assert_null(hold_peek(&q));
	assert_int_equal(q.used, 0);
	assert_true(push(&q, 4, 14));
	assert_int_equal(hold_peek(&q)->data[0], 4);
	assert_int_equal(hold_queue_done(&q), 1);
}

static void joins_the_pieces(void **state)
{
	static const uint8_t bytes[14] = {1, 2, 3, 4,  5,  6,    7,
					  8, 9, 0, 11, 12, 0x08, 0x00};
	struct frame f = {.data = bytes, .len = sizeof(bytes)};
	uint8_t tag[FRAME_TAG];
	struct hold_queue q;
	struct wire w;

	frame_write_tag(tag, 10);
	wire_make(&w, &f, TAG_PUSH, tag);
	hold_queue_init(&q, HOLD_LIMIT_DEFAULT);
	assert_true(hold_push(&q, &w));
	assert_int_equal(hold_peek(&q)->len, 18);
	assert_int_equal(hold_peek(&q)->data[15], 10);
	assert_int_equal(hold_peek(&q)->data[16], 0x08);
	assert_int_equal(hold_queue_done(&q), 1);
}

static void refuses_the_newest_at_the_limit(void **state)
{
	struct hold_queue q;

	hold_queue_init(&q, 2 * COST(100));
	assert_true(push(&q, 1, 100));
	assert_false(push(&q, 2, 101));
	assert_true(push(&q, 3, 100));
	assert_int_equal(q.used, q.limit);
	assert_false(push(&q, 4, 14));
	hold_pop(&q);
	assert_true(push(&q, 5, 60));
	assert_int_equal(hold_peek(&q)->data[0], 3);
	assert_int_equal(hold_queue_done(&q), 2);
	assert_int_equal(q.used, 0);
	assert_int_equal(hold_queue_done(&q), 0);
}

static void a_limit_of_zero_holds_nothing(void **state)
{
	struct hold_queue q;

	hold_queue_init(&q, 0);
	assert_false(push(&q, 1, 14));
	assert_int_equal(hold_queue_done(&q), 0);
}

static void what_is_taken_out_can_be_put_back(void **state)
{
	struct hold_queue q;
	struct hold *h;

	hold_queue_init(&q, 2 * COST(60));
	assert_null(hold_take(&q));
	assert_true(push(&q, 1, 60));
	assert_true(push(&q, 2, 60));
	h = hold_take(&q);
	assert_int_equal(h->data[0], 1);
	assert_int_equal(q.frames, 1);
	assert_int_equal(q.used, COST(60));
	assert_true(push(&q, 3, 60));
	hold_put(&q, h);
	for (uint8_t i = 0; i < 3; i++) {
		h = hold_take(&q);
		assert_int_equal(h->data[0], i < 2 ? 2 + i : 1);
		free(h);
	}
	assert_null(hold_take(&q));
	assert_int_equal(q.used, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_order_bytes_and_offload),
		cmocka_unit_test(joins_the_pieces),
		cmocka_unit_test(refuses_the_newest_at_the_limit),
		cmocka_unit_test(a_limit_of_zero_holds_nothing),
		cmocka_unit_test(what_is_taken_out_can_be_put_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
