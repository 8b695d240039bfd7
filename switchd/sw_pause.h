/* SPDX-License-Identifier: MIT */
/*
 * sw_pause: a switch of a running lab stands still, and its frames go on one by
 * one, each explained (core/pause.h, explain.h). A switch that is not paused
 * pays one test of a pointer for a burst.
 *
 *	port_join_rx() --> sw_pause_rx() | queue | sw_pause_step() --> bridge
 *						 | or a timer
 *
 * Frames wait as wire frames, so a super-frame is cut first. What becomes of a
 * frame is decided when it goes on, by the rules and addresses of then. BPDUs
 * for the switch's own spanning tree do not wait: else the neighbours would
 * think that it has gone, and build another tree. All else does, and the
 * machines at the ports do not know: their clocks go on.
 */
#ifndef LABSWITCH_SWITCHD_SW_PAUSE_H
#define LABSWITCH_SWITCHD_SW_PAUSE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/core/frame.h"
#include "switchd/core/pause.h"

struct lab_switch;
struct sw_pause;
struct swport;

/* What waits; NULL: the switch is not paused. */
const struct pause *sw_pause_of(const struct lab_switch *sw);

/* Of a paused switch: "switch", "gap_ms" (null: frames wait to be told) and
 * "held", how many wait. */
json_t *sw_pause_about(const struct lab_switch *sw);

/* Pauses it, if it is not yet. With a gap one frame goes on each gap_ns; 0:
 * none by itself. Aborts if there is no memory. */
void sw_pause_begin(struct lab_switch *sw, uint64_t gap_ns);

/*
 * The oldest frame of a paused switch goes on. Returns its explanation
 * (explain.h) with which frame it is, when it came ("waited_ms") and how many
 * still wait ("held"); NULL: none waits.
 */
json_t *sw_pause_step(struct lab_switch *sw);

/* All that wait go on, in order, and those that come from now on do not wait.
 * Returns how many they were; of a switch that is not paused: 0. */
size_t sw_pause_end(struct lab_switch *sw);

/* Frames came in on a port in the bridge of a paused switch. */
void sw_pause_rx(struct swport *port, const struct frame *frames, unsigned n,
		 uint64_t now);

/* A port leaves the bridge. */
void sw_pause_forget(struct swport *port);

#endif
