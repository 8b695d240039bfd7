/* SPDX-License-Identifier: MIT */
#include "plugs/io_ring.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugs/io_calls.h"

#define BATCH_BYTES 65536
#define FLAT        246 /* bytes of a frame that is copied to its header */

struct io_ring {
	struct io_uring uring;
	struct io_vnet_out out[FRAME_BURST];
	uint8_t flat[FRAME_BURST][sizeof(struct virtio_net_hdr) + FLAT];
};

/* Queues the i-th write. One piece costs the kernel less than several do. */
static void queue(struct io_ring *ring, unsigned i, int fd,
		  const struct iovec *iov, unsigned pieces)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring->uring);

	if (pieces == 1)
		io_uring_prep_write(sqe, fd, iov->iov_base,
				    (unsigned)iov->iov_len, (uint64_t)-1);
	else
		io_uring_prep_writev(sqe, fd, iov, pieces, (uint64_t)-1);
	sqe->rw_flags = RWF_NOWAIT;
	io_uring_sqe_set_data64(sqe, i);
}

/* What is queued, and what the kernel has not taken of it, never was. */
static void unqueue(struct io_uring *uring)
{
	uring->sq.sqe_head = uring->sq.sqe_tail = *uring->sq.khead;
	*uring->sq.ktail = uring->sq.sqe_tail;
}

/* Has the n queued writes made. One that the kernel has no memory to look at
 * has ended with ENOBUFS. */
static void run(struct io_ring *ring, unsigned n, int *errnums)
{
	struct io_uring_cqe *cqe;
	unsigned taken = 0;
	int status;

	do {
		status = io_uring_submit(&ring->uring);
		if (status > 0)
			taken += (unsigned)status;
	} while (taken < n && (status > 0 || status == -EINTR));
	unqueue(&ring->uring);
	for (unsigned i = taken; i < n; i++)
		errnums[i] = ENOBUFS;
	while (taken > 0) {
		if (io_uring_wait_cqe(&ring->uring, &cqe) < 0)
			continue; /* a signal */
		errnums[cqe->user_data] = cqe->res < 0 ? -cqe->res : 0;
		io_uring_cqe_seen(&ring->uring, cqe);
		taken--;
	}
}

/* A pipe is as new to RWF_NOWAIT as a TAP is. */
static int try_pipe(struct io_ring *ring)
{
	struct iovec byte = {"", 1};
	int fds[2];
	int errnum;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return errno;
	queue(ring, 0, fds[1], &byte, 1);
	run(ring, 1, &errnum);
	(void)close(fds[0]);
	(void)close(fds[1]);
	return errnum;
}

struct io_ring *io_ring_new(struct err *err)
{
	struct io_ring *ring = malloc(sizeof(*ring));
	int status;

	if (!ring) {
		(void)err_set(err, "no memory for io_uring");
		return NULL;
	}
	status = io_uring_queue_init(FRAME_BURST, &ring->uring, 0);
	if (status < 0) {
		free(ring);
		errno = -status;
		(void)err_sys(err, "no io_uring");
		return NULL;
	}
	errno = try_pipe(ring);
	if (errno == 0)
		return ring;
	(void)err_sys(err, "io_uring cannot write without waiting");
	io_ring_free(ring);
	return NULL;
}

void io_ring_free(struct io_ring *ring)
{
	if (ring)
		io_uring_queue_exit(&ring->uring);
	free(ring);
}

/* How many of n are written in one call. */
static unsigned batch(const struct wire *wires, unsigned n)
{
	uint32_t bytes = 0;
	unsigned i;

	for (i = 0; i < n && bytes + wires[i].len <= BATCH_BYTES; i++)
		bytes += wires[i].len;
	return i;
}

/* Describes w as the i-th write. Returns of how many pieces that is. */
static unsigned put(struct io_ring *ring, unsigned i, const struct wire *w)
{
	struct io_vnet_out *out = &ring->out[i];
	uint8_t *flat = ring->flat[i];

	io_vnet_put(out, w);
	if (w->len > FLAT)
		return w->pieces + 1;
	memcpy(flat, &out->header, sizeof(out->header));
	wire_copy(w, flat + sizeof(out->header));
	out->iov[0] = (struct iovec){flat, sizeof(out->header) + w->len};
	return 1;
}

static bool must_wait(int errnum)
{
	return errnum == EAGAIN || errnum == ENOBUFS;
}

unsigned io_ring_write(struct io_ring *ring, int fd, const struct wire *wires,
		       unsigned n, int errnums[FRAME_BURST])
{
	n = batch(wires, n);
	if (n < 2)
		return 0;
	for (unsigned i = 0; i < n; i++)
		queue(ring, i, fd, ring->out[i].iov, put(ring, i, &wires[i]));
	run(ring, n, errnums);
	if (errnums[0] == EOPNOTSUPP)
		return 0;
	while (n > 1 && must_wait(errnums[n - 1]) && must_wait(errnums[n - 2]))
		n--;
	for (unsigned i = 0; i + 1 < n; i++)
		if (must_wait(errnums[i]))
			errnums[i] = ENOMEM;
	return n;
}
