/* SPDX-License-Identifier: MIT */
/*
 * stream_frames: frames on a byte stream, as QEMU's -netdev stream and socket
 * carry them: the length in 4 bytes, big-endian, then the frame (QEMU,
 * net/net.c, net_fill_rstate()).
 *
 * A stream may be cut anywhere: inside a length, inside a frame, after a
 * hundred frames. What has been read waits in a struct stream_in, and frames
 * are taken from it in place. On the way out a struct stream_out knows how
 * much of the first frame the peer has already.
 *
 * A length of 0 to 13 is a frame, too short for the bridge, which counts it
 * (DROP_RX_RUNT). One above FRAME_MAX is the end: either the peer is no peer
 * of ours or the place in the stream is lost, and there is no way back.
 *
 * No system calls here; io_calls.c makes them.
 */
#ifndef LABSWITCH_PLUGS_STREAM_FRAMES_H
#define LABSWITCH_PLUGS_STREAM_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "switchd/core/frame.h"

#define STREAM_HEADER   4
#define STREAM_READ_MIN (64 << 10) /* there is always room for that many */
#define STREAM_IN_SIZE  (STREAM_HEADER + FRAME_MAX + STREAM_READ_MIN)

/*
 * All zero: empty. Memory is touched only as far as bytes have come, so that
 * an idle stream costs a page or two.
 */
struct stream_in {
	size_t begin, end; /* what waits is data[begin] to data[end - 1] */
	uint8_t data[STREAM_IN_SIZE];
};

enum stream_next {
	STREAM_MORE,  /* no complete frame waits */
	STREAM_FRAME, /* at least one does */
	STREAM_BAD    /* a length above FRAME_MAX comes next */
};

enum stream_next stream_in_next(const struct stream_in *in);

/*
 * Where bytes may be written that were read from the stream: at least
 * STREAM_READ_MIN if stream_in_next() says STREAM_MORE. Frames that were taken
 * before are overwritten.
 */
uint8_t *stream_in_room(struct stream_in *in, size_t *size);

/* n bytes have been written there. */
void stream_in_add(struct stream_in *in, size_t n);

/*
 * Takes up to max complete frames. They point into `in` and are valid until
 * stream_in_room(). Returns how many.
 */
unsigned stream_in_take(struct stream_in *in, struct frame *frames,
			unsigned max);

/* A length before each frame, and its pieces. */
#define STREAM_IOV_MAX (FRAME_BURST * (1 + FRAME_PIECES))

struct stream_out {
	uint32_t done; /* bytes of the first frame, length included, sent */
	uint8_t header[FRAME_BURST][STREAM_HEADER];
	struct iovec iov[STREAM_IOV_MAX];
};

/* Fills iov with what is still to be sent of n wires. Returns its length. */
unsigned stream_out_gather(struct stream_out *out, const struct wire *wires,
			   unsigned n);

/*
 * Of what was gathered, `bytes` have been sent. Returns how many wires are
 * complete; of the next one `done` bytes are.
 */
unsigned stream_out_advance(struct stream_out *out, const struct wire *wires,
			    size_t bytes);

#endif
