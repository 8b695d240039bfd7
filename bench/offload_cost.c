/* SPDX-License-Identifier: MIT */
/*
 * offload_cost: what cutting and merging cost, without any system call.
 *
 *	offload_cost [SECONDS]
 *
 * A super-frame of TCP over IPv4 is cut into its 44 wire frames, checksums
 * completed (cut); these are merged into it again (merge); and 64 short frames
 * are asked whether that would pay (ask). Prints nanoseconds a wire frame; a
 * result of the wrong size ends it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "switchd/core/merge.h"
#include "switchd/core/offload.h"

#define SEGMENT   1448u /* payload, as with timestamps at mtu 1500 */
#define SEGMENTS  44u
#define HEADERS   (FRAME_HEADER + 20u + 20u)
#define SUPER_LEN (HEADERS + SEGMENTS * SEGMENT)
#define SHORT_LEN 60u
#define ROUNDS    1000 /* between two looks at the clock */

struct rig {
	uint8_t super[SUPER_LEN];
	uint8_t wire[SEGMENTS][HEADERS + SEGMENT];
	uint8_t little[FRAME_BURST][SHORT_LEN];
	struct wire whole;
	struct wire cuts[SEGMENTS];
	struct wire shorts[FRAME_BURST];
	struct offload_batch batch;
	struct merge merge;
};

static double now_s(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void must(bool right, const char *what)
{
	if (right)
		return;
	fprintf(stderr, "offload_cost: wrong: %s\n", what);
	exit(1);
}

/* 10.0.0.1:4096 to 10.0.0.2:4097, ACK; sums are for offload_cut(). */
static void make_super(struct rig *rig)
{
	static const uint8_t headers[HEADERS] = {
		2,  0,    0, 0,    0,  2, 2, 0,    0,  0,   0,  1, 8,
		0,  0x45, 0, 0xf8, 0,  0, 1, 64,   0,  64,  6,  0, 0,
		10, 0,    0, 1,    10, 0, 0, 2,    16, 0,   16, 1, 0,
		0,  0,    1, 0,    0,  0, 1, 0x50, 16, 255, 255};
	struct frame f = {.data = rig->super,
			  .len = SUPER_LEN,
			  .off = {.flags = OFFLOAD_NEEDS_CSUM,
				  .gso_type = OFFLOAD_GSO_TCPV4,
				  .gso_size = SEGMENT,
				  .csum_start = FRAME_HEADER + 20,
				  .csum_offset = 16}};

	memcpy(rig->super, headers, sizeof(headers));
	rig->super[16] = (SUPER_LEN - FRAME_HEADER) >> 8;
	rig->super[17] = (SUPER_LEN - FRAME_HEADER) & 0xff;
	for (unsigned i = HEADERS; i < SUPER_LEN; i++)
		rig->super[i] = (uint8_t)(i * 31);
	must(offload_check(&f), "the super-frame");
	wire_whole(&rig->whole, &f);
}

static void gather(const struct wire *w, uint8_t *dst)
{
	for (unsigned i = 0; i < w->pieces; i++) {
		memcpy(dst, w->iov[i].iov_base, w->iov[i].iov_len);
		dst += w->iov[i].iov_len;
	}
}

static unsigned cut(struct rig *rig)
{
	return offload_batch_fill(&rig->batch, &rig->whole, 1,
				  OFFLOAD_TAKES_NOTHING, 0);
}

static unsigned merge(struct rig *rig)
{
	must(merge_pays(rig->cuts, SEGMENTS), "merging pays");
	merge_burst(&rig->merge, rig->cuts, SEGMENTS);
	must(rig->merge.count == 1 && rig->merge.out[0].len == SUPER_LEN,
	     "merged");
	return SEGMENTS;
}

static unsigned ask(struct rig *rig)
{
	must(!merge_pays(rig->shorts, FRAME_BURST), "merging does not pay");
	return FRAME_BURST;
}

static void make_wires(struct rig *rig)
{
	must(cut(rig) == SEGMENTS, "cut");
	for (unsigned i = 0; i < SEGMENTS; i++) {
		const struct frame f = {.data = rig->wire[i],
					.len = HEADERS + SEGMENT};

		gather(&rig->batch.wires[i], rig->wire[i]);
		wire_whole(&rig->cuts[i], &f);
	}
	for (unsigned i = 0; i < FRAME_BURST; i++) {
		const struct frame f = {.data = rig->little[i],
					.len = SHORT_LEN};

		wire_whole(&rig->shorts[i], &f);
	}
}

/* Nanoseconds a wire frame. */
static double measure(struct rig *rig, unsigned (*work)(struct rig *rig),
		      double seconds)
{
	double begin = now_s(), end = begin;
	uint64_t frames = 0;

	while (end - begin < seconds) {
		for (int i = 0; i < ROUNDS; i++)
			frames += work(rig);
		end = now_s();
	}
	return (end - begin) / (double)frames * 1e9;
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 1;
	struct rig *rig = calloc(1, sizeof(*rig));

	must(rig, "memory");
	make_super(rig);
	make_wires(rig);
	printf("ns a wire frame: cut %.1f", measure(rig, cut, seconds));
	printf(", merge %.1f", measure(rig, merge, seconds));
	printf(", ask %.2f\n", measure(rig, ask, seconds));
	free(rig);
	return 0;
}
