/* SPDX-License-Identifier: MIT */
#include "plugs/nat/ip.h"

#include <netinet/in.h>
#include <string.h>

#include "switchd/core/inet.h"

#define IP4_HEADER 20
#define IP6_HEADER 40
#define TTL        64
#define NDP_HOPS   255 /* RFC 4861 6.1.2; good for any other ICMPv6 too */

uint32_t ip_headers(uint8_t family)
{
	return FRAME_HEADER + (family == AF_INET ? IP4_HEADER : IP6_HEADER);
}

static void begin4(uint8_t *ip, const struct packet_ends *ends,
		   uint8_t protocol, uint32_t len)
{
	memset(ip, 0, IP4_HEADER);
	ip[0] = 0x45;
	put16(ip + 2, (uint16_t)(IP4_HEADER + len));
	put16(ip + 6, 0x4000); /* DF: so the identification means nothing */
	ip[8] = TTL;
	ip[9] = protocol;
	memcpy(ip + 12, ends->src.addr, 4);
	memcpy(ip + 16, ends->dst.addr, 4);
	put16(ip + 10, inet_ip4_checksum(ip));
}

static void begin6(uint8_t *ip, const struct packet_ends *ends,
		   uint8_t protocol, uint32_t len)
{
	memset(ip, 0, IP6_HEADER);
	ip[0] = 0x60;
	put16(ip + 4, (uint16_t)len);
	ip[6] = protocol;
	ip[7] = protocol == IPPROTO_ICMPV6 ? NDP_HOPS : TTL;
	memcpy(ip + 8, ends->src.addr, 16);
	memcpy(ip + 24, ends->dst.addr, 16);
}

void ip_begin(uint8_t *out, const struct packet_ends *ends, uint8_t protocol,
	      uint32_t len)
{
	bool is_v4 = ends->src.family == AF_INET;

	memcpy(out, ends->dst_mac.b, 6);
	memcpy(out + 6, ends->src_mac.b, 6);
	put16(out + 12, is_v4 ? PACKET_TYPE_IPV4 : PACKET_TYPE_IPV6);
	if (is_v4)
		begin4(out + FRAME_HEADER, ends, protocol, len);
	else
		begin6(out + FRAME_HEADER, ends, protocol, len);
}

void ip_finish(uint8_t *out, const struct packet_ends *ends, uint8_t protocol,
	       uint32_t len, uint32_t sum)
{
	uint8_t *l4 = out + ip_headers(ends->src.family);
	size_t size = ends->src.family == AF_INET ? 4 : 16;
	uint32_t s;

	put16(l4 + sum, 0);
	s = inet_sum(l4, len);
	if (protocol != IPPROTO_ICMP)
		s += inet_sum(ends->src.addr, size) +
		     inet_sum(ends->dst.addr, size) + protocol + len;
	s = (uint16_t)~inet_fold(s);
	put16(l4 + sum, s || protocol != IPPROTO_UDP ? (uint16_t)s : 0xffff);
}
