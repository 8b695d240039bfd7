/* SPDX-License-Identifier: MIT */
#include "switchd/core/bridge.h"

const char *bridge_flood_name(enum bridge_flood flood)
{
	static const char *const names[] = {
		[FLOOD_NONE] = "none",
		[FLOOD_UNKNOWN] = "unknown",
		[FLOOD_BROADCAST] = "broadcast",
		[FLOOD_MULTICAST] = "multicast",
		[FLOOD_HUB] = "hub",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == FLOOD_COUNT,
		       "every flood has its name");
	return names[flood];
}
