/* SPDX-License-Identifier: MIT */
/*
 * drop: every reason for which a frame goes no further.
 *
 * One list makes the enum, the names in `switchctl ports`, the JSON keys and
 * the man page. A reason that begins with rx_ is counted on the port where the
 * frame came in, one with tx_ on the port that a copy was meant for.
 */
#ifndef LABSWITCH_CORE_DROP_H
#define LABSWITCH_CORE_DROP_H

/* X(NAME, name, text) */
#define DROP_LIST(X)                                                           \
	X(RX_RUNT, rx_runt, "shorter than an Ethernet header (14 bytes)")      \
	X(RX_GIANT, rx_giant, "longer than the port's mtu allows")             \
	X(RX_BAD_SOURCE, rx_bad_source, "source MAC is a group or all zero")   \
	X(RX_RESERVED, rx_reserved,                                            \
	  "reserved address, not to pass (802.1Q 8.6.3)")                      \
	X(RX_BPDU, rx_bpdu, "taken by this switch's spanning tree")            \
	X(RX_DISCARDING, rx_discarding, "spanning tree keeps the port shut")   \
	X(RX_LEARNING, rx_learning, "the port only learns as yet")             \
	X(RX_VLAN_TRUNC, rx_vlan_trunc, "ends inside its VLAN tag")            \
	X(RX_VLAN_FILTERED, rx_vlan_filtered, "VID not allowed on this port")  \
	X(RX_NO_PVID, rx_no_pvid, "untagged, and the port has no native VLAN") \
	X(RX_SAME_PORT, rx_same_port, "destination is on the same port")       \
	X(RX_NO_EGRESS, rx_no_egress, "no other port takes this frame")        \
	X(RX_ISOLATED, rx_isolated, "both ports are isolated")                 \
	X(RX_MIRROR, rx_mirror, "a mirror port only looks on")                 \
	X(RX_BAD_OFFLOAD, rx_bad_offload, "work left to us is not as claimed") \
	X(RX_STORM, rx_storm, "flooded beyond the limit of storm control")     \
	X(RX_SECURE, rx_secure, "its source may not send on this port")        \
	X(RX_SHUT, rx_shut, "the port is shut until it is taken up")           \
	X(RX_LOSS, rx_loss, "lost on purpose: the port's loss")                \
	X(RX_FILTER, rx_filter, "lost on purpose: the port's drop filter")     \
	X(RX_HOLD_FULL, rx_hold_full, "its queue on the way in is full")       \
	X(RX_DOWN, rx_down, "under way to the port when it went down")         \
	X(RX_PAUSE_FULL, rx_pause_full, "the paused switch's queue is full")   \
	X(RX_PAUSE_LEFT, rx_pause_left, "its port went while it was paused")   \
	X(TX_LOSS, tx_loss, "lost on purpose: the loss of this direction")     \
	X(TX_FILTER, tx_filter, "lost on purpose: a drop filter")              \
	X(TX_TOO_BIG, tx_too_big, "longer than this port's mtu allows")        \
	X(TX_DOWN, tx_down, "the port is down")                                \
	X(TX_LINK_DOWN, tx_link_down, "the link is down in this direction")    \
	X(TX_NO_CLIENT, tx_no_client, "no client is connected")                \
	X(TX_HOLD_FULL, tx_hold_full, "peer too slow, its ring is full")       \
	X(TX_REFUSED, tx_refused, "nobody listens there (ECONNREFUSED)")       \
	X(TX_ERROR, tx_error, "the system refused to send it")                 \
	X(TX_CLOSED, tx_closed, "held for a peer that went away")

enum drop {
#define DROP_ENUM(upper, lower, text) DROP_##upper,
	DROP_LIST(DROP_ENUM)
#undef DROP_ENUM
		DROP_COUNT
};

/* "rx_runt" and the like; reason must be below DROP_COUNT. */
const char *drop_name(enum drop reason);

/* One line for a reader who does not know the word. */
const char *drop_text(enum drop reason);

#endif
