/* SPDX-License-Identifier: MIT */
/*
 * pause: a switch that stands still. The frames that come in wait, in the order
 * of their arrival over all of its ports, and go on one by one.
 *
 *	pause_push() --> | queue | --> pause_take() --> bridge_input()
 *
 * When one goes on is the caller's decision; or, with a gap, the next may go on
 * when the gap has passed since the last did. The queue is bounded, by
 * PAUSE_FRAMES_MAX and by memory: a frame that finds no room is lost.
 *
 * A frame that waits has not been counted yet: the bridge does that when it
 * goes on. What is lost here is counted as received and dropped, so the sums of
 * counters.h hold at any time.
 */
#ifndef LABSWITCH_CORE_PAUSE_H
#define LABSWITCH_CORE_PAUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/counters.h"
#include "switchd/core/frame.h"
#include "switchd/core/hold.h"

#define PAUSE_FRAMES_MAX 1000

/* Fields are for reading only. Of a frame in the queue, at is when it came and
 * port where. */
struct pause {
	struct hold_queue queue;
	uint64_t gap_ns;  /* 0: frames wait until they are told to go on */
	uint64_t next_ns; /* with a gap: before that none goes on */
};

/* Times are CLOCK_MONOTONIC, in ns. */
void pause_init(struct pause *p);

/* Frees what waits, which nobody counts. */
void pause_done(struct pause *p);

/* Another gap; the next frame may go on at once. */
void pause_set_gap(struct pause *p, uint64_t gap_ns);

/*
 * w, which is a wire frame with nothing left to do, came in on port. It is
 * copied; or, if there is no room, counted in c as DROP_RX_PAUSE_FULL, and
 * false is returned.
 */
bool pause_push(struct pause *p, uint16_t port, const struct wire *w,
		uint64_t now, struct counters *c);

/* When the next frame may go on by itself; UINT64_MAX: never, as it is. */
uint64_t pause_next(const struct pause *p);

/* The oldest goes on: takes it out, for the caller to free(). NULL: there is
 * none. */
struct hold *pause_take(struct pause *p, uint64_t now);

/* The port is gone: what came in there is counted in c as DROP_RX_PAUSE_LEFT.
 */
void pause_forget(struct pause *p, uint16_t port, struct counters *c);

#endif
