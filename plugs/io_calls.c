/* SPDX-License-Identifier: MIT */
#include "plugs/io_calls.h"

#include <errno.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "plugs/compat.h"
#include "switchd/core/offload.h"

#define VNET_HEADER sizeof(struct virtio_net_hdr) /* 10 bytes */
/*
 * Header, frame, and one byte by which a longer frame shows, rounded up to an
 * odd number of cache lines: were it whole pages, the beginnings of all frames
 * would compete for the same few lines of the cache.
 */
#define SLOT 65600

/*
 * Ends a burst of super-frames: cut for a peer that wants them so, and small,
 * 64 of them could keep all other ports waiting.
 */
#define BURST_WIRE_FRAMES 4096
#define VNET_STEP         8 /* messages asked for at a time */

_Static_assert(VNET_HEADER == 10, "as TUNSETVNETHDRSZ is told");
_Static_assert(offsetof(struct virtio_net_hdr, csum_offset) ==
		       offsetof(struct offload, csum_offset),
	       "struct offload is the beginning of the header");
_Static_assert(SLOT >= VNET_HEADER + FRAME_MAX + 1, "room for any frame");

struct io_buffers {
	struct mmsghdr msgs[FRAME_BURST]; /* one slot each */
	struct iovec iov[FRAME_BURST];
	struct frame frames[FRAME_BURST];
	unsigned frame_count;
	uint32_t wire_frames; /* that they stand for */
	uint8_t slots[FRAME_BURST][SLOT];
};

struct io_buffers *io_buffers_new(void)
{
	struct io_buffers *b = malloc(sizeof(*b));

	if (!b)
		return NULL;
	memset(b->msgs, 0, sizeof(b->msgs));
	for (unsigned i = 0; i < FRAME_BURST; i++) {
		b->iov[i] =
			(struct iovec){b->slots[i], VNET_HEADER + FRAME_MAX};
		b->msgs[i].msg_hdr.msg_iov = &b->iov[i];
		b->msgs[i].msg_hdr.msg_iovlen = 1;
	}
	return b;
}

void io_buffers_free(struct io_buffers *buffers)
{
	free(buffers);
}

static void drop_rx(struct counters *counters, enum drop reason, uint32_t len)
{
	counters_rx(counters, 1, len);
	counters_drop(counters, reason, 1);
}

/* Keeps a frame for the caller, unless it is longer than any may be or claims
 * what is not so. */
static void take(struct io_buffers *b, struct frame f,
		 struct counters *counters)
{
	if (f.len > FRAME_MAX) {
		drop_rx(counters, DROP_RX_GIANT, f.len);
	} else if (!offload_check(&f)) {
		drop_rx(counters, DROP_RX_BAD_OFFLOAD, f.len);
	} else {
		b->wire_frames += offload_frames(&f.off, f.len);
		b->frames[b->frame_count++] = f;
	}
}

/* The same, of a header with a frame behind it: len bytes, at least those of
 * the header. */
static void take_vnet(struct io_buffers *b, const uint8_t *header, size_t len,
		      struct counters *counters)
{
	struct frame f = {.data = header + VNET_HEADER,
			  .len = (uint32_t)(len - VNET_HEADER)};

	memcpy(&f.off, header, sizeof(f.off));
	take(b, f, counters);
}

static int read_tap(struct io_buffers *b, int fd, struct counters *counters)
{
	for (unsigned i = 0;
	     i < FRAME_BURST && b->wire_frames < BURST_WIRE_FRAMES; i++) {
		uint8_t *slot = b->slots[i];
		ssize_t len = read(fd, slot, VNET_HEADER + FRAME_MAX + 1);

		if (len < 0 && errno != EINTR)
			return errno;
		if (len > (ssize_t)VNET_HEADER)
			take_vnet(b, slot, (size_t)len, counters);
	}
	return 0;
}

/* One step from the i-th slot on. Returns how many messages that were; fewer
 * than a step: there are no more, or *errnum. */
static unsigned read_vnet_step(struct io_buffers *b, int fd, unsigned i,
			       struct counters *counters, int *errnum)
{
	int n = recvmmsg(fd, b->msgs + i, VNET_STEP, MSG_DONTWAIT | MSG_TRUNC,
			 NULL);

	if (n < 0) {
		*errnum = errno;
		return 0;
	}
	for (int k = 0; k < n; k++) {
		size_t len = b->msgs[i + k].msg_len;

		if (len == 0) { /* the other end is closed */
			*errnum = EPIPE;
			return 0;
		}
		if (len <= VNET_HEADER)
			drop_rx(counters, DROP_RX_RUNT, 0);
		else
			take_vnet(b, b->slots[i + k], len, counters);
	}
	return (unsigned)n;
}

static int read_vnet(struct io_buffers *b, int fd, struct counters *counters)
{
	int errnum = 0;

	for (unsigned i = 0; i < FRAME_BURST; i += VNET_STEP) {
		if (read_vnet_step(b, fd, i, counters, &errnum) < VNET_STEP ||
		    b->wire_frames >= BURST_WIRE_FRAMES)
			break;
	}
	return errnum;
}

/* MSG_TRUNC: msg_len is the datagram's length even where it did not fit. */
static int read_dgram(struct io_buffers *b, int fd, struct counters *counters)
{
	int n = recvmmsg(fd, b->msgs, FRAME_BURST, MSG_DONTWAIT | MSG_TRUNC,
			 NULL);

	if (n < 0)
		return errno;
	for (int i = 0; i < n; i++) {
		struct frame f = {.data = b->slots[i],
				  .len = b->msgs[i].msg_len};

		if (f.len > 0)
			take(b, f, counters);
	}
	return 0;
}

static int read_kind(struct io_buffers *b, int fd, enum io_kind kind,
		     struct counters *counters)
{
	switch (kind) {
	case IO_TAP:
		return read_tap(b, fd, counters);
	case IO_VNET:
		return read_vnet(b, fd, counters);
	default:
		return read_dgram(b, fd, counters);
	}
}

unsigned io_read_burst(struct io_buffers *buffers, int fd, enum io_kind kind,
		       struct counters *counters, const struct frame **frames,
		       int *errnum)
{
	buffers->frame_count = 0;
	buffers->wire_frames = 0;
	*errnum = read_kind(buffers, fd, kind, counters);
	if (*errnum == EAGAIN || *errnum == EINTR)
		*errnum = 0;
	*frames = buffers->frames;
	return buffers->frame_count;
}

/* 0: there may be frames now; or the error. */
static int fill(struct stream_in *in, int fd)
{
	size_t size;
	uint8_t *room = stream_in_room(in, &size);
	ssize_t n = recv(fd, room, size, MSG_DONTWAIT);

	if (n == 0)
		return EPIPE;
	if (n < 0)
		return errno;
	stream_in_add(in, (size_t)n);
	return 0;
}

unsigned io_read_stream(struct io_buffers *buffers, int fd,
			struct stream_in *in, const struct frame **frames,
			int *errnum)
{
	unsigned n;

	*errnum = 0;
	if (stream_in_next(in) == STREAM_MORE)
		*errnum = fill(in, fd);
	if (*errnum == EAGAIN || *errnum == EINTR)
		*errnum = 0;
	n = stream_in_take(in, buffers->frames, FRAME_BURST);
	if (n == 0 && stream_in_next(in) == STREAM_BAD)
		*errnum = EPROTO;
	*frames = buffers->frames;
	return n;
}

/* A kernel that leaves nothing to us is as well, and takes all the same. */
static unsigned tap_takes(int fd)
{
	const unsigned tcp =
		TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;

	if (ioctl(fd, TUNSETOFFLOAD, tcp | TUN_F_USO4 | TUN_F_USO6) == 0)
		return OFFLOAD_TAKES_ALL;
	if (ioctl(fd, TUNSETOFFLOAD, tcp) < 0)
		(void)ioctl(fd, TUNSETOFFLOAD, 0);
	return OFFLOAD_TAKES_TCP;
}

unsigned io_takes(int fd, enum io_kind kind)
{
	switch (kind) {
	case IO_TAP:
		return tap_takes(fd);
	case IO_VNET:
		return OFFLOAD_TAKES_TCP;
	default:
		return OFFLOAD_TAKES_NOTHING;
	}
}

void io_vnet_put(struct io_vnet_out *out, const struct wire *w)
{
	memset(&out->header, 0, sizeof(out->header));
	memcpy(&out->header, &w->off, sizeof(w->off));
	out->iov[0] = (struct iovec){&out->header, VNET_HEADER};
	memcpy(out->iov + 1, w->iov, w->pieces * sizeof(out->iov[0]));
}

static int write_tap(int fd, const struct wire *w)
{
	struct io_vnet_out out;

	io_vnet_put(&out, w);
	return writev(fd, out.iov, (int)w->pieces + 1) < 0 ? -1 : 1;
}

static int write_vnet(int fd, const struct wire *wires, unsigned n)
{
	struct mmsghdr msgs[FRAME_BURST];
	struct io_vnet_out out[FRAME_BURST];

	for (unsigned i = 0; i < n; i++) {
		io_vnet_put(&out[i], &wires[i]);
		msgs[i].msg_hdr =
			(struct msghdr){.msg_iov = out[i].iov,
					.msg_iovlen = wires[i].pieces + 1};
	}
	return sendmmsg(fd, msgs, n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int write_dgrams(int fd, const struct wire *wires, unsigned n)
{
	struct mmsghdr msgs[FRAME_BURST];

	for (unsigned i = 0; i < n; i++) {
		/* msg_iov is not const; sending only reads. */
		msgs[i].msg_hdr = (struct msghdr){
			.msg_iov = (struct iovec *)wires[i].iov,
			.msg_iovlen = wires[i].pieces,
		};
	}
	return sendmmsg(fd, msgs, n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int write_kind(int fd, enum io_kind kind, const struct wire *wires,
		      unsigned n)
{
	switch (kind) {
	case IO_TAP:
		return write_tap(fd, wires);
	case IO_VNET:
		return write_vnet(fd, wires, n);
	default:
		return write_dgrams(fd, wires, n);
	}
}

int io_write_burst(int fd, enum io_kind kind, const struct wire *wires,
		   unsigned n)
{
	int done;

	do {
		done = write_kind(fd, kind, wires, n);
	} while (done < 0 && errno == EINTR);
	return done;
}

int io_write_stream(int fd, const struct wire *wires, unsigned n,
		    uint32_t *part)
{
	struct stream_out out;
	struct msghdr msg = {.msg_iov = out.iov};
	ssize_t sent;

	out.done = *part;
	msg.msg_iovlen = stream_out_gather(&out, wires, n);
	do {
		sent = sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return -1;
	n = stream_out_advance(&out, wires, (size_t)sent);
	*part = out.done;
	return (int)n;
}

bool io_errno_is_gone(enum io_kind kind, int errnum)
{
	if (kind == IO_STREAM)
		return errnum != 0;
	return errnum == EBADFD || errnum == ENOTCONN || errnum == ECONNRESET ||
	       errnum == EPIPE;
}

enum drop io_errno_drop(int errnum)
{
	switch (errnum) {
	case ECONNREFUSED:
		return DROP_TX_REFUSED;
	case EIO:
		return DROP_TX_DOWN;
	default:
		return DROP_TX_ERROR;
	}
}
