/* SPDX-License-Identifier: MIT */
/*
 * line: frames under way through one direction of a cable.
 *
 * What is put in at one end comes out at the other, at the time and in the
 * state that impair.h decides, in order but for what it reorders. In between it
 * is copied, once, and takes memory of a bounded queue. A perfect line gives
 * everything back at the next look. Nothing comes out by itself: the caller
 * takes a burst at a time, when no bridge_input() is under way, so a loop of
 * bridges is a loop of the caller, who decides how often it goes round.
 *
 * Super-frames pass whole as long as there is nothing but delay; otherwise they
 * are cut as they enter, because loss is of wire frames.
 *
 * A line counts: what is lost in it, and the second copy of what is duplicated.
 * An ingress line is at a port in front of the bridge: what enters has not been
 * counted yet, so what is lost is received first (rx_frames). An egress line
 * is behind it: what enters has been offered (tx_offered).
 */
#ifndef LABSWITCH_CORE_LINE_H
#define LABSWITCH_CORE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/core/counters.h"
#include "switchd/core/frame.h"
#include "switchd/core/hold.h"
#include "switchd/core/impair.h"

/* Whether a frame is one of those that are to be dropped. */
typedef bool line_match_fn(void *ctx, const struct wire *w);

/* What has happened in it, in wire frames. */
struct line_counts {
	uint64_t lost;     /* at random */
	uint64_t filtered; /* by match */
	uint64_t full;     /* had no room in the queue */
	uint64_t duplicated;
	uint64_t reordered;
	uint64_t corrupted;
};

struct line {
	struct impair impair;
	struct hold_queue queue;
	struct counters *counters;
	line_match_fn *match; /* or NULL */
	void *match_ctx;
	bool ingress;
	struct line_counts counts;
};

/* Frames that have come out. */
struct line_burst {
	struct frame frames[FRAME_BURST];
	struct hold *holds; /* their memory */
};

/* counters must outlive it; limit is in bytes of memory. */
void line_init(struct line *l, const struct impair_conf *conf, size_t limit,
	       struct counters *counters, bool ingress);

/* What is under way is counted as lost for this reason. */
void line_empty(struct line *l, enum drop why);

/*
 * Other numbers and memory. Nothing is lost; what is under way arrives when it
 * would have, or as if it had been put in now, whichever is sooner.
 */
void line_set(struct line *l, const struct impair_conf *conf, size_t limit,
	      uint64_t now);

/*
 * Puts n wires in (any number), their offload state in normal form. They are
 * copied. fates is NULL, or n times DROP_COUNT: of each of which nothing is
 * under way that becomes the reason.
 */
void line_push(struct line *l, const struct wire *wires, unsigned n,
	       uint64_t now, enum drop *fates);

/* When the next frame comes out; UINT64_MAX: there is none. */
uint64_t line_next(const struct line *l);

/*
 * Takes up to FRAME_BURST frames that have come out by now. Returns how many;
 * they stay until line_burst_done(), whatever becomes of the line.
 */
unsigned line_take(struct line *l, uint64_t now, struct line_burst *burst);
void line_burst_done(struct line_burst *burst);

#endif
