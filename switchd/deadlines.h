/* SPDX-License-Identifier: MIT */
/*
 * deadlines: things to do at a moment, exact to the microsecond or so.
 *
 * libuv's timers count milliseconds, which is coarse for a frame on a cable of
 * 200 us. Here a heap keeps what is due, and one timerfd wakes the loop for the
 * first. Times are nanoseconds of CLOCK_MONOTONIC.
 *
 * What is due is done once a round of the loop: what is set meanwhile, for
 * whatever moment, has its turn in the next one at the earliest. So a deadline
 * that is always late cannot keep descriptors and commands from theirs.
 */
#ifndef LABSWITCH_SWITCHD_DEADLINES_H
#define LABSWITCH_SWITCHD_DEADLINES_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "switchd/core/err.h"

#define DEADLINE_NEVER UINT64_MAX

struct deadline {
	/* now is the time of this round. It may set, clear and free any
	 * deadline. */
	void (*due)(struct deadline *d, uint64_t now);
	void *ctx;

	/* Zero at first, then deadlines.c's: */
	uint64_t at;
	size_t place; /* in the heap, from 1; 0: not set */
};

struct deadlines;

struct deadlines *deadlines_new(uv_loop_t *loop, struct err *err);

/* All must have been cleared. The memory is freed by the loop later. NULL is
 * allowed. */
void deadlines_free(struct deadlines *all);

/*
 * Sets d to `at`, wherever it was before; DEADLINE_NEVER clears it. d is
 * borrowed until it has been cleared or its due() is called.
 */
void deadline_set(struct deadlines *all, struct deadline *d, uint64_t at);

static inline void deadline_clear(struct deadlines *all, struct deadline *d)
{
	deadline_set(all, d, DEADLINE_NEVER);
}

#endif
