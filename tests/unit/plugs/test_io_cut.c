/* SPDX-License-Identifier: MIT */
/*
 * What has been cut for one peer serves the next one if, and only if, it is the
 * same.
 */
#include "tests/cmocka.h"

#include <stdlib.h>

#include "plugs/io_cut.h"
#include "switchd/core/offload.h"
#include "tests/frames/tcp.h"

#define PAYLOAD  30000
#define SEGMENTS 30 /* of 1000 */
#define FRAMES   4

struct bench {
	struct io_cuts *cuts;
	struct frame frames[FRAMES];
	struct wire wires[FRAMES];
	uint8_t bytes[FRAMES][PAYLOAD + TCP_HEAD_MAX];
};

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	b->cuts = io_cuts_new();
	assert_non_null(b->cuts);
	for (unsigned i = 0; i < FRAMES; i++) {
		struct tcp t = {.ttl = 64, .seq = i, .len = PAYLOAD};
		struct frame *f = &b->frames[i];

		f->data = b->bytes[i];
		f->len = tcp_build(&t, b->bytes[i]);
		f->off = (struct offload){.flags = OFFLOAD_NEEDS_CSUM,
					  .gso_type = OFFLOAD_GSO_TCPV4,
					  .gso_size = 1000,
					  .csum_start = 34,
					  .csum_offset = 16};
		assert_true(offload_check(f));
		wire_whole(&b->wires[i], f);
	}
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	io_cuts_free(b->cuts);
	free(b);
	return 0;
}

/* All that is cut from n wires, from the beginning; at[] is where it was.
 * Returns how many batches. */
static unsigned cut_all(struct bench *b, unsigned n, const struct wire *at[])
{
	static uint8_t got[2000];
	uint32_t skip = 0, frames = 0;
	unsigned done = 0, batches = 0;

	while (done < n) {
		const struct wire *ready;
		unsigned count =
			io_cuts_fill(b->cuts, b->wires + done, n - done,
				     OFFLOAD_TAKES_NOTHING, skip, &ready);

		at[batches++] = ready;
		for (unsigned i = 0; i < count; i++, frames++) {
			const uint8_t *tcp;

			wire_copy(&ready[i], got);
			tcp = got + tcp_at(got);
			assert_true(tcp_is_right(got, ready[i].len));
			assert_int_equal(get32(tcp + 4),
					 frames / SEGMENTS +
						 frames % SEGMENTS * 1000);
		}
		done += offload_batch_done(b->wires + done, count,
					   OFFLOAD_TAKES_NOTHING, &skip);
	}
	assert_int_equal(frames, n * SEGMENTS);
	return batches;
}

static void what_is_the_same_is_cut_once(void **state)
{
	struct bench *b = *state;
	const struct wire *first[4], *again[4];

	io_cuts_begin(b->cuts, b->frames, FRAMES);
	assert_int_equal(cut_all(b, FRAMES, first), 2);
	for (unsigned peer = 0; peer < 10; peer++) {
		assert_int_equal(cut_all(b, FRAMES, again), 2);
		assert_ptr_equal(again[0], first[0]);
		assert_ptr_equal(again[1], first[1]);
	}
	/* A part of it only, which is in no batch of its own. */
	assert_int_equal(cut_all(b, 1, again), 1);
	assert_ptr_not_equal(again[0], first[0]);
	assert_int_equal(cut_all(b, FRAMES, again), 2);
	assert_ptr_equal(again[0], first[0]);
}

static void what_takes_more_is_another(void **state)
{
	struct bench *b = *state;
	const struct wire *ready;

	io_cuts_begin(b->cuts, b->frames, FRAMES);
	assert_int_equal(io_cuts_fill(b->cuts, b->wires, 2,
				      OFFLOAD_TAKES_NOTHING, 0, &ready),
			 2 * SEGMENTS);
	assert_int_equal(io_cuts_fill(b->cuts, b->wires, 2, OFFLOAD_TAKES_TCP,
				      0, &ready),
			 2);
	assert_int_equal(io_cuts_fill(b->cuts, b->wires, 2,
				      OFFLOAD_TAKES_NOTHING, SEGMENTS - 1,
				      &ready),
			 SEGMENTS + 1);
}

/* Bytes that may be others by then, at the same place. */
static void another_burst_is_cut_anew(void **state)
{
	struct bench *b = *state;
	const struct wire *at[4];

	for (unsigned round = 0; round < 4; round++) {
		/* In the last two nothing is borrowed. */
		io_cuts_begin(b->cuts, b->frames, round < 2 ? FRAMES : 0);
		(void)cut_all(b, 2, at);
		(void)cut_all(b, 2, at);
		for (unsigned i = 0; i < 2; i++) { /* seen by cut_all() */
			b->bytes[i][50 + PAYLOAD / 2] ^= 0x55;
			b->bytes[i][8] ^= 0x55;
		}
		if (round >= 2)
			(void)cut_all(b, 2, at);
	}
}

static void tags_make_a_difference(void **state)
{
	static const enum tag_op ops[] = {TAG_KEEP, TAG_PUSH, TAG_PUSH};
	struct bench *b = *state;
	const struct wire *at[3];
	uint8_t tag[FRAME_TAG];

	io_cuts_begin(b->cuts, b->frames, FRAMES);
	for (unsigned k = 0; k < 6; k++) {
		const struct wire *ready;
		uint8_t got[2000];

		/* The second tag is where the first was. */
		frame_write_tag(tag, (uint16_t)(10 + k % 3));
		wire_make(&b->wires[0], &b->frames[0], ops[k % 3], tag);
		assert_int_equal(io_cuts_fill(b->cuts, b->wires, 1,
					      OFFLOAD_TAKES_NOTHING, 0, &ready),
				 SEGMENTS);
		wire_copy(&ready[3], got);
		assert_true(tcp_is_right(got, ready[3].len));
		if (k % 3 > 0)
			assert_memory_equal(got + 12, tag, FRAME_TAG);
		if (k >= 3)
			assert_ptr_equal(ready, at[k - 3]);
		else
			at[k] = ready;
	}
}

/* More than is kept: the rest is cut for each. */
static void a_large_burst_is_kept_in_part(void **state)
{
	struct bench *b = *state;
	const struct wire *first, *again;

	io_cuts_begin(b->cuts, b->frames, FRAMES);
	for (uint32_t skip = 0; skip < SEGMENTS; skip++)
		(void)io_cuts_fill(b->cuts, b->wires, 1, OFFLOAD_TAKES_NOTHING,
				   skip, &first);
	for (uint32_t skip = 0; skip < SEGMENTS; skip++) {
		unsigned n = io_cuts_fill(b->cuts, b->wires, 1,
					  OFFLOAD_TAKES_NOTHING, skip, &again);
		uint8_t got[2000];

		assert_int_equal(n, SEGMENTS - skip);
		wire_copy(&again[0], got);
		assert_true(tcp_is_right(got, again[0].len));
		assert_int_equal(get32(got + 38), skip * 1000);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_the_same_is_cut_once,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_takes_more_is_another,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_burst_is_cut_anew,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(tags_make_a_difference, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_large_burst_is_kept_in_part,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
