/* SPDX-License-Identifier: MIT */
/*
 * io: the one way between a plug and its descriptor.
 *
 * Plugs never read or write. They hand a descriptor to an engine, which
 * reads bursts of up to FRAME_BURST frames into buffers of its own, calls
 * rx(), and sends what io_send() is given. So the engine decides how system
 * calls are made and batched, and can be replaced without a plug noticing.
 *
 * Order and losses: io_send() never blocks and keeps nothing borrowed. What
 * the peer cannot take now is copied to the io's bounded ring and sent, in
 * order, when the descriptor becomes writable; a full ring drops the newest
 * (DROP_TX_HOLD_FULL). All of tx is counted here, except tx_offered.
 *
 * Fairness: one burst a wake-up and descriptor; the loop goes round before the
 * same one is read again. Where a peer is behind, or may be, we give way to
 * whoever waits for our CPU (io_epoll.c).
 *
 * Offload (offload.h): frames come from a TAP and an IO_VNET with the work that
 * their header leaves to us, in its normal form; where that is not sound the
 * frame is dropped: DROP_RX_BAD_OFFLOAD. They leave there as they are, except
 * that super-frames of UDP are for a TAP of a kernel that knows them alone. For
 * all other peers checksums are completed and super-frames cut just before they
 * are written. Counters and io_held() count wire frames.
 *
 * Merge (merge.h): segments of TCP in what io_send() is given leave as one
 * super-frame where the peer takes those, unless io_set_merge() says no.
 *
 * What the kernel says and what it means here:
 *	EAGAIN, ENOBUFS on write: the frame is held; where one behind it on a
 *		TAP could be sent: DROP_TX_ERROR
 *	ECONNREFUSED on write: DROP_TX_REFUSED, and the socket lives on; on
 *		read it is about a frame that was sent: in place of tx_frames
 *	EIO on a TAP, which is down: DROP_TX_DOWN
 *	EBADFD on a TAP, ENOTCONN, ECONNRESET, EPIPE on a socket: gone()
 *	any other error on write: DROP_TX_ERROR
 *	any of these on a stream but EAGAIN and ENOBUFS: gone()
 * A datagram longer than FRAME_MAX is dropped whole: DROP_RX_GIANT. One of no
 * bytes is ignored (libvdeplug 2 says good-bye with it). An IO_VNET ends with
 * EPIPE when the peer closes it; a message of its header or less is counted as
 * a frame of no bytes, DROP_RX_RUNT. A stream ends with EPIPE when the peer
 * closes it, and with EPROTO when the peer announces a frame longer than
 * FRAME_MAX: nobody knows where the next one begins.
 */
#ifndef LABSWITCH_PLUGS_IO_H
#define LABSWITCH_PLUGS_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "switchd/core/counters.h"
#include "switchd/core/err.h"
#include "switchd/core/frame.h"

enum io_kind {
	IO_TAP,    /* /dev/net/tun with IFF_VNET_HDR, 10-byte header */
	IO_VNET,   /* a connected SEQPACKET socket, the same header, one each */
	IO_DGRAM,  /* a connected datagram socket, one frame each */
	IO_STREAM, /* a connected stream socket (stream_frames.h) */
	IO_KIND_COUNT
};

struct io_callbacks {
	/*
	 * n frames (1 to FRAME_BURST) came in. They are borrowed until the
	 * callback returns. now is CLOCK_MONOTONIC in ns. It may call
	 * io_send() on any io and io_remove() on this one.
	 */
	void (*rx)(void *ctx, const struct frame *frames, unsigned n,
		   uint64_t now);
	/*
	 * The descriptor will carry nothing any more. Called once, from the
	 * loop, never from inside io_send(); then only io_remove() or
	 * io_release() is allowed. errnum says why.
	 */
	void (*gone)(void *ctx, int errnum);
};

/* Whom an io works for; all it points to must outlive the io. */
struct io_user {
	const struct io_callbacks *callbacks;
	void *ctx; /* of the callbacks */
	struct counters *counters;
	size_t hold_limit; /* bytes of the ring; 0: HOLD_LIMIT_DEFAULT */
};

/* What of the kernel an engine uses. */
enum io_level {
	IO_AUTO,  /* the best of these that works here */
	IO_EPOLL, /* a system call for each frame to a TAP */
	IO_URING, /* one for a burst (io_ring.h) */
	IO_LEVEL_COUNT
};

/* "auto", "epoll", "uring". False: no such level. */
bool io_level_parse(const char *text, enum io_level *level);

struct io_engine;
struct io;

/* err: what the engine could not get, or why the level does not work here. */
struct io_engine *io_engine_new(uv_loop_t *loop, enum io_level level,
				struct err *err);

/* All io must have been removed. NULL is allowed. */
void io_engine_free(struct io_engine *engine);

/* The level that is used; never "auto". */
const char *io_engine_name(const struct io_engine *engine);

/* Why IO_AUTO has come to no better one, or "". */
const char *io_engine_lacks(const struct io_engine *engine);

/*
 * Watches fd, which must be non-blocking and belongs to the engine from now
 * on (also when this fails: it is closed). *user is copied. Returns NULL and
 * err on failure.
 */
struct io *io_add(struct io_engine *engine, int fd, enum io_kind kind,
		  const struct io_user *user, struct err *err);

/*
 * Sends n wires (1 to FRAME_BURST), in order, or holds or drops them. fates is
 * NULL, or n times DROP_COUNT: of each wire of which nothing was sent and
 * nothing is held that becomes the reason.
 */
void io_send(struct io *io, const struct wire *wires, unsigned n,
	     enum drop *fates);

/* Whether segments may be merged; at first they may. */
void io_set_merge(struct io *io, bool on);

/* Notes in fates, unless it is NULL, what becomes of wire i; of all n. */
static inline void io_fate(enum drop *fates, unsigned i, enum drop fate)
{
	if (fates)
		fates[i] = fate;
}

static inline void io_fates(enum drop *fates, unsigned n, enum drop fate)
{
	for (unsigned i = 0; fates && i < n; i++)
		fates[i] = fate;
}

/*
 * Ends it: no callback comes after this, the descriptor is closed, what was
 * held is counted as DROP_TX_CLOSED. The memory is freed by the loop later.
 * NULL is allowed.
 */
void io_remove(struct io *io);

/* As io_remove, but gives the descriptor back, still open. */
int io_release(struct io *io);

/* Frames in the ring. */
size_t io_held(const struct io *io);

#endif
