/* SPDX-License-Identifier: MIT */
/*
 * frag: IP packets cut into fragments (RFC 791 3.2, RFC 8200 4.5), for what
 * libslirp hands out in one piece, larger than the guests' network takes.
 * Pure.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_FRAG_H
#define LABSWITCH_PLUGS_NAT_CHILD_FRAG_H

#include <stddef.h>
#include <stdint.h>

#include "plugs/nat/packet.h"

#define FRAG_HEADERS 82 /* Ethernet, IPv4 with options or IPv6, fragment */

/* One fragment: headers of our making, then bytes of the packet. */
struct frag {
	uint8_t headers[FRAG_HEADERS];
	uint32_t headers_len;
	const uint8_t *payload;
	uint32_t payload_len;
};

/*
 * Makes the fragment that begins at `at` of the payload: all after the header
 * of IP. id is the same for all of a packet (IPv6; IPv4 has its own). Returns
 * where the next one begins, or 0 after the last. p is of data, without IPv6
 * extension headers; mtu is at least FRAME_MTU_MIN, and 1280 for IPv6.
 */
uint32_t frag_make(const uint8_t *data, const struct packet *p, uint32_t mtu,
		   uint32_t at, uint32_t id, struct frag *out);

#endif
