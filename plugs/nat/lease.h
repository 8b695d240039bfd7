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

#define LEASES_OFFER_NS   (60 * UINT64_C(1000000000))
#define LEASES_DECLINE_NS (600 * UINT64_C(1000000000))

struct lease {
	struct mac mac;
	uint8_t addr[4];
	char name[NAT_NAME_SIZE]; /* of nat_name_take(); "": none */
	uint64_t expires;         /* ns; a fixed host's never does: ~0 */
	bool bound;               /* false: offered only, or given back */
};

struct leases;

/*
 * Fixed hosts are in the table from the beginning, always bound. NULL: no
 * memory. conf must outlive it.
 */
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
 * What a DHCP server does to a table (RFC 2131 sections 4.3.1 to 4.3.4). The
 * pointers are good until the next call that changes the table.
 *
 * leases_offer: the address that a client is offered, for LEASES_OFFER_NS: the
 * one it has or had, or wanted (NULL: none) if that is free, or one never used,
 * or the one that has been free for longest. If there is none of these, that
 * of the oldest offer, then of the oldest declined; NULL: all are bound.
 *
 * leases_bind: gives it addr for conf.lease_ns. NULL: addr is not of the pool,
 * another's, declined, or not the one that the client has already. An offer to
 * another is no obstacle: who asks first, or uses it still, gets it. The name
 * ("": the one it had) is given unless another guest has it.
 *
 * leases_release, leases_decline: addr is free; is not used by anyone, for
 * LEASES_DECLINE_NS. False: the client did not have it, or is a fixed host;
 * else *was is the lease as it ends.
 */
const struct lease *leases_offer(struct leases *leases, const struct mac *mac,
				 const uint8_t wanted[4], uint64_t now);
const struct lease *leases_bind(struct leases *leases, const struct mac *mac,
				const uint8_t addr[4], const char *name,
				uint64_t now);
bool leases_release(struct leases *leases, const struct mac *mac,
		    const uint8_t addr[4], uint64_t now, struct lease *was);
bool leases_decline(struct leases *leases, const struct mac *mac,
		    const uint8_t addr[4], uint64_t now, struct lease *was);

/*
 * Takes what another table has told: adds or replaces; one that is not bound
 * is removed. A guest has one address and a name one guest: the last told. An
 * address outside of the pool that is not a fixed host's, one of the NAT's own,
 * a name with other characters: refused (false). Never trusts what it is given.
 */
bool leases_put(struct leases *leases, const struct lease *lease);

#endif
