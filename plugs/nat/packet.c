/* SPDX-License-Identifier: MIT */
#include "plugs/nat/packet.h"

#include <string.h>
#include <sys/socket.h>

#include "plugs/nat/ip.h"
#include "switchd/core/inet.h"

#define IP4_HEADER 20u
#define IP6_HEADER 40u
#define UDP_HEADER 8u
#define TCP_HEADER 20u

#define EXTENSIONS_MAX 8

/* Next headers of IPv6 that lead to another. */
#define HOP_BY_HOP  0
#define ROUTING     43
#define FRAGMENT    44
#define AUTH        51
#define DESTINATION 60

struct net packet_addr(uint8_t family, const uint8_t *bytes)
{
	struct net net = {.family = family, .bits = net_width(family)};

	memcpy(net.addr, bytes, net.bits / 8);
	return net;
}

static bool parse_ip4(const struct frame *f, struct packet *p)
{
	const uint8_t *ip = f->data + FRAME_HEADER;
	uint32_t header;
	uint32_t total;

	if (f->len < FRAME_HEADER + IP4_HEADER || ip[0] >> 4 != 4)
		return false;
	header = (ip[0] & 15u) * 4;
	total = get16(ip + 2);
	if (header < IP4_HEADER || total < header ||
	    total > f->len - FRAME_HEADER)
		return false;
	p->src = packet_addr(AF_INET, ip + 12);
	p->dst = packet_addr(AF_INET, ip + 16);
	p->protocol = ip[9];
	p->fragment = get16(ip + 6) & 0x3fff; /* MF, or an offset */
	p->l4 = FRAME_HEADER + header;
	p->end = FRAME_HEADER + total;
	return true;
}

static bool is_extension(uint8_t next)
{
	return next == HOP_BY_HOP || next == ROUTING || next == FRAGMENT ||
	       next == AUTH || next == DESTINATION;
}

/* Goes past the extension header at p->l4, which is of type p->protocol. */
static bool pass_extension(const struct frame *f, struct packet *p)
{
	const uint8_t *header = f->data + p->l4;
	uint32_t len = 8;

	if (p->end - p->l4 < len)
		return false;
	if (p->protocol == AUTH)
		len = (header[1] + 2u) * 4; /* RFC 4302 section 2.2 */
	else if (p->protocol != FRAGMENT)
		len = (header[1] + 1u) * 8;
	else if (get16(header + 2) & 0xfff9) /* offset, or M */
		p->fragment = true;
	if (p->end - p->l4 < len)
		return false;
	p->protocol = header[0];
	p->l4 += len;
	return true;
}

static bool parse_ip6(const struct frame *f, struct packet *p)
{
	const uint8_t *ip = f->data + FRAME_HEADER;

	if (f->len < FRAME_HEADER + IP6_HEADER || ip[0] >> 4 != 6)
		return false;
	p->l4 = FRAME_HEADER + IP6_HEADER;
	p->end = p->l4 + get16(ip + 4);
	if (p->end > f->len)
		return false;
	p->src = packet_addr(AF_INET6, ip + 8);
	p->dst = packet_addr(AF_INET6, ip + 24);
	p->protocol = ip[6];
	for (int i = 0; is_extension(p->protocol) && !p->fragment; i++) {
		if (i == EXTENSIONS_MAX || !pass_extension(f, p))
			return false;
	}
	return true;
}

static bool parse_transport(const struct frame *f, struct packet *p)
{
	const uint8_t *header = f->data + p->l4;
	uint32_t len = p->end - p->l4;

	if (p->fragment ||
	    (p->protocol != PACKET_TCP && p->protocol != PACKET_UDP))
		return true;
	if (p->protocol == PACKET_UDP) {
		if (len < UDP_HEADER || get16(header + 4) < UDP_HEADER ||
		    get16(header + 4) > len)
			return false;
	} else if (len < TCP_HEADER || header[12] >> 4 < TCP_HEADER / 4 ||
		   (header[12] >> 4) * 4u > len) {
		return false;
	}
	p->src_port = get16(header);
	p->dst_port = get16(header + 2);
	return true;
}

bool packet_parse(const struct frame *f, struct packet *p)
{
	*p = (struct packet){.l4 = FRAME_HEADER, .end = f->len};
	if (f->len < FRAME_HEADER)
		return false;
	p->type = frame_type(f);
	if (p->type == PACKET_TYPE_IPV4)
		return parse_ip4(f, p) && parse_transport(f, p);
	if (p->type == PACKET_TYPE_IPV6)
		return parse_ip6(f, p) && parse_transport(f, p);
	return true;
}

static uint32_t pseudo_sum(const struct packet *p, uint32_t len)
{
	size_t bytes = p->src.bits / 8;

	return inet_sum(p->src.addr, bytes) + inet_sum(p->dst.addr, bytes) +
	       p->protocol + len;
}

uint16_t packet_l4_checksum(const struct frame *f, const struct packet *p)
{
	uint32_t len = p->end - p->l4;
	uint32_t sum;

	/* What follows the datagram in the IP packet is not part of it. */
	if (p->protocol == PACKET_UDP)
		len = get16(f->data + p->l4 + 4);
	sum = inet_sum(f->data + p->l4, len);
	if (p->protocol != PACKET_ICMP)
		sum += pseudo_sum(p, len);
	return (uint16_t)~inet_fold(sum);
}

struct packet_ends packet_ends_back(const struct frame *f,
				    const struct packet *p,
				    const struct mac *mac)
{
	struct packet_ends ends = {
		.src_mac = *mac,
		.src = p->dst,
		.dst = p->src,
		.src_port = p->dst_port,
		.dst_port = p->src_port,
	};

	memcpy(ends.dst_mac.b, frame_src(f), sizeof(ends.dst_mac.b));
	return ends;
}

size_t packet_udp(const struct packet_ends *ends, const uint8_t *data,
		  size_t len, uint8_t *out, size_t size)
{
	uint32_t l4 = ip_headers(ends->src.family);
	size_t udp_len = UDP_HEADER + len;
	uint8_t *udp = out + l4;

	if (l4 + udp_len > size || l4 - FRAME_HEADER + udp_len > UINT16_MAX)
		return 0;
	put16(udp, ends->src_port);
	put16(udp + 2, ends->dst_port);
	put16(udp + 4, (uint16_t)udp_len);
	if (len)
		memcpy(udp + UDP_HEADER, data, len);
	ip_begin(out, ends, PACKET_UDP, (uint32_t)udp_len);
	ip_finish(out, ends, PACKET_UDP, (uint32_t)udp_len, 6);
	return l4 + udp_len;
}
