/* SPDX-License-Identifier: MIT */
/*
 * turn: one round of the process's loop.
 *
 * All frames of a burst are given to libslirp first, then its sockets are
 * served once. It is asked what it waits for only if there has been something
 * for it; what it sends leaves in one burst at the end.
 *
 * To ask it walks all sockets that there are, so with thousands of them that is
 * what costs. It is followed by a rest of six times the walk's length, 5 ms at
 * most; after a walk of few sockets there is none. Frames are given to libslirp
 * in it all the same, which takes, sends and acknowledges on the spot.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_TURN_H
#define LABSWITCH_PLUGS_NAT_CHILD_TURN_H

#include "plugs/nat/child/nat.h"

/* False: the switch has gone. */
bool turn(struct nat *nat);

#endif
