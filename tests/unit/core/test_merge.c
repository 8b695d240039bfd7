/* SPDX-License-Identifier: MIT */
/*
 * Segments of TCP as one and back. What is merged and what is not, case by
 * case; and for random streams that cutting gives back what was merged, byte
 * for byte: SEED in the environment repeats a run.
 */
#include "tests/cmocka.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "switchd/core/merge.h"
#include "tests/frames/tcp.h"

#define SEGMENT_MAX 2048
#define BURSTS      5000

struct bench {
	unsigned n;
	uint8_t bytes[FRAME_BURST][SEGMENT_MAX];
	struct wire wires[FRAME_BURST];
	struct merge merge;
	uint8_t joined[FRAME_MAX];
	uint64_t random;
};

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct bench));
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static uint8_t *add(struct bench *b, const struct tcp *t)
{
	uint8_t *bytes = b->bytes[b->n];
	struct frame f = {.data = bytes, .len = tcp_build(t, bytes)};

	wire_whole(&b->wires[b->n++], &f);
	return bytes;
}

/* What cutting out[i] gives is the frames of one flow, in order, that it
 * stands for: returns how many. */
static unsigned check_cuts(struct bench *b, unsigned i, unsigned *next)
{
	const struct merged *out = &b->merge.out[i];
	uint8_t scratch[INET_HEADERS_MAX];
	static uint8_t got[FRAME_MAX];
	struct frame f = {.data = b->joined, .len = out->len, .off = out->off};
	struct frame checked = f;
	struct wire whole, w;
	uint32_t count = offload_frames(&f.off, f.len);

	assert_true(out->len <= FRAME_MAX);
	merge_copy(out, b->joined);
	assert_true(offload_check(&checked));
	assert_memory_equal(&checked.off, &f.off, sizeof(f.off));
	assert_int_equal(count, out->frames);
	wire_whole(&whole, &f);
	for (uint32_t k = 0; k < count; k++) {
		offload_cut(&whole, k, scratch, &w);
		wire_copy(&w, got);
		while (b->wires[*next].len != w.len ||
		       memcmp(b->bytes[*next], got, w.len) != 0) {
			++*next;
			assert_true(*next < b->n);
		}
		++*next;
	}
	return count;
}

/* Merges. Checks that nothing is lost; returns how many came out. */
static unsigned merge(struct bench *b)
{
	unsigned frames = 0;

	merge_burst(&b->merge, b->wires, b->n);
	for (unsigned i = 0; i < b->merge.count; i++) {
		unsigned next = 0;

		frames += check_cuts(b, i, &next);
	}
	assert_int_equal(frames, b->n);
	return b->merge.count;
}

static struct tcp segment(unsigned i)
{
	return (struct tcp){.df = true,
			    .ttl = 64,
			    .id = (uint16_t)(100 + i),
			    .port = 1000,
			    .seq = 5000 + 1000 * i,
			    .ack = 77,
			    .flags = 0x10,
			    .options = 12,
			    .len = 1000};
}

static void a_run_becomes_one(void **state)
{
	struct bench *b = *state;
	struct tcp t;

	for (int six = 0; six < 2; six++) {
		for (unsigned tags = 0; tags <= 2; tags++) {
			b->n = 0;
			for (unsigned i = 0; i < 10; i++) {
				t = segment(i);
				t.six = six;
				t.tags = tags;
				t.len = i == 9 ? 13 : 1000;
				t.flags = i == 9 ? 0x18 : 0x10;
				(void)add(b, &t);
			}
			assert_int_equal(merge(b), 1);
			assert_int_equal(b->merge.out[0].off.gso_size, 1000);
		}
	}
}

/* The second of two segments, or its bytes, with one thing different. */
struct row {
	const char *what;
	struct tcp change; /* added to it */
	uint16_t at;       /* a byte that is changed, from IP on */
	bool broken;       /* its checksums are left as they were */
};

static void what_differs_stays_apart(void **state)
{
	static const struct row rows[] = {
		{.what = "a gap", .change = {.seq = 1}},
		{.what = "larger", .change = {.len = 1}},
		{.what = "identification", .change = {.id = 1}},
		{.what = "acknowledgement", .change = {.ack = 1}},
		{.what = "time to live", .change = {.ttl = 1}},
		{.what = "FIN", .change = {.flags = 0x01}},
		{.what = "CWR", .change = {.flags = 0x80}},
		{.what = "another flow", .change = {.port = 1}},
		{.what = "fewer options", .change = {.options = -4u}},
		{.what = "a tag", .change = {.tags = 1}},
		{.what = "type of service", .at = 1},
		{.what = "window", .at = 20 + 14},
		{.what = "urgent pointer", .at = 20 + 19},
		{.what = "an option", .at = 20 + 25},
		{.what = "checksum of IP", .at = 11, .broken = true},
		{.what = "checksum of TCP", .at = 20 + 17, .broken = true},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct tcp t = segment(0);
		uint8_t *bytes;

		b->n = 0;
		(void)add(b, &t);
		t = segment(1);
		t.seq += row->change.seq;
		t.len += row->change.len;
		t.id += row->change.id;
		t.ack += row->change.ack;
		t.ttl += row->change.ttl;
		t.flags |= row->change.flags;
		t.port += row->change.port;
		t.options += row->change.options;
		t.tags += row->change.tags;
		bytes = add(b, &t);
		if (row->at)
			bytes[14 + row->at] ^= 1;
		if (row->at && !row->broken)
			tcp_finish(bytes, b->wires[1].len);
		if (merge(b) != 2)
			fail_msg("merged in spite of: %s", row->what);
	}
}

static void a_push_ends_a_run(void **state)
{
	struct bench *b = *state;
	struct tcp t;

	b->n = 0;
	for (unsigned i = 0; i < 6; i++) {
		t = segment(i);
		t.flags = i == 2 ? 0x18 : 0x10;
		(void)add(b, &t);
	}
	assert_int_equal(merge(b), 2);
	assert_int_equal(b->merge.out[0].frames, 3);
}

static void identifications_that_stay_are_kept(void **state)
{
	struct bench *b = *state;

	b->n = 0;
	for (unsigned i = 0; i < 4; i++) {
		struct tcp t = segment(i);

		t.id = 0;
		(void)add(b, &t);
	}
	assert_int_equal(merge(b), 4);
}

static void flows_do_not_disturb_each_other(void **state)
{
	struct bench *b = *state;

	b->n = 0;
	for (unsigned i = 0; i < 30; i++) {
		struct tcp t = segment(i / 3);

		t.port += i % 3;
		t.six = i % 3 == 2;
		(void)add(b, &t);
	}
	assert_int_equal(merge(b), 3);
}

/* A frame without payload between two segments is not overtaken. */
static void order_in_a_flow_is_kept(void **state)
{
	struct bench *b = *state;
	struct tcp t = segment(0);
	unsigned next = 0;

	b->n = 0;
	(void)add(b, &t);
	t.len = 0;
	t.seq += 1000;
	(void)add(b, &t);
	t = segment(1);
	(void)add(b, &t);
	assert_int_equal(merge(b), 3);
	for (unsigned i = 0; i < 3; i++)
		(void)check_cuts(b, i, &next);
}

/* Two segments in one burst are worth a look; no other frames are. */
static void what_may_pay_is_seen(void **state)
{
	struct bench *b = *state;
	uint8_t tag[FRAME_TAG];

	frame_write_tag(tag, 5);
	for (unsigned k = 0; k < 8; k++) {
		struct tcp t = segment(0);
		struct frame f = {.data = b->bytes[0]};

		b->n = 0;
		t.six = k & 1;
		t.tags = k / 2 % 3;
		(void)add(b, &t);
		f.len = b->wires[0].len;
		if (k >= 6) /* a tag that we put on */
			wire_make(&b->wires[0], &f, TAG_PUSH, tag);
		b->wires[1] = b->wires[0];
		assert_true(merge_pays(b->wires, 2));
		assert_false(merge_pays(b->wires, 1));
		t.len = 8;
		(void)add(b, &t);
		b->wires[1] = b->wires[2] = b->wires[b->n - 1];
		assert_false(merge_pays(b->wires, 3));
		t.len = 1000;
		t.udp = true;
		(void)add(b, &t);
		b->wires[1] = b->wires[2] = b->wires[b->n - 1];
		assert_false(merge_pays(b->wires, 3));
		b->wires[1] = b->wires[0];
		b->wires[1].off.gso_type = OFFLOAD_GSO_TCPV4;
		assert_false(merge_pays(b->wires, 2));
	}
}

/* --- Random streams -------------------------------------------------- */

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint32_t pick(struct bench *b, uint32_t below)
{
	uint64_t z = b->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ z >> 31) % below);
}

static void begin_flow(struct bench *b, struct tcp *t, unsigned i)
{
	*t = (struct tcp){.tags = pick(b, 3),
			  .six = pick(b, 2),
			  .df = pick(b, 2),
			  .ttl = 64,
			  .id = pick(b, 4) ? (uint16_t)pick(b, 65536) : 0,
			  .port = (uint16_t)(1000 + i),
			  .seq = pick(b, 2) ? UINT32_MAX - pick(b, 5000)
					    : pick(b, 65536),
			  .flags = 0x10,
			  .options = 4 * pick(b, 11),
			  .len = 1 + pick(b, pick(b, 2) ? 40 : 1460)};
}

/* The next frame of a flow: mostly what a sender of bulk data sends. */
static void add_random(struct bench *b, struct tcp *flow)
{
	struct tcp t = *flow;
	uint8_t *bytes;

	if (pick(b, 10) == 0)
		t.flags |= (uint8_t)(1u << pick(b, 8));
	if (pick(b, 10) == 0)
		t.len = pick(b, t.len + 2);
	bytes = add(b, &t);
	if (pick(b, 40) == 0) {
		uint32_t ip = (uint32_t)tcp_ip(bytes);

		bytes[ip + pick(b, b->wires[b->n - 1].len - ip)] ^=
			(uint8_t)(1u << pick(b, 8));
	}
	flow->seq += t.len;
	flow->id++;
	flow->ack += pick(b, 20) == 0;
}

/* What came out for a flow is in the order of what came in. A frame that is
 * broken may be of any flow, so it may stand anywhere. */
static void check_order(struct bench *b, uint16_t port)
{
	unsigned next = 0;

	for (unsigned i = 0; i < b->merge.count; i++) {
		const struct merged *out = &b->merge.out[i];
		const uint8_t *source = b->joined;

		merge_copy(out, b->joined);
		source += tcp_at(b->joined);
		if ((source[0] << 8 | source[1]) == port &&
		    (out->frames > 1 || tcp_is_right(b->joined, out->len)))
			(void)check_cuts(b, i, &next);
	}
}

static void cutting_gives_back_what_was_merged(void **state)
{
	const char *given = getenv("SEED");
	struct bench *b = *state;
	struct tcp flows[4];
	uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
	unsigned in = 0, out = 0;

	b->random = seed;
	printf("SEED=%" PRIu64 "\n", seed);
	for (int burst = 0; burst < BURSTS; burst++) {
		unsigned n = 1 + pick(b, FRAME_BURST);
		unsigned kinds = 1 + pick(b, 4);

		for (unsigned i = 0; i < kinds; i++)
			begin_flow(b, &flows[i], i);
		b->n = 0;
		while (b->n < n)
			add_random(b, &flows[pick(b, kinds)]);
		in += n;
		out += merge(b);
		for (unsigned i = 0; i < kinds; i++)
			check_order(b, (uint16_t)(1000 + i));
	}
	printf("%u frames became %u\n", in, out);
	assert_true(out < in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_becomes_one),
		cmocka_unit_test(what_differs_stays_apart),
		cmocka_unit_test(a_push_ends_a_run),
		cmocka_unit_test(identifications_that_stay_are_kept),
		cmocka_unit_test(flows_do_not_disturb_each_other),
		cmocka_unit_test(order_in_a_flow_is_kept),
		cmocka_unit_test(what_may_pay_is_seen),
		cmocka_unit_test(cutting_gives_back_what_was_merged),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
