/* SPDX-License-Identifier: MIT */
/*
 * link: the links of a running lab, each two ports that are joined in memory.
 *
 *	A's send() --> cable.h --> a later round of the loop --> B's rx()
 *
 * To the rest of the daemon an end is a port like any other, with a plug of the
 * class below behind it: it is opened, counted, captured, shown and traced as
 * one. The class is in no list of kinds, so no file can ask for it.
 *
 * Frames are carried over by an idle handle of the loop, which runs only while
 * some are under way, and then before each look at the descriptors. A round
 * carries one burst, and the directions take turns: more would gain little, and
 * whoever waits for the descriptors would wait longer. So in a storm, which
 * never ends, the loop spins, but each of its short rounds also serves every
 * descriptor, request and timer that is due.
 * Frames that are not to arrive yet wait for a deadline (cable.h).
 *
 * Each direction can be down by itself: what is sent that way is lost
 * (DROP_TX_LINK_DOWN). When both are, the ports are down as if the cable had
 * been pulled. That is of the running lab alone: the file does not know it.
 */
#ifndef LABSWITCH_SWITCHD_LINK_H
#define LABSWITCH_SWITCHD_LINK_H

#include <stdbool.h>
#include <uv.h>

#include "plugs/plug.h"
#include "switchd/cable.h"
#include "switchd/core/err.h"
#include "topo/topo.h"

struct lab;
struct link;
struct swport;

struct link_end {
	struct link *link;
	struct swport *port;
	struct cable out;      /* what the port sends to the other end */
	bool down;             /* what the port sends is lost */
	bool told_down;        /* the same, as last told */
	bool up;               /* the plug is */
	bool ready;            /* it waits for its turn, */
	struct link_end *next; /* before this one */
};

struct link {
	struct lab *lab;
	const struct topo_link *topo; /* not owned */
	struct link_end ends[2];      /* as in topo */
	struct link *next;            /* in the order of the file */
};

/* Of a lab. */
struct links {
	struct link *list;
	struct link_end *ready; /* the first that waits for its turn */
	struct link_end **ready_tail;
	uv_idle_t round;
};

/* Of the ports at the ends. */
extern const struct plug_class link_class;

void links_init(struct lab *lab);
void links_done(struct lab *lab); /* all are removed */

/* Makes a link and its ports, which lab_apply() opens. Aborts if there is no
 * memory. */
void link_add(struct lab *lab, const struct topo_link *topo);

/* Removes it and its ports, these as swport_remove() does. */
void link_remove(struct link *link);

/* All links that are, which are those of topo, go by it from now on. */
void links_follow(struct lab *lab, const struct topo *topo);

/* NULL: there is none. */
struct link *link_find(const struct lab *lab, const char *name);

/* The port that what leaves on this one comes in on, unless *down is set; NULL:
 * it is no end of a link. */
const struct swport *link_far(const struct swport *port, bool *down);

/* What carries the frames that leave on this port; NULL: it is no end. */
struct cable *link_cable(const struct swport *port);

/* Whether frames from this end arrive. */
bool link_carries(const struct link *link, int end);

/* Takes these directions down or up, and the ports with them. */
void link_set(struct link *link, bool forth, bool back, bool down);

#endif
