/* SPDX-License-Identifier: MIT */
/*
 * writer: the thread of one capture, which takes blocks from the ring to the
 * output. Known to capture.c only.
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
 * in the capture, not on the wire.
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

#include "capture/format.h"
#include "capture/output.h"
#include "capture/ring.h"
#include "switchd/core/err.h"

enum writer_sleep { WRITER_AWAKE, WRITER_SHORT, WRITER_LONG };

/* Counted by the forwarding thread, written down by the other. */
struct writer_port {
	_Atomic uint64_t received;
	_Atomic uint64_t dropped;
};

struct writer {
	/* Set before the start. */
	const struct format *format;
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
	_Atomic int sleep; /* enum writer_sleep */
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

	/* For reading after writer_join(): why it ended, if not asked to. */
	bool failed;
	struct err reason;
};

bool writer_start(struct writer *w, struct err *err);

/* The ring was published to. */
void writer_poke(struct writer *w);

/* The head has grown, or stop is set. */
void writer_wake(struct writer *w);

/* After ended(): does not wait. */
void writer_join(struct writer *w);

#endif
