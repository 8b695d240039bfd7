/* SPDX-License-Identifier: MIT */
/*
 * io_calls: one burst in, one burst out, and what the kernel's answers mean;
 * io_epoll.c decides when to ask.
 */
#ifndef LABSWITCH_PLUGS_IO_CALLS_H
#define LABSWITCH_PLUGS_IO_CALLS_H

#include <linux/virtio_net.h>
#include <stdbool.h>

#include "plugs/io.h"
#include "plugs/stream_frames.h"

/*
 * Room for one burst of the longest frames: 4 MB of address space, of which a
 * page is memory only once a frame has reached it. One set serves all
 * descriptors, since a burst is over before the next is read.
 */
struct io_buffers;

/* NULL if there is no memory. */
struct io_buffers *io_buffers_new(void);
void io_buffers_free(struct io_buffers *buffers);

/*
 * Reads up to FRAME_BURST frames. Returns how many are worth passing on, sets
 * *frames, valid until the next call; the others are counted as received and
 * dropped. *errnum is the error at which reading ended, 0 if there was none
 * or only EAGAIN.
 */
unsigned io_read_burst(struct io_buffers *buffers, int fd, enum io_kind kind,
		       struct counters *counters, const struct frame **frames,
		       int *errnum);

/*
 * The same of a stream, whose bytes wait in `in`: reads only if there is no
 * complete frame among them. *errnum is EPIPE at the end of the stream, EPROTO
 * where its framing is lost.
 */
unsigned io_read_stream(struct io_buffers *buffers, int fd,
			struct stream_in *in, const struct frame **frames,
			int *errnum);

/*
 * What work may be left in frames that are written to fd (offload.h); of others
 * the offload state is all zero. A TAP is also told what it may leave to us.
 */
unsigned io_takes(int fd, enum io_kind kind);

/* A frame as a TAP or an IO_VNET is given it: its header and its pieces. */
struct io_vnet_out {
	struct virtio_net_hdr header;
	struct iovec iov[1 + FRAME_PIECES];
};

/* Describes w, from which the pieces are borrowed. */
void io_vnet_put(struct io_vnet_out *out, const struct wire *w);

/*
 * Writes the first of n wires, and more if the kernel takes several at once.
 * Returns how many are gone out, at least 1; or -1, and errno is about the
 * first. Never blocks, raises no SIGPIPE.
 */
int io_write_burst(int fd, enum io_kind kind, const struct wire *wires,
		   unsigned n);

/*
 * The same for a stream. *part is how many bytes of the first wire have gone
 * out before, and then of the first that is not complete; so the return value
 * may be 0. A wire that is part of the way must be the next one's first.
 */
int io_write_stream(int fd, const struct wire *wires, unsigned n,
		    uint32_t *part);

/* Whether this, 0 being no error, is the end of the descriptor. */
bool io_errno_is_gone(enum io_kind kind, int errnum);

/* Why a frame is dropped whose write ended with this. */
enum drop io_errno_drop(int errnum);

#endif
