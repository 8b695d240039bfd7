/* SPDX-License-Identifier: MIT */
/* Frames as guests of a NAT send them, and as libslirp does. */
#ifndef LABSWITCH_TESTS_UNIT_NAT_GUEST_FRAMES_H
#define LABSWITCH_TESTS_UNIT_NAT_GUEST_FRAMES_H

#include <netinet/in.h>
#include <string.h>

#include "plugs/nat/ip.h"
#include "plugs/nat/packet.h"
#include "switchd/core/inet.h"
#include "tests/unit/nat/nat_conf.h"

#define TCP_URG 0x20

static const struct mac guest_mac = {{0x52, 0x54, 0, 0, 0, 1}};
static const struct mac nat_own_mac = {{0x52, 0x55, 10, 0, 2, 2}};

struct segment {
	const char *src, *dst;
	uint16_t src_port, dst_port;
	uint8_t flags;
	uint16_t mss; /* 0: no option */
	uint32_t seq, ack;
	uint32_t len; /* of the payload: bytes that count up */
};

static inline struct packet_ends ends_of(const char *src, const char *dst,
					 bool from_guest)
{
	return (struct packet_ends){
		.src_mac = from_guest ? guest_mac : nat_own_mac,
		.dst_mac = from_guest ? nat_own_mac : guest_mac,
		.src = net_of(src),
		.dst = net_of(dst),
	};
}

/* Returns its length. */
static inline uint32_t make_tcp(const struct segment *s, bool from_guest,
				uint8_t *out)
{
	struct packet_ends ends = ends_of(s->src, s->dst, from_guest);
	uint32_t at = ip_headers(ends.src.family);
	uint32_t header = s->mss ? 24 : 20;
	uint8_t *tcp = out + at;

	ip_begin(out, &ends, IPPROTO_TCP, header + s->len);
	memset(tcp, 0, header);
	put16(tcp, s->src_port);
	put16(tcp + 2, s->dst_port);
	put32(tcp + 4, s->seq);
	put32(tcp + 8, s->ack);
	tcp[12] = (uint8_t)(header / 4 << 4);
	tcp[13] = s->flags;
	put16(tcp + 14, 65535);
	if (s->flags & TCP_URG)
		put16(tcp + 18, 1);
	if (s->mss) {
		tcp[20] = 2;
		tcp[21] = 4;
		put16(tcp + 22, s->mss);
	}
	for (uint32_t i = 0; i < s->len; i++)
		tcp[header + i] = (uint8_t)i;
	ip_finish(out, &ends, IPPROTO_TCP, header + s->len, 16);
	return at + header + s->len;
}

static inline uint32_t make_udp(const struct segment *s, bool from_guest,
				uint8_t *out, uint32_t size)
{
	struct packet_ends ends = ends_of(s->src, s->dst, from_guest);
	static const uint8_t data[65536];

	ends.src_port = s->src_port;
	ends.dst_port = s->dst_port;
	return (uint32_t)packet_udp(&ends, data, s->len, out, size);
}

/* ICMP or ICMPv6 of a type, with s->src_port as identifier. */
static inline uint32_t make_icmp(const struct segment *s, bool from_guest,
				 uint8_t type, uint8_t *out)
{
	struct packet_ends ends = ends_of(s->src, s->dst, from_guest);
	uint8_t protocol =
		ends.src.family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	uint32_t at = ip_headers(ends.src.family);

	ip_begin(out, &ends, protocol, 8 + s->len);
	memset(out + at, 0, 8 + s->len);
	out[at] = type;
	put16(out + at + 4, s->src_port);
	put16(out + at + 6, s->dst_port);
	ip_finish(out, &ends, protocol, 8 + s->len, 2);
	return at + 8 + s->len;
}

/* Whether the frame's headers are sound and its transport's checksum right. */
static inline bool is_right(const uint8_t *data, uint32_t len, struct packet *p)
{
	struct frame f = {.data = data, .len = len};

	return packet_parse(&f, p) && packet_l4_checksum(&f, p) == 0 &&
	       (p->type != PACKET_TYPE_IPV4 ||
		inet_fold(inet_sum(data + FRAME_HEADER, 20)) == 0xffff);
}

#endif
