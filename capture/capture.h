/* SPDX-License-Identifier: MIT */
/*
 * capture: one recording of what passes some ports.
 *
 * The thread that forwards copies frames into a bounded ring, each once and as
 * it is; one thread a capture makes blocks of the file of them and writes
 * these. So forwarding never waits for a disk or a reader, nor for what is done
 * to a frame: what finds the ring full is not recorded, and counted. That the
 * ring is full is known before a frame is cut or copied.
 *
 * A capture ends because it is asked to, or by itself: the disk is full, the
 * reader is gone. Either way it ends once, in ended(). A file that could not
 * be written to any more ends with its last whole block.
 *
 * Frames are shown as wire frames: those with work left to do (offload.h) are
 * cut and completed, unless `raw`. Their times are those of CLOCK_MONOTONIC
 * that the caller gives, moved to CLOCK_REALTIME by an offset that is looked at
 * once a second and changes only when somebody sets the clock.
 *
 * Statistics of each port are in the file at its end and, while frames are
 * lost, once a second: how many were wanted since the capture began, and how
 * many of these are missing.
 *
 * All functions are for one thread, that of the loop.
 */
#ifndef LABSWITCH_CAPTURE_CAPTURE_H
#define LABSWITCH_CAPTURE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "capture/filter.h"
#include "capture/format.h"
#include "switchd/core/drop.h"
#include "switchd/core/err.h"
#include "switchd/core/frame.h"

#define CAPTURE_RING_DEFAULT ((size_t)16 << 20) /* bytes */
#define CAPTURE_RING_MIN     ((size_t)256 << 10)
#define CAPTURE_PORTS_MAX    1024

struct capture;

/* Borrowed for the call of capture_new(). Zero is the default of each. */
struct capture_options {
	const char *lab;                  /* its name, or NULL */
	const struct format *format;      /* NULL: format_pcapng */
	enum capture_direction direction; /* 0: CAPTURE_BOTH */
	uint32_t snaplen; /* bytes kept of a frame; 0: all of it */
	bool raw;         /* super-frames as handed over */
	bool drops;       /* capture_dropped() records; pcapng only */
	size_t ring;      /* bytes; 0: CAPTURE_RING_DEFAULT */
	const struct filter *filter; /* NULL or empty: everything; copied */

	/* Where to: a file below a directory (output.h) ... */
	const char *file;      /* path, or NULL */
	int dir_fd;            /* where it begins */
	uint64_t rotate_bytes; /* next file before it is longer; 0: never */
	uint64_t rotate_ns;    /* next file with the first frame after; 0 */
	unsigned keep;         /* files in all, 2-99; 0: 2 */
	/* ... or a descriptor, taken over whether or not it succeeds. */
	int fd;

	/*
	 * The last call for this capture, which is freed after it and whose
	 * file is free for another; not made from inside any function here.
	 * reason is NULL if capture_stop() was called and all is written.
	 */
	void (*ended)(void *ctx, const struct err *reason);
	void *ctx;
};

struct capture_stats {
	uint64_t frames;  /* taken from the ring: wire frames unless raw */
	uint64_t bytes;   /* of these, before snaplen */
	uint64_t dropped; /* wanted, but the ring was full */
};

/*
 * Opens the output and starts the thread. NULL: nothing is left of it, but
 * what output.h says of an older file; ended() is not called.
 */
struct capture *capture_new(uv_loop_t *loop, const struct capture_options *opt,
			    struct err *err);

/*
 * Asks it to end: no frame is taken any more, what is in the ring is written,
 * for two seconds at most where that waits for a reader. ended() follows. May
 * be called twice.
 */
void capture_stop(struct capture *c);

/*
 * The number that a port goes by, "switch.port". A name that it knows already
 * has the number that it had. Fails if there are CAPTURE_PORTS_MAX.
 */
bool capture_add(struct capture *c, const char *name, unsigned *interface,
		 struct err *err);

/*
 * n frames passed a port, at `now` (nanoseconds of CLOCK_MONOTONIC, never less
 * than the last time). direction is CAPTURE_RX or CAPTURE_TX; offload states
 * are in normal form (offload.h).
 */
void capture_frames(struct capture *c, unsigned interface,
		    enum capture_direction direction, const struct wire *wires,
		    unsigned n, uint64_t now);

/*
 * n frames went no further, for that reason, which tells the direction. If the
 * capture has `drops` they are recorded with the reason as comment.
 */
void capture_dropped(struct capture *c, unsigned interface, enum drop reason,
		     const struct wire *wires, unsigned n, uint64_t now);

/* In ended(), too; the last ones are those of the file. */
struct capture_stats capture_stats(const struct capture *c);

#endif
