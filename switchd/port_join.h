/* SPDX-License-Identifier: MIT */
/*
 * port_join: a port's place in the bridge of its switch, and the way of its
 * frames in and out:
 *
 *	plug -> port_join_rx() -> cable -> port_join_enter():
 *		captures -> sw_pause -> bridge_input()
 *	the bridge's send() -> cable -> port_join_send():
 *		captures -> plug's send()
 *
 * Most ports have no cables (port_cables.h), and nothing is there then.
 * A port is in the bridge while its plug is up (swport.h).
 */
#ifndef LABSWITCH_SWITCHD_PORT_JOIN_H
#define LABSWITCH_SWITCHD_PORT_JOIN_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/err.h"
#include "switchd/core/frame.h"

struct swport;

/* Enters the bridge. If false, port_join_leave() is still to be called. */
bool port_join(struct swport *port, struct err *err);

/* Its FDB entries go, too. Also of a port that is not in it. */
void port_join_leave(struct swport *port);

/* The model has changed. */
void port_join_renew(struct swport *port);

/* The plug has received n frames, 1 to FRAME_BURST. */
void port_join_rx(struct swport *port, const struct frame *frames, unsigned n,
		  uint64_t now);

/* They are there, or have left: what comes behind the cables. */
void port_join_enter(struct swport *port, const struct frame *frames,
		     unsigned n, uint64_t now);
void port_join_send(struct swport *port, const struct wire *wires, unsigned n,
		    uint64_t now);

#endif
