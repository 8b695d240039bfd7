/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "capture/ring.h"

#define SIZE    4096
#define RECORDS 200000u

/* Records of 4 to 1027 bytes: their length, and bytes that follow from it. */
static size_t record_len(uint32_t i)
{
	return 4 + i * 2654435761u % 1024;
}

static bool put(struct ring *r, uint32_t i)
{
	size_t len = record_len(i);
	uint8_t *p = ring_reserve(r, len + i % 3 * 100);

	if (!p)
		return false;
	memcpy(p, &i, 4);
	memset(p + 4, (int)(i & 0xff), len - 4);
	ring_fill(r, p, len);
	return true;
}

/* Returns how many records there were, which begin with number i. */
static uint32_t take(struct ring *r, uint32_t i)
{
	uint32_t n = 0;
	const uint8_t *data;
	size_t len = ring_peek(r, &data);

	for (size_t at = 0; at < len; n++) {
		size_t record = record_len(i + n);
		uint32_t number;

		memcpy(&number, data + at, 4);
		if (number != i + n || record > len - at)
			fail_msg("record %u in place of %u", number, i + n);
		for (size_t k = 4; k < record; k++) {
			if (data[at + k] != (number & 0xff))
				fail_msg("record %u is not whole", number);
		}
		at += record;
	}
	ring_consume(r, len);
	return n;
}

static void shows_what_is_published(void **state)
{
	const uint8_t *data;
	struct ring r;

	assert_true(ring_init(&r, SIZE));
	assert_true(put(&r, 1));
	assert_int_equal(ring_peek(&r, &data), 0);
	assert_int_equal(ring_used(&r), record_len(1));
	ring_publish(&r);
	assert_int_equal(take(&r, 1), 1);
	assert_int_equal(ring_used(&r), 0);
	ring_done(&r);
}

static void refuses_when_full_and_goes_on(void **state)
{
	struct ring r;
	uint32_t in = 0;
	uint32_t out = 0;

	assert_true(ring_init(&r, SIZE));
	for (int round = 0; round < 1000; round++) {
		while (put(&r, in))
			in++;
		assert_true(ring_used(&r) >= SIZE - 1027 - 200 - 1027);
		ring_publish(&r);
		while (out < in) {
			uint32_t n = take(&r, out);

			assert_true(n > 0);
			out += n;
		}
		assert_null(ring_reserve(&r, SIZE + 1));
		assert_non_null(ring_reserve(&r, SIZE / 2 - 1));
	}
	assert_true(in > 3000);
	ring_done(&r);
}

static void *produce(void *arg)
{
	for (uint32_t i = 0; i < RECORDS; i++) {
		while (!put(arg, i))
			(void)sched_yield();
		if (i % 7 == 0 || i == RECORDS - 1)
			ring_publish(arg);
		if (ring_used(arg) > SIZE / 2)
			ring_publish(arg);
	}
	return NULL;
}

static void keeps_order_between_threads(void **state)
{
	struct ring r;
	pthread_t thread;
	uint32_t out = 0;

	assert_true(ring_init(&r, SIZE));
	assert_int_equal(pthread_create(&thread, NULL, produce, &r), 0);
	while (out < RECORDS) {
		uint32_t n = take(&r, out);

		out += n;
		if (n == 0)
			(void)sched_yield();
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	ring_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_what_is_published),
		cmocka_unit_test(refuses_when_full_and_goes_on),
		cmocka_unit_test(keeps_order_between_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
