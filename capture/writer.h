/* SPDX-License-Identifier: MIT */
/*
 * writer: the thread of one capture, which makes blocks of the frames in the
 * ring and writes these to the output. Known to capture.c only.
 *
 * Frames come as they were handed over (record.h). Those with work left are cut
 * and completed here, and only then it is known which of them are wanted: all
 * that takes long, on a core that nobody forwards on. Blocks are gathered, and
 * leave many at a time: a write has whole ones, so a file that is cut off has
 * lost but its last.
 *
 * What a file begins with (the head: section and interfaces) is kept in memory
 * that only grows, so that the thread can write it into every new file, and
 * what was added into this one before the first frame that needs it.
 *
 * The thread sleeps until there is something, and for a moment after each
 * time that there was: a busy port then costs it a few wake-ups, and the
 * forwarding thread no system call at all.
 *
 * It gives way to those whose frames it writes, however high the priority is of
 * who started it: where there is not enough time for both, frames are missing
 * in the capture, not on the wire. It yields after each part it has written: as
 * a task of SCHED_BATCH the switch would not take the CPU from it on waking.
 *
 * Frames that wait for a reader fill the ring, nothing else. Asked to stop, the
 * thread waits for the reader two seconds more.
 */
#ifndef LABSWITCH_CAPTURE_WRITER_H
#define LABSWITCH_CAPTURE_WRITER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/filter.h"
#include "capture/format.h"
#include "capture/output.h"
#include "capture/ring.h"
#include "switchd/core/err.h"
#include "switchd/core/inet.h"

#define WRITER_BATCH ((size_t)256 << 10) /* bytes of one write */

enum writer_sleep { WRITER_AWAKE, WRITER_SHORT, WRITER_LONG };

struct writer_port {
	uint64_t recorded;        /* the thread's own */
	_Atomic uint64_t dropped; /* counted by the forwarding thread */
};

struct writer {
	/* Set before the start. */
	const struct format *format;
	const struct filter *filter;
	uint32_t snaplen;
	struct output out;
	struct ring ring;
	struct writer_port *ports;
	uint8_t *head;
	uint64_t rotate_bytes;
	uint64_t rotate_ns;
	void (*ended)(void *ctx); /* called in the thread, its last act */
	void *ctx;

	/* What one thread tells the other. */
	_Atomic size_t head_len;
	_Atomic unsigned ports_used;
	_Atomic bool stop;
	_Atomic int sleep;       /* enum writer_sleep */
	_Atomic uint64_t frames; /* recorded, */
	_Atomic uint64_t bytes;  /* and of these */
	int event_fd;

	/* The thread's own. */
	pthread_t thread;
	size_t head_done;    /* of head, in this file */
	uint64_t file_bytes; /* of this file */
	bool file_has_frames;
	uint64_t file_time_ns; /* when it was begun */
	uint64_t stop_time_ns; /* when it was first seen; 0: not yet */
	uint64_t told_drops;
	uint64_t told_time_ns;
	size_t used; /* of blocks */
	uint8_t blocks[WRITER_BATCH + FILTER_SCRATCH + FORMAT_BLOCK_MAX];
	uint8_t headers[INET_HEADERS_MAX];
	uint8_t scratch[FILTER_SCRATCH];

	/* For reading after writer_join(): why it ended, if not asked to. */
	bool failed;
	struct err reason;
};

/* Adds to a number that one thread writes. */
static inline void writer_count(_Atomic uint64_t *number, uint64_t n)
{
	atomic_store_explicit(
		number, atomic_load_explicit(number, memory_order_relaxed) + n,
		memory_order_relaxed);
}

bool writer_start(struct writer *w, struct err *err);

/* The ring was published to. */
void writer_poke(struct writer *w);

/* The head has grown, or stop is set. */
void writer_wake(struct writer *w);

/* After ended(): does not wait. */
void writer_join(struct writer *w);

#endif
