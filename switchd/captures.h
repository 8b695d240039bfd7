/* SPDX-License-Identifier: MIT */
/*
 * captures: the captures of the file, in the running lab.
 *
 * A step of a plan (plan.h) calls one of these. A topo_capture is of a
 * topology that goes: what is needed of it later is copied, which one
 * assignment does. What cannot be done (a file that is refused, say) is
 * logged and told, and the rest of the lab goes on.
 */
#ifndef LABSWITCH_SWITCHD_CAPTURES_H
#define LABSWITCH_SWITCHD_CAPTURES_H

#include "topo/topo.h"

struct lab;

/* Begins a capture of the ports that are there, and of those that come. */
void captures_add(struct lab *lab, const struct topo_capture *capture);

/* Ends the capture to this file, which may be begun anew at once. */
void captures_remove(struct lab *lab, const struct topo_capture *capture);

/* Gives the capture to this file, which goes on, the ports of `to`: no other
 * option differs. */
void captures_change(struct lab *lab, const struct topo_capture *to);

#endif
