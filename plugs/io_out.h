/* SPDX-License-Identifier: MIT */
/*
 * io_out: the way out of an io, from io_send() to the system call.
 *
 * A frame is written at once. What the kernel does not take is held. It is
 * tried again when io_epoll.c, which alone knows of events, calls
 * io_out_flush(), and before the next burst: by events alone a sender who is
 * read as often as a peer is flushed would keep that peer's ring full for ever.
 * What is tried with a burst must not cost its sender more than the burst does:
 * no more frames than that has, no super-frames, which would have to be cut,
 * and nothing for a peer that sleeps.
 *
 * Of a stream the kernel may take a part of a frame: that frame is the first of
 * the ring then, with the part noted, and no other can come in between.
 * Likewise of a super-frame that is cut for a peer some may be out and the rest
 * not: how many is noted, and the cut goes on there.
 *
 * What is merged is merged first, so that all after it knows of frames alone.
 *
 * Nothing here calls back. That the descriptor has ended is noted in io->gone.
 */
#ifndef LABSWITCH_PLUGS_IO_OUT_H
#define LABSWITCH_PLUGS_IO_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugs/io.h"
#include "switchd/core/hold.h"

struct io_out {
	struct hold_queue held;
	uint64_t took_at;  /* uv_now() when the peer took a frame last */
	uint32_t last_len; /* of the frame sent last; 0: none, or refused */
	uint32_t cut;      /* wire frames sent of the first frame held */
	uint32_t part;     /* bytes sent of the wire frame after those */
	bool full;         /* ENOBUFS: held, though the kernel says writable */
};

void io_out_init(struct io_out *out, size_t hold_limit);

/* What was held is counted as DROP_TX_CLOSED. */
void io_out_done(struct io *io);

/* Sends, holds or drops n wires, as io_send() says. */
void io_out_send(struct io *io, const struct wire *wires, unsigned n,
		 enum drop *fates);

/* Sends one burst of what is held. */
void io_out_flush(struct io *io);

/*
 * A frame that the kernel took has been refused at the other end. It does not
 * say which: the last one stands for it. Of several such errors the kernel
 * keeps one, so a burst may count as one.
 */
void io_out_refused(struct io *io);

#endif
