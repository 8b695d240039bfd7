/* SPDX-License-Identifier: MIT */
/*
 * io_ring: a burst of writes to one descriptor by one system call, by
 * io_uring(7). For descriptors that know no sendmmsg(2): TAPs.
 *
 * A write to a TAP is the whole way of a frame into the stack behind it, up to
 * waking who waits for it there. Whoever is woken wants a processor, and takes
 * it from the writer at the end of a system call: frame by frame they would
 * take turns. So 64 writes in one call save more than 63 entries. With
 * super-frames it is the other way round: what takes long to write is better
 * received at the same time, on another processor. So one call has 64 KB at
 * most.
 *
 * Each is told never to wait (RWF_NOWAIT), so all of them have ended when the
 * call has, and nothing is borrowed any more. What the kernel does not do then
 * and there it does not do later either. That needs Linux 6.4; io_ring_new()
 * tries it.
 *
 * They are not linked (IOSQE_IO_LINK), as then one that can never succeed, in
 * front of 63 others, would end those too, and again those that are left.
 */
#ifndef LABSWITCH_PLUGS_IO_RING_H
#define LABSWITCH_PLUGS_IO_RING_H

#include "switchd/core/err.h"
#include "switchd/core/frame.h"

struct io_ring;

/* NULL and err: it does not work here, and why. */
struct io_ring *io_ring_new(struct err *err);

/* NULL is allowed. */
void io_ring_free(struct io_ring *ring);

/*
 * Writes the first of n wires (up to FRAME_BURST), in order, to a TAP. Returns
 * how many are done with and sets what each of them has ended with: 0, or an
 * errno. EAGAIN and ENOBUFS are only the last one's, and those behind it have
 * not been sent. 0: the first is to be written by itself.
 *
 * Where the kernel took one that is behind such a one, that one cannot be sent
 * again, as it would be out of order: then it has ended with ENOMEM.
 */
unsigned io_ring_write(struct io_ring *ring, int fd, const struct wire *wires,
		       unsigned n, int errnums[FRAME_BURST]);

#endif
