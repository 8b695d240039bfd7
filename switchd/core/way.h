/* SPDX-License-Identifier: MIT */
/*
 * way: one direction of a link between two bridges, or back to the same one.
 *
 *	A's send() --> way_enter() | queue | way_take() --> B's input
 *
 * A frame that crosses is copied once, with its offload state (hold.h); a
 * super-frame stays whole. Nothing comes out by itself: the caller takes out a
 * burst at a time, when no bridge_input() is under way. So a loop of bridges is
 * a loop of the caller, who decides how often it goes round, and never one of
 * calls. One side puts in, the other takes out; nothing else is shared.
 *
 * The counters are those of the port that sends: what has been taken out is its
 * tx_frames, what is in the queue is held.
 */
#ifndef LABSWITCH_CORE_WAY_H
#define LABSWITCH_CORE_WAY_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/counters.h"
#include "switchd/core/frame.h"
#include "switchd/core/hold.h"

struct way {
	struct hold_queue queue;
	struct counters *counters; /* must outlive it */
	bool down;                 /* what enters is lost */
};

void way_init(struct way *way, struct counters *counters);

/* What is under way is counted as lost for this reason. */
void way_empty(struct way *way, enum drop why);

/* Down or up; what is under way when it goes down is lost, too:
 * DROP_TX_LINK_DOWN. */
void way_set_down(struct way *way, bool down);

/*
 * n frames (1 to FRAME_BURST) enter: each is held, or counted as
 * DROP_TX_LINK_DOWN or DROP_TX_HOLD_FULL. fates is NULL, or n times DROP_COUNT:
 * of a frame that is lost that becomes the reason.
 */
void way_enter(struct way *way, const struct wire *wires, unsigned n,
	       enum drop *fates);

/*
 * Describes the oldest frames, at most FRAME_BURST. They are borrowed, and held
 * until way_taken() says that as many are on the other side.
 */
unsigned way_take(const struct way *way, struct frame frames[FRAME_BURST]);
void way_taken(struct way *way, unsigned n);

#endif
