/* SPDX-License-Identifier: MIT */
/*
 * port_state: what a bridge does with frames at a port (IEEE 802.1D-2004 7.4).
 * The spanning tree says it, the bridge does it.
 */
#ifndef LABSWITCH_CORE_PORT_STATE_H
#define LABSWITCH_CORE_PORT_STATE_H

enum port_state {
	PORT_DISCARDING, /* nothing is learned, nothing passes */
	PORT_LEARNING,   /* sources are learned, nothing passes */
	PORT_FORWARDING,
	PORT_STATE_COUNT
};

#endif
