/* SPDX-License-Identifier: MIT */
/*
 * storm: how many frames a second may be flooded from a port.
 *
 * A loop or a broken guest can fill every cable of a switch with floods. Here
 * a port has an allowance for each class of them: a token bucket in frames, so
 * that known unicast and what the bridge takes for itself are never counted. A
 * frame beyond it is dropped (DROP_RX_STORM), and the storm lasts until a
 * second has passed without such a drop.
 *
 * The bucket holds STORM_BURST_NS of the rate, at least one frame: over ten
 * seconds of storm that is half a per cent more than the rate.
 */
#ifndef LABSWITCH_CORE_STORM_H
#define LABSWITCH_CORE_STORM_H

#include <stdbool.h>
#include <stdint.h>

#define STORM_BURST_NS 50000000ull   /* 50 ms */
#define STORM_CALM_NS  1000000000ull /* without a drop: it is over */

enum storm_class {
	STORM_BROADCAST,
	STORM_MULTICAST,
	STORM_UNKNOWN, /* unicast */
	STORM_CLASS_COUNT
};

struct storm_conf {
	uint32_t fps[STORM_CLASS_COUNT]; /* frames a second; 0: no limit */
};

/* Of one port. Starts zeroed, but for conf. */
struct storm {
	struct storm_conf conf;
	uint64_t full_ns[STORM_CLASS_COUNT]; /* when the bucket is full again */
	uint64_t dropped_ns;                 /* the last drop */
	bool raging;
};

/* "broadcast" and the like, as in the file. */
const char *storm_class_name(enum storm_class class);

/* Other limits from now on; buckets are full. */
void storm_set(struct storm *s, const struct storm_conf *conf);

/*
 * `frames` wire frames of a class are to be flooded, all or none. Returns
 * whether they may; if not s->raging is set. now: ns, monotonic.
 */
bool storm_allow(struct storm *s, enum storm_class class, uint32_t frames,
		 uint64_t now);

/* Whether a storm that was raging is over; then it rages no more. */
bool storm_is_over(struct storm *s, uint64_t now);

#endif
