/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/refuse.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "plugs/nat/ip.h"
#include "switchd/core/inet.h"

#define TCP_HEADER  20
#define ICMP_HEADER 8
#define QUOTED_MAX  548 /* RFC 1812 4.3.2.3: the error is at most 576 bytes */

size_t refuse_reset(const struct reset *reset, uint8_t out[REFUSE_MAX])
{
	uint32_t headers = ip_headers(reset->ends.src.family);
	uint8_t *tcp = out + headers;

	ip_begin(out, &reset->ends, IPPROTO_TCP, TCP_HEADER);
	memset(tcp, 0, TCP_HEADER);
	put16(tcp, reset->ends.src_port);
	put16(tcp + 2, reset->ends.dst_port);
	put32(tcp + 4, reset->seq);
	put32(tcp + 8, reset->ack);
	tcp[12] = TCP_HEADER / 4 << 4;
	tcp[13] = reset->flags;
	ip_finish(out, &reset->ends, IPPROTO_TCP, TCP_HEADER, 16);
	return headers + TCP_HEADER;
}

static size_t refuse_tcp(const struct frame *f, const struct packet *p,
			 const struct packet_ends *ends, uint8_t *out)
{
	const uint8_t *tcp = f->data + p->l4;
	struct reset r = {.ends = *ends, .flags = TCP_RST};

	if (p->end - p->l4 < TCP_HEADER || tcp[13] & TCP_RST)
		return 0;
	if (tcp[13] & TCP_ACK) {
		r.seq = get32(tcp + 8);
	} else {
		uint32_t header = (tcp[12] >> 4) * 4u;
		uint32_t len = p->end - p->l4;

		len = len > header ? len - header : 0;
		r.ack = get32(tcp + 4) + len + !!(tcp[13] & TCP_SYN) +
			!!(tcp[13] & TCP_FIN);
		r.flags |= TCP_ACK;
	}
	return refuse_reset(&r, out);
}

/* An error message is never answered by another (RFC 1122 3.2.2). */
static bool is_error(const struct frame *f, const struct packet *p)
{
	uint8_t type;

	if (p->l4 >= p->end)
		return true;
	type = f->data[p->l4];
	if (p->protocol == IPPROTO_ICMP)
		return type != ICMP_ECHO;
	return p->protocol == IPPROTO_ICMPV6 && !(type & ICMP6_INFOMSG_MASK);
}

/* An ICMP error, about no error. */
static size_t write_error(const struct frame *f, const struct packet *p,
			  const struct packet_ends *ends, uint8_t type,
			  uint8_t code, uint8_t *out)
{
	uint8_t protocol =
		p->type == PACKET_TYPE_IPV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	uint32_t quoted = p->end - FRAME_HEADER;
	uint8_t *icmp = out + ip_headers(p->src.family);

	if (is_error(f, p))
		return 0;
	if (quoted > QUOTED_MAX)
		quoted = QUOTED_MAX;
	ip_begin(out, ends, protocol, ICMP_HEADER + quoted);
	memset(icmp, 0, ICMP_HEADER);
	icmp[0] = type;
	icmp[1] = code;
	memcpy(icmp + ICMP_HEADER, f->data + FRAME_HEADER, quoted);
	ip_finish(out, ends, protocol, ICMP_HEADER + quoted, 2);
	return (size_t)(icmp - out) + ICMP_HEADER + quoted;
}

static size_t refuse_other(const struct frame *f, const struct packet *p,
			   const struct packet_ends *ends, uint8_t *out)
{
	bool is_udp = p->protocol == IPPROTO_UDP;

	if (p->type == PACKET_TYPE_IPV4)
		return write_error(
			f, p, ends, ICMP_DEST_UNREACH,
			is_udp ? ICMP_PORT_UNREACH : ICMP_PKT_FILTERED, out);
	return write_error(f, p, ends, ICMP6_DST_UNREACH,
			   is_udp ? ICMP6_DST_UNREACH_NOPORT
				  : ICMP6_DST_UNREACH_ADMIN,
			   out);
}

size_t refuse_frame(const struct frame *f, const struct packet *p,
		    const struct mac *mac, const struct net *far,
		    uint8_t out[REFUSE_MAX])
{
	struct packet_ends ends = packet_ends_back(f, p, mac);

	if (p->fragment || mac_is_group(frame_dst(f)))
		return 0;
	if (p->protocol == IPPROTO_TCP)
		return refuse_tcp(f, p, &ends, out);
	ends.src = *far;
	return refuse_other(f, p, &ends, out);
}

size_t refuse_expired(const struct frame *f, const struct packet *p,
		      const struct mac *mac, const struct net *far,
		      uint8_t out[REFUSE_MAX])
{
	struct packet_ends ends = packet_ends_back(f, p, mac);

	if (p->fragment)
		return 0;
	ends.src = *far;
	return p->type == PACKET_TYPE_IPV4
		       ? write_error(f, p, &ends, ICMP_TIME_EXCEEDED,
				     ICMP_EXC_TTL, out)
		       : write_error(f, p, &ends, ICMP6_TIME_EXCEEDED,
				     ICMP6_TIME_EXCEED_TRANSIT, out);
}
