/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "plugs/stream_frames.h"

static struct stream_in *in_new(void)
{
	struct stream_in *in = malloc(sizeof(*in));

	assert_non_null(in);
	in->begin = in->end = 0;
	return in;
}

static void feed(struct stream_in *in, const void *data, size_t len)
{
	size_t room;
	uint8_t *to = stream_in_room(in, &room);

	assert_true(room >= len);
	memcpy(to, data, len);
	stream_in_add(in, len);
}

static void a_frame_may_come_byte_by_byte(void **state)
{
	static const uint8_t bytes[] = {0, 0, 0, 3, 7, 8, 9};
	struct stream_in *in = in_new();
	struct frame f;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		assert_int_equal(stream_in_next(in), STREAM_MORE);
		assert_int_equal(stream_in_take(in, &f, 1), 0);
		feed(in, &bytes[i], 1);
	}
	assert_int_equal(stream_in_next(in), STREAM_FRAME);
	assert_int_equal(stream_in_take(in, &f, 1), 1);
	assert_int_equal(f.len, 3);
	assert_memory_equal(f.data, bytes + 4, 3);
	assert_int_equal(stream_in_next(in), STREAM_MORE);
	free(in);
}

static void several_frames_come_at_once(void **state)
{
	static const uint8_t bytes[] = {0, 0, 0, 1, 5, 0, 0, 0, 0,
					0, 0, 0, 2, 6, 7, 0, 0};
	struct stream_in *in = in_new();
	struct frame f[3];

	feed(in, bytes, sizeof(bytes));
	assert_int_equal(stream_in_take(in, f, 2), 2);
	assert_int_equal(f[0].len, 1);
	assert_int_equal(f[1].len, 0);
	assert_int_equal(stream_in_take(in, f, 3), 1);
	assert_int_equal(f[0].len, 2);
	assert_int_equal(f[0].data[1], 7);
	feed(in, "\0\1x", 3);
	assert_int_equal(stream_in_take(in, f, 3), 1);
	assert_int_equal(f[0].data[0], 'x');
	free(in);
}

static void the_longest_frame_leaves_room_to_read(void **state)
{
	static uint8_t bytes[STREAM_HEADER + FRAME_MAX] = {0, 1, 0, 6};
	struct stream_in *in = in_new();
	struct frame f;
	size_t room;

	assert_int_equal(FRAME_MAX, 0x10006);
	feed(in, bytes, sizeof(bytes) - 1);
	assert_int_equal(stream_in_next(in), STREAM_MORE);
	(void)stream_in_room(in, &room);
	assert_true(room >= STREAM_READ_MIN);
	feed(in, bytes, 1);
	assert_int_equal(stream_in_take(in, &f, 1), 1);
	assert_int_equal(f.len, FRAME_MAX);
	free(in);
}

static void a_longer_one_is_the_end(void **state)
{
	static const uint8_t longer[] = {0, 0, 0, 1, 9, 0, 1, 0, 7};
	struct stream_in *in = in_new();
	struct frame f[2];

	feed(in, longer, sizeof(longer));
	assert_int_equal(stream_in_next(in), STREAM_FRAME);
	assert_int_equal(stream_in_take(in, f, 2), 1);
	assert_int_equal(stream_in_next(in), STREAM_BAD);
	assert_int_equal(stream_in_take(in, f, 2), 0);
	free(in);
}

/* Two frames, the first of three pieces, sent in parts of every size. */
static void what_is_half_sent_goes_on_where_it_was(void **state)
{
	static const char want[] = "\0\0\0\6abcdef\0\0\0\2xy";
	struct wire wires[2] = {
		{.iov = {{(void *)(uintptr_t) "ab", 2},
			 {(void *)(uintptr_t) "cde", 3},
			 {(void *)(uintptr_t) "f", 1}},
		 .pieces = 3,
		 .len = 6},
		{.iov = {{(void *)(uintptr_t) "xy", 2}}, .pieces = 1, .len = 2},
	};

	for (size_t cut = 0; cut <= 16; cut++) {
		struct stream_out out = {.done = 0};
		unsigned n = stream_out_gather(&out, wires, 2);
		size_t left = 0;

		assert_int_equal(n, 6);
		n = stream_out_advance(&out, wires, cut);
		assert_int_equal(n, cut >= 16 ? 2 : cut >= 10);
		n = stream_out_gather(&out, wires + n, 2 - n);
		for (unsigned i = 0; i < n; i++) {
			assert_memory_equal(out.iov[i].iov_base,
					    want + cut + left,
					    out.iov[i].iov_len);
			left += out.iov[i].iov_len;
		}
		assert_int_equal(cut + left, 16);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_may_come_byte_by_byte),
		cmocka_unit_test(several_frames_come_at_once),
		cmocka_unit_test(the_longest_frame_leaves_room_to_read),
		cmocka_unit_test(a_longer_one_is_the_end),
		cmocka_unit_test(what_is_half_sent_goes_on_where_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
