/* SPDX-License-Identifier: MIT */
/*
 * swport: one port of a running switch: where a bridge's port number, a plug
 * and the user's name for it meet.
 *
 * It opens its plug, joins the bridge when the plug is up, leaves it when the
 * plug goes down (so its FDB entries go, too), and opens again after 1, 2, 4
 * ... 30 s. A frame for a port that is down is never offered to it.
 *
 * A port that is shut is not in the bridge either, whatever its plug does: what
 * comes in is counted as rx_shut. Nobody who is connected there is told.
 */
#ifndef LABSWITCH_SWITCHD_SWPORT_H
#define LABSWITCH_SWITCHD_SWPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "plugs/plug.h"
#include "switchd/core/counters.h"
#include "switchd/core/err.h"
#include "switchd/core/vlan.h"
#include "switchd/log.h"
#include "switchd/port_cables.h"
#include "switchd/port_captures.h"
#include "switchd/spanning.h"
#include "topo/topo.h"

struct lab_switch;

/* As the user sees it; the plug's OPENING is "opening". */
enum swport_state {
	SWPORT_DOWN, /* waits for its next try, or is about to be opened */
	SWPORT_OPENING,
	SWPORT_UP,
	SWPORT_CLOSING,
	SWPORT_STATE_COUNT
};

struct swport {
	struct lab_switch *sw;
	const struct topo_port *topo; /* what is wanted; not owned unless
					 dynamic or removing */
	struct topo_port own;         /* what topo then points to */
	bool dynamic;                 /* made for an anonymous VDE client */
	enum swport_state state;
	struct err reason; /* why it is down; empty text: no reason yet */
	struct err shut;   /* why it is shut; empty text: it is not */
	struct plug *plug;
	struct counters counters;
	bool in_bridge;
	bool pinned;         /* the plug's MAC is in the FDB, as a static */
	uint16_t pinned_vid; /* entry of this VLAN */
	bool removing;       /* it is freed as soon as the plug is closed */
	unsigned retry_s;    /* until the next try, the last time; 0: none */
	uv_timer_t retry;
	struct port_capture *captures; /* that it is in; NULL: none */
	struct port_cables *cables;    /* port_cables.h */
	struct spanning_port spanning;
	struct log_limit events;
	uint64_t told_drops[DROP_COUNT]; /* of counters, as last told */
	uint64_t refused_ns;  /* when it was last told that an address was; or 0
			       */
	uint64_t storm_drops; /* of counters, before the storm that there is */
	uint64_t told_leases; /* of a NAT: changes, likewise */
};

/* "down", "opening", "up", "closing", or "shut" whichever of these it is. */
const char *swport_state_name(const struct swport *port);

static inline bool swport_is_shut(const struct swport *port)
{
	return port->shut.msg[0];
}

/* Why it is in that state; NULL: there is nothing to say. */
const char *swport_reason(const struct swport *port);

/* "sw1.pc1"; buf has room for SWPORT_NAME_SIZE. Returns buf. */
#define SWPORT_NAME_SIZE ((size_t)2 * TOPO_NAME_SIZE)
const char *swport_full_name(const struct swport *port,
			     char buf[SWPORT_NAME_SIZE]);

/* The mtu in force: the port's own, its kind's default if not written. */
uint32_t swport_mtu(const struct topo_port *topo);

/* Its VLAN words as a PVID and a set (vlan.h). Without any a port is in VLAN 1,
 * and the end of a link in all, with VLAN 1 untagged. */
struct vlan_port swport_vlan(const struct topo_port *topo);

/* Frames that were offered, and neither sent nor dropped as yet. */
size_t swport_held(const struct swport *port);

/* The i-th client from 0 of a port that is UP; false if there is none. */
bool swport_client(const struct swport *port, unsigned i,
		   struct plug_client *client);

/*
 * Makes a port, DOWN, not yet opened. topo must outlive it, or be replaced by
 * swport_change(). Aborts if there is no memory.
 */
struct swport *swport_new(struct lab_switch *sw, const struct topo_port *topo);

/*
 * Makes port "#N" for VDE clients that no port of the topology is for; kind is
 * vde's, its words are those of `anonymous:`. It goes, a little later, when it
 * has no client. NULL if the kind cannot do without options.
 */
struct swport *swport_new_dynamic(struct lab_switch *sw,
				  const struct opt_kind *kind, uint16_t number,
				  const struct vde_conf *vde);

/* Starts opening; ends UP, or DOWN with a reason and a retry under way.
 * Returns whether it is UP already. */
bool swport_open(struct swport *port);

/* Tries at once to open a port that is DOWN, instead of later. */
void swport_retry(struct swport *port);

/* Shuts it, or one that is shut for another reason; the reason is told and
 * shown, with how to lift it. Not allowed in send(). */
void swport_shut(struct swport *port, const char *reason);

/* It joins the bridge again, if its plug is up. */
void swport_lift(struct swport *port);

/*
 * Takes over a new model that is the old one's equal or differs in OPT_LIVE
 * rows only. The old one must still be there.
 */
void swport_change(struct swport *port, const struct topo_port *topo);

/* Gives a dynamic port other words. */
void swport_set_dynamic(struct swport *port, const struct vde_conf *vde);

/*
 * Leaves the bridge, closes the plug and, in a later round of the loop, calls
 * lab_port_gone() and frees the port. It keeps a copy of its model till then.
 */
void swport_remove(struct swport *port);

#endif
