/* SPDX-License-Identifier: MIT */
/* make_frame: frames made of the bytes of an input, likely ones and any. */
#ifndef LABSWITCH_TESTS_FUZZ_MAKE_FRAME_H
#define LABSWITCH_TESTS_FUZZ_MAKE_FRAME_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/core/frame.h"
#include "switchd/core/offload.h"
#include "tests/frames/tcp.h"
#include "tests/fuzz/fuzz.h"

/* Few VIDs, so that ports share some; now and then any. */
static inline uint16_t take_vid(struct input *in)
{
	uint8_t b = take(in);

	return b < 0xf0 ? b % 4 : (uint16_t)((b & 15) << 8 | take(in));
}

static inline const uint8_t *take_mac(struct input *in)
{
	static const uint8_t macs[16][6] = {
		{2, 0, 0, 0, 0, 1},
		{2, 0, 0, 0, 0, 2},
		{2, 0, 0, 0, 0, 3},
		{2, 0, 0, 0, 0, 4},
		{2, 0, 0, 0, 0, 5},
		{2, 0, 0, 0, 0, 6},
		{2, 0, 0, 0, 0, 7},
		{2, 0, 0, 0, 0, 8},
		{2, 0, 0, 0, 0, 9},
		{2, 0, 0, 0, 0, 10},
		{1, 0x80, 0xc2, 0, 0},
		{1, 0x80, 0xc2, 0, 0, 1},
		{51, 51, 0, 0, 0, 1},
		{1, 0x80, 0xc2, 0, 0, 16},
		{0},
		{255, 255, 255, 255, 255, 255},
	};

	return macs[take(in) % 16];
}

static inline uint32_t take_len(struct input *in)
{
	static const uint32_t lens[] = {0,    13,   14,   15,    17,    18,
					60,   1514, 1515, 1518,  1522,  9014,
					9022, 9500, 9523, 65534, 65535, 65542};

	return lens[take(in) % (sizeof(lens) / sizeof(lens[0]))];
}

static inline void write_s_type(uint8_t *type)
{
	type[0] = FRAME_TYPE_QINQ >> 8;
	type[1] = FRAME_TYPE_QINQ & 0xff;
}

/* TCP or UDP that leaves its checksum to us, and may be a super-frame. */
static inline void make_tcp(struct input *in, uint8_t how, struct frame *f)
{
	struct tcp t = {
		.tags = how & 3, .six = how & 4, .udp = how & 32, .ttl = 64};
	uint8_t *data;

	t.tags %= 3;
	t.len = (uint32_t)take(in) << (how & 8 ? 8 : 3);
	t.options = take(in) % 11 * 4u;
	data = malloc(t.len + TCP_HEAD_MAX);
	assert(data);
	*f = (struct frame){.data = data, .len = tcp_build(&t, data)};
	memcpy(data, take_mac(in), 6);
	memcpy(data + 6, take_mac(in), 6);
	f->off.flags = OFFLOAD_NEEDS_CSUM;
	f->off.csum_start = (uint16_t)tcp_at(data);
	f->off.csum_offset = t.udp ? 6 : 16;
	f->off.gso_size = (uint16_t)(50 + take(in) * 20);
	if (t.udp)
		f->off.gso_size += (uint16_t)(t.len / OFFLOAD_UDP_SEGMENTS);
	if (how & 16)
		f->off.gso_type = t.six ? OFFLOAD_GSO_TCPV6 : OFFLOAD_GSO_TCPV4;
	if (how & 16 && t.udp)
		f->off.gso_type = OFFLOAD_GSO_UDP;
	assert(offload_check(f));
}

/* f->data is to be freed. */
static inline void make_frame(struct input *in, struct frame *f)
{
	uint8_t tags = take(in);
	uint32_t len = tags & 0x80 ? take(in) : take_len(in);
	uint8_t *bytes = calloc(1, len + 32);
	uint32_t at = 12;
	uint8_t *data;

	assert(bytes);
	if ((tags & 0xc0) == 0x40) {
		free(bytes);
		make_tcp(in, tags, f);
		return;
	}
	if (tags & 0x80) {
		for (uint32_t i = 0; i < len; i++)
			bytes[i] = take(in);
	} else {
		memcpy(bytes, take_mac(in), 6);
		memcpy(bytes + 6, take_mac(in), 6);
		for (; tags & 3; tags >>= 2, at += FRAME_TAG) {
			uint16_t priority = (uint16_t)((tags & 3) << 14);

			frame_write_tag(bytes + at, priority | take_vid(in));
			if ((tags & 3) == 3)
				write_s_type(bytes + at);
		}
	}
	/* Exactly so long: ASan sees who reads beyond. */
	data = malloc(len ? len : 1);
	assert(data);
	memcpy(data, bytes, len);
	free(bytes);
	*f = (struct frame){.data = data, .len = len};
}

#endif
