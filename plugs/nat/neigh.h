/* SPDX-License-Identifier: MIT */
/*
 * neigh: answers for the NAT's own addresses: ARP (RFC 826), neighbour
 * solicitations (RFC 4861 section 7.2.4) and echo requests to the gateway and
 * the name server (RFC 792, RFC 4443), for any number of guests. Pure. It also
 * remembers which MAC a guest's address is at, because libslirp's own table
 * has 16 places.
 *
 * The NAT's own addresses are the gateway and the name server of both
 * families, those of IPv6 also with the prefix fe80::/64, and fe80::2, which
 * router advertisements come from. A guest that claims one of them is not
 * believed; since others may be, the address is announced anew (RFC 5227
 * section 2.4 c), at once and then every 10 seconds, as long as it is claimed.
 * More a router may not do, so who claims it every second has it most of the
 * time, on this LAN as on any. For no other address is anything answered,
 * whoever probes for it (RFC 5227, RFC 4862 section 5.4).
 */
#ifndef LABSWITCH_PLUGS_NAT_NEIGH_H
#define LABSWITCH_PLUGS_NAT_NEIGH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugs/nat/conf.h"
#include "switchd/core/frame.h"

#define NEIGH_FRAME_MAX (FRAME_HEADER + FRAME_MTU_MAX) /* echo replies */

struct neigh;

/* NULL: no memory. conf must outlive it. Bounded: at most 4,096 guests. */
struct neigh *neigh_new(const struct nat_conf *conf);
void neigh_free(struct neigh *neigh);

/*
 * Looks at a frame from a guest: remembers its addresses (of ARP, NDP, and of
 * any IP frame whose source is of the NAT's networks), and answers if it asks
 * for one of ours or pings one. Returns true if the frame is done with; *len
 * is then the length of the answer in out, 0 for none. The frame has no tag,
 * no offload state, and at least 14 bytes.
 *
 * Done with are all ARP requests and neighbour solicitations; ARP replies and
 * neighbour advertisements that are malformed or claim an address that no
 * guest can have; whole echo requests to our addresses. Echo requests in
 * fragments are not.
 */
bool neigh_input(struct neigh *neigh, const struct frame *f,
		 uint8_t out[NEIGH_FRAME_MAX], size_t *len);

/* One of our addresses, and who claims it. */
struct neigh_claim {
	struct net addr;
	struct mac by;
};

/*
 * Announces one of our addresses that a guest has claimed, to all guests.
 * Returns the length of the frame, 0 if none is to be announced now; to be
 * called until then, about once a second.
 */
size_t neigh_defend(struct neigh *neigh, uint64_t now,
		    struct neigh_claim *claim, uint8_t out[128]);

/* The MAC of a guest by its IPv4 or IPv6 address; NULL: not known. */
const struct mac *neigh_find(const struct neigh *neigh, const struct net *addr);

/* Builds the question "who has addr" (ARP or NDP). Returns its length. */
size_t neigh_ask(const struct neigh *neigh, const struct net *addr,
		 uint8_t out[128]);

#endif
