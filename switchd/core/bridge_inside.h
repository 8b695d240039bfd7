/* SPDX-License-Identifier: MIT */
/*
 * bridge_inside: what a bridge is made of. Only bridge*.c include it: bridge.c
 * makes and changes bridges and their ports, bridge_forward.c forwards,
 * bridge_mirror.c copies.
 */
#ifndef LABSWITCH_CORE_BRIDGE_INSIDE_H
#define LABSWITCH_CORE_BRIDGE_INSIDE_H

#include "switchd/core/bridge.h"

/* A frame of the burst under way, on its way to a port. */
struct copy {
	uint8_t frame; /* its place in the burst */
	uint8_t op;    /* enum tag_op */
};

_Static_assert(FRAME_BURST <= UINT8_MAX, "a place in a burst fits a byte");

/* What is found out about a frame before others of its burst have been looked
 * at: by the time that it is forwarded, memory has brought the rest. */
struct look {
	struct bridge_decision d;
	struct fdb_key src; /* if d.learn */
	struct fdb_key dst; /* likewise */
};

struct bridge_port {
	uint16_t number;
	uint16_t place; /* in bridge.list */
	struct bridge_port_conf conf;
	enum port_state state;
	struct storm storm;
	bridge_send_fn *send;
	bridge_fate_fn *on_fate; /* or NULL */
	void *ctx;
	struct counters *counters;
	unsigned copies_count;
	uint64_t copied; /* the same in wire frames */
	struct copy copies[FRAME_BURST];
};

struct bridge {
	enum bridge_mode mode;
	bool vlan_aware;
	uint16_t tag_type;
	uint16_t reserved_pass;
	bool busy; /* inside bridge_input() */
	struct fdb *fdb;
	bridge_flood_fn *on_flood; /* or NULL */
	void *on_flood_ctx;
	bridge_bpdu_fn *on_bpdu; /* or NULL */
	void *on_bpdu_ctx;
	bridge_storm_fn *on_storm; /* or NULL */
	void *on_storm_ctx;
	bridge_refuse_fn *on_refuse; /* or NULL */
	void *on_refuse_ctx;
	const struct frame *refused; /* the first of the burst, or NULL */
	bool storm_began;            /* in the burst under way */
	enum storm_class storm_class;
	unsigned ports_count;
	unsigned touched_count;
	unsigned bpdus_count;
	struct bridge_port *by_number[FDB_PORT_MAX];
	struct bridge_port *list[FDB_PORT_MAX];    /* all, without gaps */
	struct bridge_port *touched[FDB_PORT_MAX]; /* have copies */
	struct bridge_port *mirrors[BRIDGE_MIRRORS_MAX];
	struct look looks[FRAME_BURST];       /* at each frame */
	uint8_t bpdus[FRAME_BURST];           /* their places */
	uint8_t tags[FRAME_BURST][FRAME_TAG]; /* of each frame */
	struct wire wires[FRAME_BURST];       /* of one port at a time */
};

/* NULL if there is none. */
static inline struct bridge_port *bridge_find_port(const struct bridge *b,
						   uint16_t port)
{
	return port < FDB_PORT_MAX ? b->by_number[port] : NULL;
}

/* --- bridge_mirror.c ---------------------------------------------------- */

/* The port is the mirror that its conf says, or has ceased to be it. */
void bridge_mirror_join(struct bridge *b, struct bridge_port *p);
void bridge_mirror_leave(struct bridge *b, const struct bridge_port *p);

/* Copies of n wires for each mirror whose bit is set. Any port may be gone
 * then, as after send(). */
void bridge_mirror_send(struct bridge *b, unsigned mirrors,
			const struct wire *wires, unsigned n, uint64_t now);

/* Of n frames that came in, but for those that are too short to be sent; uses
 * b->wires. */
void bridge_mirror_rx(struct bridge *b, unsigned mirrors,
		      const struct frame *frames, unsigned n, uint64_t now);

#endif
