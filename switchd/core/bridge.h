/* SPDX-License-Identifier: MIT */
/*
 * bridge: one forwarding domain (IEEE 802.1Q-2018 clause 8): classify, learn,
 * look up, forward or flood.
 *
 *	bridge_input(b, port, frames, n, now)
 *	    for each frame:  may it come in, in which VLAN; fetch what the fdb
 *			     knows of its addresses
 *	    for each frame:  decide: drop, one port, or flood
 *			     learn its source
 *			     append to the egress list of each port it goes to
 *	    for each port touched:  send(ctx, wires, n)
 *
 * So each egress port gets one send() for a whole burst, with its frames in
 * order. bridge_decide() is pure and decides the same; `switchctl trace` shows
 * what.
 *
 * Edge frames follow the kernel bridge where systems differ: a group or zero
 * source is dropped and not learned; 01:80:c2:00:00:00 to 0f, which are for
 * neighbours (802.1Q table 8-1), are forwarded as bridge_set_reserved() says,
 * but for BPDUs (00) if somebody takes them who takes part in a spanning tree
 * and sets the ports' states. A frame is never cut and never padded.
 *
 * A bridge is one of three things:
 *
 *	switch	all of the above
 *	hub	every frame goes to every other port
 *	wire	every frame goes to the other port, of which there is one: also
 *		what a switch keeps to itself, so that neighbours on both ends
 *		meet by LLDP, bundle links (LACP) or span a tree
 *
 * A hub and a wire only ask that a frame has 14 bytes and fits the mtu: nothing
 * is learned, no address, tag or port state is looked at.
 *
 * A mirror is a port that gets copies of what other ports receive and send, as
 * it is on their wires, and takes no other part: nothing is flooded to it, and
 * what it sends is dropped (DROP_RX_MIRROR). What comes in is copied whatever
 * becomes of it. A mirror that is too slow, or has too small an mtu, loses its
 * own copies.
 *
 * Ports are numbers chosen by the caller, 0 to FDB_PORT_MAX - 1: stable
 * handles, also seen by the user. The bridge knows neither descriptors nor
 * names; time is an argument (nanoseconds, monotonic).
 */
#ifndef LABSWITCH_CORE_BRIDGE_H
#define LABSWITCH_CORE_BRIDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/counters.h"
#include "switchd/core/fdb.h"
#include "switchd/core/frame.h"
#include "switchd/core/port_state.h"
#include "switchd/core/storm.h"
#include "switchd/core/vlan.h"

enum bridge_mode { BRIDGE_SWITCH, BRIDGE_HUB, BRIDGE_WIRE };

struct bridge_conf {
	enum bridge_mode mode;
	bool vlan_aware;
	struct fdb_conf fdb;
};

#define BRIDGE_MIRRORS_MAX 8 /* of one bridge */

struct bridge_port_conf {
	uint32_t mtu;          /* payload, FRAME_MTU_MIN to FRAME_MTU_MAX */
	uint8_t mirror;        /* 1 to BRIDGE_MIRRORS_MAX: it is this mirror */
	uint8_t mirror_rx;     /* bit N - 1: mirror N gets what comes in, */
	uint8_t mirror_tx;     /* what leaves */
	bool isolated;         /* no frame passes between two that are */
	struct vlan_port vlan; /* of no meaning unless vlan_aware */
	/* Of no meaning in hub mode: */
	struct storm_conf storm;
	struct fdb_port_conf learn;
};

/*
 * Takes n frames (1 to FRAME_BURST) that leave on a port. The wires and all
 * they point to are borrowed until it returns. It must not call
 * bridge_input() of the same bridge.
 */
typedef void bridge_send_fn(void *ctx, const struct wire *wires, unsigned n,
			    uint64_t now);

/* Why a frame goes to more than one port. */
enum bridge_flood {
	FLOOD_NONE, /* it does not: one port */
	FLOOD_UNKNOWN,
	FLOOD_BROADCAST,
	FLOOD_MULTICAST,
	FLOOD_HUB,
	FLOOD_COUNT
};

/* "unknown", "broadcast", ...; "none" for FLOOD_NONE. */
const char *bridge_flood_name(enum bridge_flood flood);

/*
 * What becomes of a frame at a port that is watched. why is DROP_COUNT, of a
 * frame that came in and goes on; an rx_ reason, of one that does not; or
 * tx_too_big, of one that does not leave there, as it would have. What leaves
 * is told by send(). w is borrowed for the call, which must not call into the
 * bridge.
 */
typedef void bridge_fate_fn(void *ctx, enum drop why, const struct wire *w,
			    uint64_t now);

/* What bridge_input() would do with a frame, and why. */
struct bridge_decision {
	bool dropped;
	enum drop why;           /* if dropped */
	enum bridge_flood flood; /* if not dropped */
	uint16_t egress;         /* if flood is FLOOD_NONE: the port */
	bool learn;              /* its source would be learned */
	struct vlan_class vlan;
};

struct bridge;

/* NULL if there is no memory. */
struct bridge *bridge_new(const struct bridge_conf *conf);

/* Ports must have been removed. NULL is allowed. */
void bridge_free(struct bridge *b);

/* A change of mode flushes the dynamic entries, of vlan_aware sticky ones, too.
 */
void bridge_set_mode(struct bridge *b, enum bridge_mode mode);
void bridge_set_vlan_aware(struct bridge *b, bool aware);

/* Which tags it looks at if it is VLAN-aware (vlan.h): FRAME_TYPE_VLAN, as at
 * first, or FRAME_TYPE_QINQ. A change flushes likewise. */
void bridge_set_tag_type(struct bridge *b, uint16_t type);

/*
 * Frames to 01:80:c2:00:00:0n pass if bit n of pass is set. Pause frames (01,
 * 802.3 annex 31B) never do: that bit must not be set.
 */
#define BRIDGE_RESERVED_DEFAULT 0x0001
#define BRIDGE_RESERVED_NEVER   0x0002
void bridge_set_reserved(struct bridge *b, uint16_t pass);

/*
 * From now on fn is called for each frame that is flooded to at least one
 * port, before it leaves; NULL: nobody wants to know. f is borrowed for the
 * call, which must change nothing of the bridge.
 */
typedef void bridge_flood_fn(void *ctx, uint16_t port, const struct frame *f,
			     const struct bridge_decision *d);
void bridge_set_on_flood(struct bridge *b, bridge_flood_fn *fn, void *ctx);

/*
 * From now on fn takes each frame to 01:80:c2:00:00:00 that is let in
 * otherwise, whatever the port's state; it is counted as DROP_RX_BPDU. NULL:
 * they are forwarded. f is borrowed for the call, which may flush the fdb, set
 * states and call bridge_transmit(). Of no meaning on a hub or wire.
 */
typedef void bridge_bpdu_fn(void *ctx, uint16_t port, const struct frame *f,
			    uint64_t now);
void bridge_set_on_bpdu(struct bridge *b, bridge_bpdu_fn *fn, void *ctx);

/*
 * From now on fn is called after a burst in which a storm has begun at the port
 * that it came in on (storm.h), whose first frame too many was of that class;
 * NULL: nobody wants to know. It may remove the port.
 */
typedef void bridge_storm_fn(void *ctx, uint16_t port, enum storm_class class);
void bridge_set_on_storm(struct bridge *b, bridge_storm_fn *fn, void *ctx);

/*
 * From now on fn is called after a burst in which frames were dropped as
 * DROP_RX_SECURE, with the first of them, which is borrowed for the call; NULL:
 * nobody wants to know. It may remove the port.
 */
typedef void bridge_refuse_fn(void *ctx, uint16_t port, const struct frame *f,
			      uint64_t now);
void bridge_set_on_refuse(struct bridge *b, bridge_refuse_fn *fn, void *ctx);

/* The database, for reading and for its own options. */
struct fdb *bridge_fdb(struct bridge *b);

/* --- Ports ----------------------------------------------------------- */

/*
 * Adds a port under a number that is free. counters are the caller's and must
 * outlive the port. Returns false if there is no memory.
 */
bool bridge_port_add(struct bridge *b, uint16_t port,
		     const struct bridge_port_conf *conf, bridge_send_fn *send,
		     void *ctx, struct counters *counters);

/*
 * Also removes all its FDB entries that are not sticky. Allowed inside send(),
 * where a plug may find that its peer is gone: copies that wait for the port
 * are counted tx_down.
 */
void bridge_port_remove(struct bridge *b, uint16_t port);

/*
 * Dynamic and sticky entries of VLANs that it leaves are flushed: whoever was
 * behind it may be reached another way, and frames must not end at a port that
 * has left. Those of the others stay; a port that becomes a mirror keeps none.
 */
void bridge_port_set(struct bridge *b, uint16_t port,
		     const struct bridge_port_conf *conf);

/*
 * A port that is added forwards. In another state no frame leaves there that
 * came in elsewhere, and those that come in are dropped, in PORT_LEARNING after
 * their source is learned. Not allowed in send(). Of no meaning on a hub
 * or wire.
 */
void bridge_port_set_state(struct bridge *b, uint16_t port,
			   enum port_state state);

/* From now on fn is called, with the ctx of send(), for each frame that comes
 * in, before any of its burst leaves; NULL: no longer. */
void bridge_port_watch(struct bridge *b, uint16_t port, bridge_fate_fn *fn);

/* Whether a storm has ended since this was last asked; to be asked now and
 * then. now: ns, monotonic. */
bool bridge_port_storm_over(struct bridge *b, uint16_t port, uint64_t now);

bool bridge_port_exists(const struct bridge *b, uint16_t port);

/* --- Forwarding ------------------------------------------------------ */

/*
 * n frames, 1 to FRAME_BURST, arrived on port, their offload state in its
 * normal form (offload.h). A super-frame passes whole, is measured by its
 * longest wire frame, and counted as all of them. Counts rx and rx_ drops
 * there, tx_offered and DROP_TX_TOO_BIG at the ports they leave on; the rest of
 * tx is counted by whoever is behind send().
 */
void bridge_input(struct bridge *b, uint16_t port, const struct frame *frames,
		  unsigned n, uint64_t now);

/*
 * A frame of the bridge's own leaves on port, whatever the port's state and
 * VLANs, unless that is a mirror: one send(), counted as offered. Not allowed
 * in send().
 */
void bridge_transmit(struct bridge *b, uint16_t port, const struct frame *f,
		     uint64_t now);

/* Pure: changes nothing, and knows nothing of storms. The frame may be of any
 * length. */
void bridge_decide(const struct bridge *b, uint16_t port, const struct frame *f,
		   struct bridge_decision *d);

/* Whether no frame passes between the two ports because both are isolated. */
bool bridge_isolates(const struct bridge *b, uint16_t in, uint16_t out);

/* How a frame that came in as `class` says would leave on port; false if the
 * port is not a member of its VLAN, does not forward or is a mirror. */
bool bridge_egress(const struct bridge *b, uint16_t port,
		   const struct vlan_class *class, enum tag_op *op);

#endif
