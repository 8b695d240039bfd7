/* SPDX-License-Identifier: MIT */
#include "switchd/core/storm.h"

#define NS_PER_S 1000000000ull

const char *storm_class_name(enum storm_class class)
{
	static const char *const names[] = {
		[STORM_BROADCAST] = "broadcast",
		[STORM_MULTICAST] = "multicast",
		[STORM_UNKNOWN] = "unknown",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == STORM_CLASS_COUNT,
		       "every class has its name");
	return names[class];
}

void storm_set(struct storm *s, const struct storm_conf *conf)
{
	*s = (struct storm){.conf = *conf,
			    .dropped_ns = s->dropped_ns,
			    .raging = s->raging};
}

bool storm_allow(struct storm *s, enum storm_class class, uint32_t frames,
		 uint64_t now)
{
	uint64_t fps = s->conf.fps[class];
	uint64_t room, full;

	if (fps == 0)
		return true;
	room = NS_PER_S / fps > STORM_BURST_NS ? NS_PER_S / fps
					       : STORM_BURST_NS;
	full = s->full_ns[class] > now ? s->full_ns[class] : now;
	full += frames * NS_PER_S / fps;
	if (full - now > room) {
		s->dropped_ns = now;
		s->raging = true;
		return false;
	}
	s->full_ns[class] = full;
	return true;
}

bool storm_is_over(struct storm *s, uint64_t now)
{
	if (!s->raging || now - s->dropped_ns < STORM_CALM_NS)
		return false;
	s->raging = false;
	return true;
}
