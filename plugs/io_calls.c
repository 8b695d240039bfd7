/* SPDX-License-Identifier: MIT */
#include "plugs/io_calls.h"

#include <errno.h>
#include <linux/virtio_net.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define VNET_HEADER sizeof(struct virtio_net_hdr_v1) /* 12 bytes */
/*
 * Header, frame, and one byte by which a longer frame shows, rounded up to an
 * odd number of cache lines: were it whole pages, the beginnings of all frames
 * would compete for the same few lines of the cache.
 */
#define SLOT 65600

_Static_assert(VNET_HEADER == 12, "as TUNSETVNETHDRSZ is told");
_Static_assert(SLOT >= VNET_HEADER + FRAME_MAX + 1, "room for any frame");

struct io_buffers {
	struct mmsghdr msgs[FRAME_BURST]; /* one slot each */
	struct iovec iov[FRAME_BURST];
	struct frame frames[FRAME_BURST];
	unsigned frame_count;
	uint8_t slots[FRAME_BURST][SLOT];
};

struct io_buffers *io_buffers_new(void)
{
	struct io_buffers *b = malloc(sizeof(*b));

	if (!b)
		return NULL;
	memset(b->msgs, 0, sizeof(b->msgs));
	for (unsigned i = 0; i < FRAME_BURST; i++) {
		b->iov[i] = (struct iovec){b->slots[i], FRAME_MAX};
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

/* Keeps a frame for the caller, unless it is longer than any may be. */
static void take(struct io_buffers *b, const uint8_t *data, uint32_t len,
		 struct counters *counters)
{
	if (len > FRAME_MAX)
		drop_rx(counters, DROP_RX_GIANT, len);
	else
		b->frames[b->frame_count++] =
			(struct frame){.data = data, .len = len};
}

/*
 * Whether the sender left work to us, although no offload was offered.
 * DATA_VALID leaves none: it says that checksums have been checked, as the
 * kernel does for frames that came over a bridge.
 */
static bool has_work_left(const uint8_t *header)
{
	struct virtio_net_hdr_v1 h;

	memcpy(&h, header, sizeof(h));
	return (h.flags & ~VIRTIO_NET_HDR_F_DATA_VALID) ||
	       h.gso_type != VIRTIO_NET_HDR_GSO_NONE;
}

static int read_tap(struct io_buffers *b, int fd, struct counters *counters)
{
	for (unsigned i = 0; i < FRAME_BURST; i++) {
		uint8_t *slot = b->slots[i];
		ssize_t len = read(fd, slot, VNET_HEADER + FRAME_MAX + 1);

		if (len < 0 && errno != EINTR)
			return errno;
		if (len <= (ssize_t)VNET_HEADER)
			continue;
		len -= (ssize_t)VNET_HEADER;
		if (has_work_left(slot))
			drop_rx(counters, DROP_RX_BAD_OFFLOAD, (uint32_t)len);
		else
			take(b, slot + VNET_HEADER, (uint32_t)len, counters);
	}
	return 0;
}

/* MSG_TRUNC: msg_len is the datagram's length even where it did not fit. */
static int read_dgram(struct io_buffers *b, int fd, struct counters *counters)
{
	int n = recvmmsg(fd, b->msgs, FRAME_BURST, MSG_DONTWAIT | MSG_TRUNC,
			 NULL);

	if (n < 0)
		return errno;
	for (int i = 0; i < n; i++) {
		if (b->msgs[i].msg_len > 0)
			take(b, b->slots[i], b->msgs[i].msg_len, counters);
	}
	return 0;
}

unsigned io_read_burst(struct io_buffers *buffers, int fd, enum io_kind kind,
		       struct counters *counters, const struct frame **frames,
		       int *errnum)
{
	buffers->frame_count = 0;
	*errnum = kind == IO_TAP ? read_tap(buffers, fd, counters)
				 : read_dgram(buffers, fd, counters);
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

static int write_tap(int fd, const struct wire *w)
{
	struct virtio_net_hdr_v1 nothing_left = {0};
	struct iovec iov[1 + FRAME_PIECES];

	iov[0] = (struct iovec){&nothing_left, VNET_HEADER};
	memcpy(iov + 1, w->iov, w->pieces * sizeof(iov[0]));
	return writev(fd, iov, (int)w->pieces + 1) < 0 ? -1 : 1;
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

int io_write_burst(int fd, enum io_kind kind, const struct wire *wires,
		   unsigned n)
{
	int done;

	do {
		done = kind == IO_TAP ? write_tap(fd, wires)
				      : write_dgrams(fd, wires, n);
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
