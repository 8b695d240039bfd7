/* SPDX-License-Identifier: MIT */
/*
 * stats: what the NAT did not pass on, and why; one list for the enum, for the
 * names in `switchctl show` and JSON, and for the man page. These frames have
 * been handed to the port and count as its tx_frames.
 */
#ifndef LABSWITCH_PLUGS_NAT_STATS_H
#define LABSWITCH_PLUGS_NAT_STATS_H

#include <stdint.h>

/* X(NAME, name, text) */
#define NAT_STAT_LIST(X)                                                       \
	X(NOT_OURS, nat_not_ours, "to another station's MAC")                  \
	X(BAD_TYPE, nat_bad_type, "tagged, or neither ARP nor IP")             \
	X(BAD_PROTOCOL, nat_bad_protocol,                                      \
	  "IP, but neither TCP, UDP nor an echo request")                      \
	X(BAD_FRAME, nat_bad_frame, "malformed, or a wrong checksum")          \
	X(BAD_SOURCE, nat_bad_source,                                          \
	  "IP source is none that a guest can have")                           \
	X(RESTRICTED, nat_restricted, "the outside is closed (restrict: yes)") \
	X(EXPIRED, nat_expired, "no hop left on the way outside (TTL 1)")      \
	X(LOOPBACK, nat_loopback, "host-loopback is not open")                 \
	X(PING_FORBIDDEN, nat_ping_forbidden,                                  \
	  "the system allows no ping sockets (ping_group_range)")              \
	X(FLOW_LIMIT, nat_flow_limit, "too many flows of this guest, or in all")

enum nat_stat {
#define NAT_STAT_ENUM(upper, lower, text) NAT_STAT_##upper,
	NAT_STAT_LIST(NAT_STAT_ENUM)
#undef NAT_STAT_ENUM
		NAT_STAT_COUNT
};

/* "nat_not_ours" and the like; stat is below NAT_STAT_COUNT. */
const char *nat_stat_name(enum nat_stat stat);

/* One line for a reader who does not know the word. */
const char *nat_stat_text(enum nat_stat stat);

struct nat_stats {
	uint64_t count[NAT_STAT_COUNT];
	uint32_t flows; /* open now */
	uint32_t fds;
};

#endif
