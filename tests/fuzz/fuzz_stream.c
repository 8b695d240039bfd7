/* SPDX-License-Identifier: MIT */
/*
 * fuzz_stream: however the bytes of a stream are cut, the frames are the same,
 * they are those that the bytes say, and what is sent is what comes out again.
 *
 * The first byte of the input says how the rest is cut; it is the stream.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "plugs/stream_frames.h"
#include "tests/fuzz/fuzz.h"

/* What a reader who has all bytes at once finds. */
struct want {
	const uint8_t *data;
	size_t size, at;
};

static enum stream_next want_next(struct want *want, struct frame *f)
{
	const uint8_t *p = want->data + want->at;
	size_t left = want->size - want->at;
	uint32_t len;

	if (left < STREAM_HEADER)
		return STREAM_MORE;
	len = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	      (uint32_t)p[2] << 8 | p[3];
	if (len > FRAME_MAX)
		return STREAM_BAD;
	if (left - STREAM_HEADER < len)
		return STREAM_MORE;
	*f = (struct frame){.data = p + STREAM_HEADER, .len = len};
	want->at += STREAM_HEADER + len;
	return STREAM_FRAME;
}

static void take_all(struct stream_in *in, struct want *want, unsigned max)
{
	struct frame frames[FRAME_BURST];
	unsigned n;

	while ((n = stream_in_take(in, frames, max)) > 0) {
		for (unsigned i = 0; i < n; i++) {
			struct frame f;

			assert(want_next(want, &f) == STREAM_FRAME);
			assert(f.len == frames[i].len);
			assert(memcmp(f.data, frames[i].data, f.len) == 0);
		}
	}
}

/* Feeds at most `part` bytes at a time, as much as there is room for. */
static void check_in(const uint8_t *data, size_t size, size_t part,
		     unsigned max)
{
	struct stream_in *in = malloc(sizeof(*in));
	struct want want = {data, size, 0};
	struct frame f;
	size_t fed = 0;

	assert(in);
	in->begin = in->end = 0;
	while (fed < size && stream_in_next(in) == STREAM_MORE) {
		size_t room;
		uint8_t *to = stream_in_room(in, &room);
		size_t n = part < room ? part : room;

		assert(room >= STREAM_READ_MIN);
		if (n > size - fed)
			n = size - fed;
		memcpy(to, data + fed, n);
		stream_in_add(in, n);
		fed += n;
		take_all(in, &want, max);
	}
	assert(stream_in_next(in) == want_next(&want, &f));
	assert(stream_in_next(in) != STREAM_FRAME);
	free(in);
}

/* Sends frames in parts; returns the bytes that a peer has got. */
static size_t send_parts(const struct wire *wires, unsigned n, size_t part,
			 uint8_t *to)
{
	struct stream_out out = {.done = 0};
	unsigned done = 0;
	size_t sent = 0;

	while (done < n) {
		unsigned count =
			stream_out_gather(&out, wires + done, n - done);
		size_t now = 0;

		for (unsigned i = 0; i < count && now < part; i++) {
			size_t len = out.iov[i].iov_len;

			if (len > part - now)
				len = part - now;
			memcpy(to + sent + now, out.iov[i].iov_base, len);
			now += len;
		}
		sent += now;
		done += stream_out_advance(&out, wires + done, now);
	}
	assert(out.done == 0);
	return sent;
}

/* The frames of the input, sent again, are the bytes they came from. */
static void check_out(const uint8_t *data, size_t size, size_t part)
{
	struct want want = {data, size, 0};
	struct wire wires[FRAME_BURST];
	struct frame f;
	unsigned n = 0;
	uint8_t *to;

	while (n < FRAME_BURST && want_next(&want, &f) == STREAM_FRAME)
		wire_whole(&wires[n++], &f);
	to = malloc(want.at ? want.at : 1);
	assert(to);
	assert(send_parts(wires, n, part, to) == want.at);
	assert(memcmp(to, data, want.at) == 0);
	free(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t part;

	if (size == 0)
		return 0;
	part = (size_t)data[0] + 1;
	check_in(data + 1, size - 1, part, 1 + data[0] % FRAME_BURST);
	check_in(data + 1, size - 1, size, FRAME_BURST);
	check_out(data + 1, size - 1, part);
	return 0;
}
