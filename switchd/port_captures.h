/* SPDX-License-Identifier: MIT */
/*
 * port_captures: the captures of one port, and what they are shown.
 *
 * Ingress is what the plug handed over, before the bridge has looked at it;
 * egress is what the plug was offered: after the VLAN operation, as it lies on
 * the wire. A frame that the plug holds for a slow peer has been sent, as it
 * has for AF_PACKET once it is queued; one that it refused at once, because its
 * ring is full, say, has not, and is shown as a drop to those that want drops.
 *
 * A port without captures pays one test of a pointer for a burst.
 */
#ifndef LABSWITCH_SWITCHD_PORT_CAPTURES_H
#define LABSWITCH_SWITCHD_PORT_CAPTURES_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/drop.h"
#include "switchd/core/err.h"
#include "switchd/core/frame.h"

struct lab_capture;
struct swport;

/* A capture that the port is in; swport's `captures` is the first. */
struct port_capture {
	struct port_capture *next;
	struct lab_capture *capture;
	unsigned interface; /* the port's number there (capture.h) */
};

/* --- Which -------------------------------------------------------------- */

bool port_captures_has(const struct swport *port,
		       const struct lab_capture *capture);

/* Adds the port to a running capture, unless it is in it. */
bool port_captures_add(struct swport *port, struct lab_capture *capture,
		       struct err *err);

/* Takes the port out of the capture, if it is in it; out of all of them. */
void port_captures_remove(struct swport *port, struct lab_capture *capture);
void port_captures_remove_all(struct swport *port);

/* The port has joined the bridge: the bridge is to tell what is wanted. */
void port_captures_watch(const struct swport *port);

/* --- Frames of a port that has captures --------------------------------- */

/* A burst came in. */
void port_captures_rx(struct swport *port, const struct frame *frames,
		      unsigned n, uint64_t now);

/* A wire that came in does not get as far as the bridge. */
void port_captures_drop(const struct swport *port, enum drop why,
			const struct wire *w, uint64_t now);

/* Sends a burst. */
void port_captures_send(struct swport *port, const struct wire *wires,
			unsigned n, uint64_t now);

/* n wires were to be sent; those whose fate is not DROP_COUNT will not be. */
void port_captures_lost(const struct swport *port, const struct wire *wires,
			const enum drop *fates, unsigned n, uint64_t now);

#endif
