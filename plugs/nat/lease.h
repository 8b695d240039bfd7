/* SPDX-License-Identifier: MIT */
/*
 * lease: which guest has which IPv4 address, until when, and its name.
 *
 * The child serves from this table, and tells the parent of every change; the
 * parent has one of the same, from which a new child's is filled before its
 * first frame. Pure: time is an argument, in nanoseconds of CLOCK_MONOTONIC.
 */
#ifndef LABSWITCH_PLUGS_NAT_LEASE_H
#define LABSWITCH_PLUGS_NAT_LEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugs/nat/conf.h"

/* A pool may be larger; a network with more guests than this is none. */
#define LEASES_MAX 4096

struct lease {
	struct mac mac;
	uint8_t addr[4];
	char name[NAT_NAME_SIZE]; /* letters, digits, '-'; "": none */
	uint64_t expires;         /* ns; a fixed host's never does: ~0 */
	bool bound;               /* false: offered only, or given back */
};

struct leases;

/* NULL: no memory. conf must outlive it. */
struct leases *leases_new(const struct nat_conf *conf);
void leases_free(struct leases *leases);

/* By address (4 bytes, of the wire), by MAC, by name; NULL: none that is
 * bound or offered and has not expired. */
const struct lease *leases_by_addr(const struct leases *leases,
				   const uint8_t addr[4], uint64_t now);
const struct lease *leases_by_mac(const struct leases *leases,
				  const struct mac *mac, uint64_t now);
const struct lease *leases_by_name(const struct leases *leases,
				   const char *name, uint64_t now);

/* The i-th bound lease from 0 in the order of addresses; NULL: no more. */
const struct lease *leases_at(const struct leases *leases, size_t i,
			      uint64_t now);

/*
 * Takes what another table has told: adds or replaces; one that is not bound
 * is removed. An address outside of the pool that is not a fixed host's, one
 * of the NAT's own, a name with other characters: refused (false). Never
 * trusts what it is given.
 */
bool leases_put(struct leases *leases, const struct lease *lease);

#endif
