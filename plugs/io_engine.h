/* SPDX-License-Identifier: MIT */
/*
 * io_engine: the inside of io.h, for the files that it is made of:
 *
 *	io.c		the engine, and the life of an io
 *	io_out.c	what leaves: cut, written, held, counted
 *	io_cut.c	super-frames as wire frames
 *	io_merge.c	what leaves as one
 *	io_epoll.c	when to read and when to write
 *	io_calls.c	how: the system calls and what their answers mean
 *	io_ring.c	how, of many writes at once
 */
#ifndef LABSWITCH_PLUGS_IO_ENGINE_H
#define LABSWITCH_PLUGS_IO_ENGINE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "plugs/io.h"
#include "plugs/io_calls.h"
#include "plugs/io_cut.h"
#include "plugs/io_merge.h"
#include "plugs/io_out.h"
#include "plugs/io_ring.h"
#include "plugs/stream_frames.h"

struct io_engine {
	uv_loop_t *loop;
	struct io_ring *ring; /* or NULL */
	struct err lacks;     /* why there is none, if one was wanted */
	struct io_buffers *buffers;
	struct io_cuts *cuts;
	struct io_merge *merge;
	size_t ios;  /* added and not removed */
	bool outrun; /* a peer takes frames, but not as fast as they come */
	bool unseen; /* a TAP got a full burst; it may be outrun */
	uint64_t gave_until; /* uv_hrtime() when the CPU was last given away */
	uint64_t gave;       /* ns: and for how long */
};

struct io {
	struct io_engine *engine;
	struct io_user user;
	int fd;
	enum io_kind kind;
	unsigned takes; /* work left in frames (offload.h) */
	bool merge;     /* segments may leave as one */
	int gone;       /* errno of the descriptor's end, or 0 */
	bool removed;
	struct io_out out;
	struct stream_in *in; /* of a stream, or NULL */

	/* Of io_epoll.c: */
	uv_poll_t poll;
	uv_timer_t later; /* tries again after ENOBUFS, or tells gone() */
	uv_idle_t more;   /* runs while frames of a stream wait */
	int watched;      /* events that poll waits for */
	bool ending;      /* gone() is, or has been, on its way */
	unsigned handles; /* of libuv, not yet closed */
};

void io_free(struct io *io);

/* Begins to wait for events of io->fd; all else of io is set. */
bool io_epoll_start(struct io *io, struct err *err);

/*
 * io->gone, or what io_out.h says it waits for, may have changed; to be called
 * after whatever can change them. No callback comes from here.
 */
void io_epoll_watch(struct io *io);

/* No event comes any more; calls io_free() later. */
void io_epoll_stop(struct io *io);

#endif
