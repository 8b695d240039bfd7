/* SPDX-License-Identifier: MIT */
/*
 * dhcp: the DHCPv4 server of a NAT port (RFC 2131, options RFC 2132, RFC 3397
 * search list). Pure: one request in, at most one answer out.
 *
 * It is the only server of its network, so it is authoritative: a client that
 * it does not know, because it was started anew, keeps the address that it
 * asks for if that is free, and gets a NAK else. Clients are known by their
 * hardware address (chaddr); what comes from a relay or by BOOTP is ignored.
 */
#ifndef LABSWITCH_PLUGS_NAT_DHCP_H
#define LABSWITCH_PLUGS_NAT_DHCP_H

#include <stddef.h>
#include <stdint.h>

#include "plugs/nat/lease.h"
#include "switchd/core/frame.h"

#define DHCP_FRAME_MAX 1024 /* of an answer */

/* A lease that has begun, gone on or, bound being false, ended before its
 * time. A guest that is bound to an address has lost any other. */
typedef void dhcp_changed_fn(void *ctx, const struct lease *lease);

struct dhcp {
	const struct nat_conf *conf;
	struct leases *leases;
	dhcp_changed_fn *changed;
	void *ctx;
};

/* Whether the frame is for a DHCP server: UDP to port 67 over IPv4. */
bool dhcp_is_request(const struct frame *f);

/*
 * Serves one such frame. Returns the length of the answer, a whole Ethernet
 * frame in out; 0: none is due. A malformed request, one with a wrong UDP
 * checksum (unless its offload state says that it is incomplete), and one to
 * another server are ignored; so is all if conf has no pool.
 */
size_t dhcp_input(struct dhcp *dhcp, const struct frame *f, uint64_t now,
		  uint8_t out[DHCP_FRAME_MAX]);

#endif
