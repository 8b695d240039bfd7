/* SPDX-License-Identifier: MIT */
/*
 * nat_types: the types of a NAT port's options that are addresses.
 *
 * Addresses may be short: `.9` is the ninth of the NAT's network, `.1.2` the
 * 258th, so that a file that moves the network changes one word. They are kept
 * as written, for the dump.
 */
#ifndef LABSWITCH_PLUGS_NAT_TYPES_H
#define LABSWITCH_PLUGS_NAT_TYPES_H

#include "plugs/nat/conf.h"
#include "topo/opt.h"

#define NAT_OUTBOUND_MAX 2 /* one of each family */

/* All zero: none. */
struct nat_addr {
	bool is_short; /* net has the distance from the network's address */
	struct net net;
};

/* All zero: from .15, or what comes after the NAT's own, to the end. */
struct nat_pool {
	bool off;
	struct nat_addr first, last;
};

struct nat_servers {
	uint32_t mode; /* 1 + enum nat_dns */
	struct net addr[NAT_SERVERS_MAX];
};

extern const struct opt_type nat_net4_type;     /* (struct net) 10.0.2.0/24 */
extern const struct opt_type nat_net6_type;     /* (struct net) a /64, or off */
extern const struct opt_type nat_addr_type;     /* (struct nat_addr) IPv4 */
extern const struct opt_type nat_pool_type;     /* (struct nat_pool) .9 - .31 */
extern const struct opt_type nat_servers_type;  /* (struct nat_servers) */
extern const struct opt_type nat_outbound_type; /* (struct net[]) */

/* Reads ".9" or a whole address; the message goes on after "is ". */
bool nat_addr_parse(const char *text, struct nat_addr *addr, struct err *err);

#define NAT_ADDR_SIZE NET_TEXT_SIZE
const char *nat_addr_format(const struct nat_addr *addr,
			    char buf[NAT_ADDR_SIZE]);

/* The whole address, in the network. */
struct net nat_addr_in(const struct nat_addr *addr, const struct net *net);

/* The IPv4 address of a number. */
struct net nat_addr_of(uint32_t number);

#endif
