/* SPDX-License-Identifier: MIT */
/*
 * packet: IPv4, IPv6, UDP and TCP headers of frames without tags: bounded
 * parsing, and building of the few packets that the NAT itself sends. Pure.
 */
#ifndef LABSWITCH_PLUGS_NAT_PACKET_H
#define LABSWITCH_PLUGS_NAT_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/core/frame.h"
#include "switchd/core/mac.h"
#include "topo/net.h"

#define PACKET_TYPE_IPV4 0x0800
#define PACKET_TYPE_ARP  0x0806
#define PACKET_TYPE_IPV6 0x86dd

#define PACKET_ICMP  1
#define PACKET_TCP   6
#define PACKET_UDP   17
#define PACKET_ICMP6 58

/* What a frame is, as far as its headers are whole and consistent. */
struct packet {
	uint16_t type;  /* EtherType */
	struct net src; /* family 0: neither IPv4 nor IPv6 */
	struct net dst;
	uint8_t protocol;  /* of the transport; IPv6 extension headers passed */
	bool fragment;     /* one of several: the transport is not whole */
	uint32_t l4;       /* offset of the transport in the frame */
	uint32_t end;      /* offset of the end of the IP packet, <= len */
	uint16_t src_port; /* of TCP or UDP that is no fragment, else 0 */
	uint16_t dst_port;
};

/* An address as it stands in a packet. */
struct net packet_addr(uint8_t family, const uint8_t *bytes);

/*
 * Returns false if a header or a length in it does not fit the frame: of IPv4
 * (RFC 791), IPv6 with at most 8 extension headers (RFC 8200), and, in what is
 * no fragment, TCP (RFC 9293) and UDP (RFC 768). ARP and unknown types give
 * true with family 0. Padding after the IP packet is outside of `end`.
 * Checksums are not looked at.
 */
bool packet_parse(const struct frame *f, struct packet *p);

/*
 * What the checksum field of the transport would have to be if its bytes were
 * as they are and the field 0; of those that are sent with their right
 * checksum: 0. RFC 1071, with the pseudo header of TCP, UDP and ICMPv6
 * (RFC 8200 section 8.1); ICMP has none. A sender of
 * UDP over IPv4 may have left it out: its field is 0 then. p is of f, IP, no
 * fragment.
 */
uint16_t packet_l4_checksum(const struct frame *f, const struct packet *p);

struct packet_ends {
	struct mac src_mac, dst_mac;
	struct net src, dst; /* of one family */
	uint16_t src_port, dst_port;
};

/* Those of an answer to f from mac, which is what its receiver would send. */
struct packet_ends packet_ends_back(const struct frame *f,
				    const struct packet *p,
				    const struct mac *mac);

/*
 * Writes a frame with a UDP datagram, checksums complete, that may not be
 * fragmented. Returns its length; 0 if it would be longer than size.
 */
size_t packet_udp(const struct packet_ends *ends, const uint8_t *data,
		  size_t len, uint8_t *out, size_t size);

#endif
