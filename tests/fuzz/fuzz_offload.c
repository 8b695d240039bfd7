/* SPDX-License-Identifier: MIT */
/*
 * fuzz_offload: any frame with any claim about work left in it.
 *
 * The input is a struct offload, what is done to the tag, how the frame is
 * made, and bytes: the frame itself, or changes to one of TCP or UDP that is
 * right.
 * What is taken for sound must come apart into wire frames that a plain
 * reading of the standards finds right, with all of its payload; and merging
 * those and cutting again must change nothing.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/core/merge.h"
#include "tests/frames/tcp.h"
#include "tests/fuzz/fuzz.h"

struct fuzz {
	struct input input;
	struct merge merge;
	struct wire wires[FRAME_BURST]; /* as cut */
	uint8_t *cut[FRAME_BURST];      /* their bytes */
	uint8_t whole[FRAME_MAX + FRAME_TAG];
	uint8_t back[FRAME_MAX + FRAME_TAG];
};

/* --- Is a wire frame right? ------------------------------------------ */

/* Offset of TCP or UDP; 0 if the sum of its pseudo header is not known. */
static size_t find_transport(const uint8_t *frame, uint8_t *protocol)
{
	size_t ip = tcp_ip(frame);
	size_t at = ip + 40;

	if (frame[ip] >> 4 == 4) {
		*protocol = frame[ip + 9];
		return ip + (size_t)(frame[ip] & 15) * 4;
	}
	*protocol = frame[ip + 6];
	while (*protocol == 0 || *protocol == 43 || *protocol == 60) {
		if (*protocol == 43)
			return 0;
		*protocol = frame[at];
		at += (size_t)(frame[at + 1] + 1) * 8;
	}
	return at;
}

static void check_wire_frame(const uint8_t *frame, size_t len)
{
	const uint8_t *ip = frame + tcp_ip(frame);
	bool six = ip[0] >> 4 == 6;
	size_t end = tcp_ip(frame) + (six ? 40u + (ip[4] << 8 | ip[5])
					  : (size_t)(ip[2] << 8 | ip[3]));
	uint8_t protocol;
	size_t at = find_transport(frame, &protocol);
	uint32_t sum;

	assert(end <= len);
	if (!at)
		return;
	assert(protocol == 6 || protocol == 17);
	assert(at < end);
	sum = tcp_sum(ip + (six ? 8 : 12), six ? 32 : 8) + protocol +
	      (uint32_t)(end - at) + tcp_sum(frame + at, end - at);
	assert(tcp_folded(sum) == 0xffff);
}

/* --- Apart, and together again --------------------------------------- */

/* Cut again, m is the frames that were cut from `next` on. */
static void check_merged(struct fuzz *z, const struct merged *m, unsigned n,
			 unsigned next)
{
	struct frame f = {.data = z->whole, .len = m->len, .off = m->off};
	uint8_t scratch[INET_HEADERS_MAX];
	struct wire all, w;

	assert(m->len <= sizeof(z->whole));
	merge_copy(m, z->whole);
	assert(offload_frames(&f.off, f.len) == m->frames);
	assert(next + m->frames <= n);
	wire_whole(&all, &f);
	for (uint32_t k = 0; k < m->frames; k++, next++) {
		offload_cut(&all, k, scratch, &w);
		assert(w.len == z->wires[next].len);
		wire_copy(&w, z->back);
		assert(memcmp(z->back, z->cut[next], w.len) == 0);
	}
}

/* They are of one flow, so their order is kept. */
static void check_merge(struct fuzz *z, unsigned n)
{
	unsigned next = 0;

	merge_burst(&z->merge, z->wires, n);
	for (unsigned i = 0; i < z->merge.count; i++) {
		check_merged(z, &z->merge.out[i], n, next);
		next += z->merge.out[i].frames;
	}
	assert(next == n);
}

static void keep(struct fuzz *z, unsigned slot, const struct wire *w)
{
	struct frame f = {.len = w->len};

	free(z->cut[slot]);
	z->cut[slot] = malloc(w->len);
	assert(z->cut[slot]);
	wire_copy(w, z->cut[slot]);
	f.data = z->cut[slot];
	wire_whole(&z->wires[slot], &f);
}

static void check_cuts(struct fuzz *z, const struct wire *whole)
{
	uint32_t count = offload_frames(&whole->off, whole->len);
	uint64_t payload = 0;
	uint64_t bytes = 0;
	uint8_t scratch[INET_HEADERS_MAX];

	if (whole->off.gso_type == OFFLOAD_GSO_UDP)
		assert(count <= OFFLOAD_UDP_SEGMENTS);
	else
		assert(count <= 1 + whole->len / OFFLOAD_GSO_MIN);
	for (uint32_t i = 0; i < count; i++) {
		struct wire w;

		offload_cut(whole, i, scratch, &w);
		assert(w.pieces <= FRAME_PIECES && !w.off.flags);
		assert(w.len <= offload_longest(&whole->off, whole->len));
		bytes += w.len;
		payload += w.len - whole->off.hdr_len;
		keep(z, i % FRAME_BURST, &w);
		if (whole->off.flags)
			check_wire_frame(z->cut[i % FRAME_BURST], w.len);
	}
	assert(bytes == offload_bytes(&whole->off, whole->len));
	assert(payload == whole->len - whole->off.hdr_len);
	check_merge(z, count < FRAME_BURST ? count : FRAME_BURST);
}

/* --- A frame --------------------------------------------------------- */

static uint32_t make_frame(struct fuzz *z, uint8_t *bytes)
{
	uint8_t how = take(&z->input);
	struct tcp t = {.tags = how % 3,
			.six = how & 4,
			.udp = how & 32,
			.df = how & 8,
			.ttl = 64,
			.id = how & 16 ? 0xfffe : 0,
			.flags = take(&z->input),
			.options = 4u * (take(&z->input) % 11)};
	uint32_t len = 0;

	if (how & 0x80) {
		while (z->input.size && len < 4096)
			bytes[len++] = take(&z->input);
		return len;
	}
	t.len = take16(&z->input) % (how & 0x40 ? 65000 : 3000);
	len = tcp_build(&t, bytes);
	while (z->input.size >= 2) { /* mostly in the headers */
		uint16_t at = take16(&z->input);

		bytes[at % (at & 0x8000 ? len : 128)] ^= take(&z->input);
	}
	return len;
}

/* Half of the claims are true of the frame, so that the rest is reached. */
static struct offload take_claim(struct fuzz *z)
{
	struct offload off;

	off.flags = take(&z->input);
	off.gso_type = take(&z->input);
	off.hdr_len = take16(&z->input);
	off.gso_size = take16(&z->input);
	off.csum_start = take16(&z->input);
	off.csum_offset = take16(&z->input);
	return off;
}

static void make_true(const uint8_t *bytes, uint32_t len, struct offload *off)
{
	struct inet in;

	if (!inet_parse(bytes, len, len, &in))
		return;
	off->csum_start = in.transport;
	off->csum_offset = inet_checksum_offset(&in);
	if (!(off->gso_type & 1))
		return;
	off->gso_type = in.version == 4 ? OFFLOAD_GSO_TCPV4 : OFFLOAD_GSO_TCPV6;
	if (in.protocol == INET_UDP)
		off->gso_type = OFFLOAD_GSO_UDP;
}

static void run(struct fuzz *z)
{
	uint8_t *bytes = calloc(1, FRAME_MAX);
	uint8_t tag[FRAME_TAG];
	uint8_t how = take(&z->input);
	struct frame f = {.off = take_claim(z)};
	enum tag_op op = how & 3;
	uint8_t *data;
	struct wire w;

	assert(bytes);
	f.len = make_frame(z, bytes);
	/* Exactly so long: ASan sees who reads beyond. */
	data = malloc(f.len ? f.len : 1);
	assert(data);
	memcpy(data, bytes, f.len);
	free(bytes);
	f.data = data;
	if (how & 4)
		make_true(data, f.len, &f.off);
	if (offload_check(&f) && f.len >= FRAME_HEADER) {
		bool tagged = f.len >= FRAME_HEADER + FRAME_TAG &&
			      frame_type(&f) == FRAME_TYPE_VLAN;

		frame_write_tag(tag, 42);
		if (!tagged && (op == TAG_POP || op == TAG_REPLACE))
			op = TAG_KEEP;
		wire_make(&w, &f, op, tag);
		check_cuts(z, &w);
	}
	free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz *z = calloc(1, sizeof(*z));

	assert(z);
	z->input.data = data;
	z->input.size = size;
	run(z);
	for (unsigned i = 0; i < FRAME_BURST; i++)
		free(z->cut[i]);
	free(z);
	return 0;
}
