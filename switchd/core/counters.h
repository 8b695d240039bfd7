/* SPDX-License-Identifier: MIT */
/*
 * counters: what passed a port, and what did not.
 *
 * They count wire frames and their bytes (without FCS): a super-frame as what
 * offload_frames() and offload_bytes() say. Two sums hold at any
 * moment in which no burst is under way; tests and fuzzers assert both:
 *
 *	rx_frames  = rx_forwarded + all rx_ drops          (of a port)
 *	tx_offered = tx_frames + frames held + all tx_ drops
 *
 * rx_forwarded counts frames that at least one other port was offered a copy
 * of. tx_offered counts copies, one a receiver: a VDE port with three clients
 * offers three for each frame.
 *
 * A client of a port has counters of its own whose parent is the port's: what
 * the client counts, the port counts too. One thread writes them.
 */
#ifndef LABSWITCH_CORE_COUNTERS_H
#define LABSWITCH_CORE_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "switchd/core/drop.h"

struct counters {
	struct counters *parent; /* or NULL; must outlive this one */
	uint64_t rx_frames;
	uint64_t rx_bytes;
	uint64_t rx_forwarded;
	uint64_t tx_offered;
	uint64_t tx_frames;
	uint64_t tx_bytes;
	uint64_t drops[DROP_COUNT];
};

static inline void counters_rx(struct counters *c, uint64_t frames,
			       uint64_t bytes)
{
	for (; c; c = c->parent) {
		c->rx_frames += frames;
		c->rx_bytes += bytes;
	}
}

static inline void counters_forwarded(struct counters *c, uint64_t frames)
{
	for (; c; c = c->parent)
		c->rx_forwarded += frames;
}

static inline void counters_offered(struct counters *c, uint64_t frames)
{
	for (; c; c = c->parent)
		c->tx_offered += frames;
}

static inline void counters_tx(struct counters *c, uint64_t frames,
			       uint64_t bytes)
{
	for (; c; c = c->parent) {
		c->tx_frames += frames;
		c->tx_bytes += bytes;
	}
}

static inline void counters_drop(struct counters *c, enum drop reason,
				 uint64_t frames)
{
	for (; c; c = c->parent)
		c->drops[reason] += frames;
}

/* All begin at 0, but that held frames were offered. Not those of the parent.
 */
static inline void counters_reset(struct counters *c, uint64_t held)
{
	*c = (struct counters){.parent = c->parent, .tx_offered = held};
}

#endif
