/* SPDX-License-Identifier: MIT */
/*
 * nat_port: the instance of a port of kind nat, for the files that make it:
 *
 *	plug_nat.c	its life, and its process's part in that
 *	nat_ask.c	what commands ask it (plug_nat.h)
 *	nat_table.h	its forwards
 *	nat_child.h	its process
 *	nat_opts.h	its options
 */
#ifndef LABSWITCH_PLUGS_NAT_PORT_H
#define LABSWITCH_PLUGS_NAT_PORT_H

#include "plugs/nat_child.h"
#include "plugs/nat_table.h"
#include "plugs/plug_nat.h"

/* How far the process has been told what it is to do. */
enum step { STEP_CONF, STEP_LEASES, STEP_FORWARDS, STEP_STARTED };

struct nat {
	struct plug base;
	struct nat_conf conf;
	struct leases *leases; /* NULL before the first life */
	uint64_t lease_changes;
	struct nat_table table;
	struct nat_stats former; /* counts of processes that have ended */

	/* --- Of one life --- */
	struct nat_child *child; /* NULL: DOWN, or about to be */
	struct io *io;           /* NULL unless UP */
	int frames;              /* until there is an io; else -1 */
	enum step step;
	size_t leases_told;
	bool closing;
	struct nat_ready ready;
	struct nat_stats stats;
	uint64_t notes_second;
	unsigned notes; /* in that second */
};

static inline struct nat *nat_of(struct plug *plug)
{
	return (struct nat *)plug;
}

static inline const struct nat *nat_of_const(const struct plug *plug)
{
	return (const struct nat *)plug;
}

extern const struct plug_nat_ops nat_ops; /* nat_ask.c */

/* Makes conf and an empty lease table of the options, once. False: there is no
 * memory. */
bool nat_port_prepare(struct nat *self);

/* Tells the process, if there is one, what it does not know yet: as much as
 * there is room for. It is called again when there is more. */
void nat_port_tell(struct nat *self);

#endif
