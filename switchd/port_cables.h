/* SPDX-License-Identifier: MIT */
/*
 * port_cables: what happens to frames between a port and what is behind it, in
 * either direction (cable.h).
 *
 *	plug -> rx -> captures -> bridge -> tx -> captures -> plug's send()
 *
 * What is lost on the way in has not been captured, as on a bad cable; what is
 * delayed on the way out is captured when it leaves. What need not wait passes
 * in the same call. A port without impairments pays one test of a pointer for a
 * burst.
 */
#ifndef LABSWITCH_SWITCHD_PORT_CABLES_H
#define LABSWITCH_SWITCHD_PORT_CABLES_H

#include <stddef.h>
#include <stdint.h>

#include "switchd/cable.h"
#include "switchd/core/frame.h"

/* A port's `cables`; NULL: it never had any. */
struct port_cables {
	struct cable rx, tx;
};

/* Makes them, perfect ones, if they are not there. Aborts if there is no
 * memory. */
struct port_cables *port_cables_of(struct swport *port);

/* The port has another model: what that says is in force. */
void port_cables_follow(struct swport *port);

/* The port leaves the bridge: what is under way is lost. */
void port_cables_empty(struct swport *port);

/* It has left, and goes. */
void port_cables_free(struct swport *port);

/* Frames under way to the plug. */
size_t port_cables_held(const struct swport *port);

/* --- Frames of a port that has them ------------------------------------- */

/* Bursts, 1 to FRAME_BURST, from the plug and to it. */
void port_cables_rx(struct swport *port, const struct frame *frames, unsigned n,
		    uint64_t now);
void port_cables_tx(struct swport *port, const struct wire *wires, unsigned n,
		    uint64_t now);

#endif
