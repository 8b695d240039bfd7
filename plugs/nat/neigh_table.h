/* SPDX-License-Identifier: MIT */
/*
 * neigh_table: the MACs of guests by their addresses: 4,096 at most.
 *
 * The table is buckets of a few places. An address has its places in one
 * bucket, which it knows by a hash with a key of this process, so guests
 * cannot choose addresses that crowd one; in a full bucket the place of the
 * one that was not seen for longest is taken.
 */
#ifndef LABSWITCH_PLUGS_NAT_NEIGH_TABLE_H
#define LABSWITCH_PLUGS_NAT_NEIGH_TABLE_H

#include <stdint.h>

#include "switchd/core/mac.h"
#include "topo/net.h"

#define NEIGH_BUCKETS 512
#define NEIGH_PLACES  8

struct neigh_place {
	struct net addr; /* family 0: the place is free */
	struct mac mac;
	uint64_t seen; /* by neigh_table.clock */
};

struct neigh_table {
	uint64_t key[5];
	uint64_t clock; /* counts what is put */
	struct neigh_place places[NEIGH_BUCKETS][NEIGH_PLACES];
};

/* The table is all zero before. */
void neigh_table_init(struct neigh_table *t);

void neigh_table_put(struct neigh_table *t, const struct net *addr,
		     const uint8_t mac[6]);

/* NULL: not known. */
const struct mac *neigh_table_find(const struct neigh_table *t,
				   const struct net *addr);

#endif
