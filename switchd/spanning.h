/* SPDX-License-Identifier: MIT */
/*
 * spanning: the part of a switch in a spanning tree (switchd/core/stp.h), with
 * `stp:` in the file.
 *
 *	BPDUs of the bridge --> stp --> states and flushes, to the bridge
 *	ports up and down   -->     --> BPDUs, to the ports
 *	lab->deadlines      -->     --> events (tell.h), lines of the log
 *
 * A port comes into the bridge discarding, so no frame passes before the tree
 * lets it, and is up for the tree a round of the loop later: when both ends of
 * a link have come up, as those of a cable do, neither of them speaks to
 *nobody.
 *
 * It is point-to-point unless it has several clients, or is the end of a link
 * to a hub. That may change at any time, even from the middle of a send, so it
 * is looked at once a second, and soon after a client came or went.
 */
#ifndef LABSWITCH_SWITCHD_SPANNING_H
#define LABSWITCH_SWITCHD_SPANNING_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/stp.h"
#include "switchd/deadlines.h"
#include "switchd/log.h"

struct lab_switch;
struct swport;
struct topo_port;
struct topo_switch;

/* Of a switch; starts zeroed. */
struct spanning {
	struct stp *stp; /* NULL: the switch is in no tree */
	struct deadline tick;
	struct log_limit limit;
};

/* Of a port; starts zeroed. */
struct spanning_port {
	bool up; /* as stp was told */
	bool p2p;
	struct log_limit limits[STP_EVENT_COUNT];
};

/* The address by which a switch is known, for which topo has none: always the
 * same for this name of lab and switch, user and machine. */
struct mac spanning_mac(const char *lab, const char *sw);

/* What a port costs that does not say: 20 Tbit/s by the rate that the file
 * limits it to (table 17-3). */
uint32_t spanning_cost(const struct topo_port *topo);

/* Takes part in a tree from now on, no longer, or otherwise, as topo says. */
void spanning_set(struct lab_switch *sw, const struct topo_switch *topo);

/* Forgets all that it has learned of its neighbours, and what guards shut. */
void spanning_restart(struct lab_switch *sw);

/* The switch is about to leave the lab, and all of its ports do. */
void spanning_done(struct lab_switch *sw);

/* All of these do nothing on a switch that is in no tree. */

/* A port has become one of its switch; it is about to be none. */
void spanning_add(struct swport *port);
void spanning_remove(struct swport *port);

/* Its model has changed. */
void spanning_renew(struct swport *port);

/* It has just come into the bridge. */
void spanning_enter(struct swport *port);

/* It has left the bridge. */
void spanning_down(struct swport *port);

/* stp_port_reenable() and stp_port_mcheck(), of a port in a tree. */
void spanning_reenable(struct swport *port);
void spanning_mcheck(struct swport *port);

/* A client has come or gone, perhaps. */
void spanning_clients(struct swport *port);

/* stp_port_why(), with the names of the ports. */
const char *spanning_why(const struct lab_switch *sw, uint16_t port,
			 char buf[STP_WHY_SIZE]);

#endif
