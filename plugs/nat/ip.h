/* SPDX-License-Identifier: MIT */
/*
 * ip: the headers of packets of our own: Ethernet, IP, and the checksum of what
 * is in it. Pure.
 */
#ifndef LABSWITCH_PLUGS_NAT_IP_H
#define LABSWITCH_PLUGS_NAT_IP_H

#include <stdint.h>

#include "plugs/nat/packet.h"

/* Where the transport begins in a frame of this family. */
uint32_t ip_headers(uint8_t family);

/* Writes Ethernet and IP for len bytes of transport; it may not be fragmented,
 * and ICMPv6 has the hop limit that NDP must have. */
void ip_begin(uint8_t *out, const struct packet_ends *ends, uint8_t protocol,
	      uint32_t len);

/* Completes the transport's checksum, which is at `sum` in it. */
void ip_finish(uint8_t *out, const struct packet_ends *ends, uint8_t protocol,
	       uint32_t len, uint32_t sum);

#endif
