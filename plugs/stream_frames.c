/* SPDX-License-Identifier: MIT */
#include "plugs/stream_frames.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

static uint32_t length_at(const uint8_t *header)
{
	uint32_t len;

	memcpy(&len, header, sizeof(len));
	return ntohl(len);
}

enum stream_next stream_in_next(const struct stream_in *in)
{
	size_t waiting = in->end - in->begin;
	uint32_t len;

	if (waiting < STREAM_HEADER)
		return STREAM_MORE;
	len = length_at(in->data + in->begin);
	if (len > FRAME_MAX)
		return STREAM_BAD;
	return waiting - STREAM_HEADER < len ? STREAM_MORE : STREAM_FRAME;
}

uint8_t *stream_in_room(struct stream_in *in, size_t *size)
{
	size_t waiting = in->end - in->begin;

	memmove(in->data, in->data + in->begin, waiting);
	in->begin = 0;
	in->end = waiting;
	*size = sizeof(in->data) - waiting;
	return in->data + waiting;
}

void stream_in_add(struct stream_in *in, size_t n)
{
	assert(n <= sizeof(in->data) - in->end);
	in->end += n;
}

unsigned stream_in_take(struct stream_in *in, struct frame *frames,
			unsigned max)
{
	unsigned n = 0;

	while (n < max && stream_in_next(in) == STREAM_FRAME) {
		const uint8_t *header = in->data + in->begin;
		uint32_t len = length_at(header);

		frames[n++] = (struct frame){
			.data = header + STREAM_HEADER,
			.len = len,
		};
		in->begin += STREAM_HEADER + len;
	}
	return n;
}

/* Leaves out the first `skip` bytes. Returns how many pieces are left. */
static unsigned skip_bytes(struct iovec *iov, unsigned count, size_t skip)
{
	unsigned first = 0;

	while (first < count && iov[first].iov_len <= skip)
		skip -= iov[first++].iov_len;
	if (first < count) {
		iov[first].iov_base = (uint8_t *)iov[first].iov_base + skip;
		iov[first].iov_len -= skip;
	}
	memmove(iov, iov + first, (count - first) * sizeof(*iov));
	return count - first;
}

unsigned stream_out_gather(struct stream_out *out, const struct wire *wires,
			   unsigned n)
{
	unsigned count = 0;

	assert(n <= FRAME_BURST);
	for (unsigned i = 0; i < n; i++) {
		uint32_t len = htonl(wires[i].len);

		memcpy(out->header[i], &len, STREAM_HEADER);
		out->iov[count++] =
			(struct iovec){out->header[i], STREAM_HEADER};
		memcpy(out->iov + count, wires[i].iov,
		       wires[i].pieces * sizeof(struct iovec));
		count += wires[i].pieces;
	}
	return skip_bytes(out->iov, count, out->done);
}

unsigned stream_out_advance(struct stream_out *out, const struct wire *wires,
			    size_t bytes)
{
	unsigned complete = 0;

	bytes += out->done;
	while (bytes > 0 && bytes >= STREAM_HEADER + wires[complete].len)
		bytes -= STREAM_HEADER + wires[complete++].len;
	out->done = (uint32_t)bytes;
	return complete;
}
