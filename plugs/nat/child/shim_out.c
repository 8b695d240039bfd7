/* SPDX-License-Identifier: MIT */
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "plugs/nat/child/edit.h"
#include "plugs/nat/child/frag.h"
#include "plugs/nat/child/shim.h"
#include "plugs/nat/ip.h"
#include "plugs/nat/packet.h"
#include "switchd/core/inet.h"
#include "switchd/core/offload.h"

#define DNS_PORT       53
#define TCP_HEADER     20
#define SEGMENT_MIN    64 /* smaller ones are not worth their headers */
#define ARP_REQUEST    1
#define ARP_REPLY      2
#define ARP_LEN        28
#define NDP_LEN        32
#define ASK_NS         UINT64_C(1000000000) /* libslirp drops what waits */
#define ICMP6_CODE_MAX 127                  /* types of errors */

/* A frame on its way out: as libslirp gave it, and in the room at the end of
 * the queue where it is made ready, once it is known to go there. */
struct departure {
	const uint8_t *given;
	uint8_t *data;
	uint32_t len;
	struct packet p;
	struct mac mac; /* the guest's */
	uint64_t now;
};

static const struct offload complete;

/* --- MACs that libslirp asks for --------------------------------------- */

static void ask(struct shim *shim, const struct net *addr, uint64_t now)
{
	struct shim_ask *oldest = &shim->asks[0];

	for (int i = 0; i < SHIM_ASKS; i++) {
		struct shim_ask *a = &shim->asks[i];

		if (a->addr.family == addr->family &&
		    memcmp(a->addr.addr, addr->addr, 16) == 0)
			return;
		if (a->until < oldest->until)
			oldest = a;
	}
	*oldest = (struct shim_ask){.addr = *addr, .until = now + ASK_NS};
}

static void tell4(struct shim *shim, const struct net *addr,
		  const struct mac *mac)
{
	uint8_t out[FRAME_HEADER + ARP_LEN] = {0};
	uint8_t *arp = out + FRAME_HEADER;

	memcpy(out, shim->mac.b, 6);
	memcpy(out + 6, mac->b, 6);
	put16(out + 12, PACKET_TYPE_ARP);
	put16(arp, 1);
	put16(arp + 2, PACKET_TYPE_IPV4);
	arp[4] = 6;
	arp[5] = 4;
	put16(arp + 6, ARP_REPLY);
	memcpy(arp + 8, mac->b, 6);
	memcpy(arp + 14, addr->addr, 4);
	memcpy(arp + 18, shim->mac.b, 6);
	memcpy(arp + 24, shim->conf->gateway.addr, 4);
	shim->calls->inject(shim->ctx, out, sizeof(out));
}

static void tell6(struct shim *shim, const struct net *addr,
		  const struct mac *mac)
{
	struct packet_ends ends = {.src_mac = *mac,
				   .dst_mac = shim->mac,
				   .src = *addr,
				   .dst = shim->conf->gateway6};
	uint8_t out[FRAME_HEADER + 40 + NDP_LEN];
	uint8_t *icmp = out + ip_headers(AF_INET6);

	memset(icmp, 0, NDP_LEN);
	icmp[0] = ND_NEIGHBOR_ADVERT;
	icmp[4] = 0x60; /* solicited, override */
	memcpy(icmp + 8, addr->addr, 16);
	icmp[24] = ND_OPT_TARGET_LINKADDR;
	icmp[25] = 1;
	memcpy(icmp + 26, mac->b, 6);
	ip_begin(out, &ends, IPPROTO_ICMPV6, NDP_LEN);
	ip_finish(out, &ends, IPPROTO_ICMPV6, NDP_LEN, 2);
	shim->calls->inject(shim->ctx, out, sizeof(out));
}

static void ask_segment(struct shim *shim, const struct net *addr)
{
	uint8_t question[128];
	size_t len = neigh_ask(shim->neigh, addr, question);

	if (len)
		outq_put(shim->out, question, (uint32_t)len);
}

bool shim_resolve(struct shim *shim, uint64_t now)
{
	bool told = false;

	for (int i = 0; i < SHIM_ASKS; i++) {
		struct shim_ask *a = &shim->asks[i];
		const struct mac *mac;

		if (!a->addr.family)
			continue;
		mac = neigh_find(shim->neigh, &a->addr);
		if (mac) {
			(a->addr.family == AF_INET ? tell4 : tell6)(
				shim, &a->addr, mac);
			told = true;
		} else if (!a->asked) {
			ask_segment(shim, &a->addr);
			a->asked = true;
		}
		if (mac || now > a->until)
			*a = (struct shim_ask){0};
	}
	return told;
}

/* --- What leaves ------------------------------------------------------- */

/* False: the queue is full. */
static bool copy(struct shim *shim, struct departure *d)
{
	d->data = outq_reserve(shim->out, d->len);
	if (!d->data)
		return false;
	memcpy(d->data, d->given, d->len);
	memcpy(d->data, d->mac.b, 6);
	memcpy(d->data + 6, shim->mac.b, 6);
	return true;
}

static void send_fragments(struct shim *shim, const struct departure *d)
{
	uint32_t id = shim->fragment_id++;
	uint32_t at = 0;
	struct frag frag;
	uint8_t whole[FRAME_MAX];

	/* It is in the room that the first fragment is to have. */
	memcpy(whole, d->data, d->len);
	do {
		uint8_t *room;

		at = frag_make(whole, &d->p, shim->conf->mtu, at, id, &frag);
		room = outq_reserve(shim->out,
				    frag.headers_len + frag.payload_len);
		if (!room)
			return;
		memcpy(room, frag.headers, frag.headers_len);
		memcpy(room + frag.headers_len, frag.payload, frag.payload_len);
		outq_commit(shim->out, frag.headers_len + frag.payload_len,
			    &complete);
	} while (at);
}

static bool is_long(const struct shim *shim, const struct departure *d)
{
	return d->p.end - FRAME_HEADER > shim->conf->mtu;
}

static void send_whole(struct shim *shim, const struct departure *d)
{
	if (is_long(shim, d))
		send_fragments(shim, d);
	else
		outq_commit(shim->out, d->len, &complete);
}

/* Bytes of payload that each segment to this guest may have. */
static uint32_t segment_size(const struct shim *shim, const struct departure *d,
			     const struct flow *flow, uint32_t header)
{
	uint32_t size = shim->conf->mtu - (d->p.l4 - FRAME_HEADER) - header;

	if (flow && flow->mss && flow->mss < size)
		size = flow->mss;
	return size < SEGMENT_MIN ? SEGMENT_MIN : size;
}

/* A segment goes whole, with what it is to be cut into, if it is too large. */
static void send_tcp(struct shim *shim, struct departure *d,
		     const struct flow *flow)
{
	const struct packet *p = &d->p;
	uint32_t header = (d->data[p->l4 + 12] >> 4) * 4u;
	uint32_t size = segment_size(shim, d, flow, header);
	uint32_t payload = p->l4 + header;
	struct offload off = {
		.flags = OFFLOAD_NEEDS_CSUM,
		.gso_type = p->type == PACKET_TYPE_IPV4 ? OFFLOAD_GSO_TCPV4
							: OFFLOAD_GSO_TCPV6,
		.hdr_len = (uint16_t)payload,
		.gso_size = (uint16_t)size,
		.csum_start = (uint16_t)p->l4,
		.csum_offset = 16,
	};
	struct inet in;

	if (p->end <= payload + size) {
		outq_commit(shim->out, d->len, &complete);
		return;
	}
	if (!inet_parse(d->data, d->len, d->len, &in))
		return;
	inet_set_length(d->data, &in, p->end);
	outq_commit(shim->out, p->end, &off);
}

/* Does a segment go on where the frame before it, a super-frame, ends? One
 * without payload may count: three acknowledgements of the same mean a loss. */
static bool follows(const uint8_t *last, uint32_t len,
		    const struct offload *off, const struct departure *d)
{
	const struct packet *p = &d->p;
	bool is_v4 = p->type == PACKET_TYPE_IPV4;
	uint32_t addresses = FRAME_HEADER + (is_v4 ? 12 : 8);
	uint32_t payload = p->l4 + TCP_HEADER;
	const uint8_t *a = last + p->l4, *b = d->given + p->l4;

	return p->end > payload && off->gso_type && off->csum_start == p->l4 &&
	       off->hdr_len == payload && b[12] >> 4 == TCP_HEADER / 4 &&
	       !((a[13] | b[13]) & ~(TCP_ACK | TCP_PSH)) &&
	       get16(last + 12) == p->type &&
	       memcmp(last + addresses, d->given + addresses,
		      p->l4 + 4 - addresses) == 0 &&
	       get32(a + 8) == get32(b + 8) &&
	       get32(a + 4) + len - payload == get32(b + 4) &&
	       len + p->end - payload <= FRAME_HEADER + FRAME_MTU_MAX;
}

/*
 * libslirp makes segments of half a window. Two that follow one another leave
 * as one frame, which costs the switch and the guest half as much.
 */
static bool join(struct shim *shim, const struct departure *d)
{
	uint32_t payload = d->p.l4 + TCP_HEADER;
	uint32_t more = d->p.end - payload;
	struct offload off;
	struct inet in;
	uint32_t len;
	uint8_t *last = outq_last(shim->out, &len, &off);

	if (!last || !follows(last, len, &off, d) ||
	    !inet_parse(last, len, len, &in) ||
	    !outq_extend(shim->out, d->given + payload, more))
		return false;
	last[d->p.l4 + 13] |= d->given[d->p.l4 + 13];
	memcpy(last + d->p.l4 + 14, d->given + d->p.l4 + 14, 2); /* window */
	inet_set_length(last, &in, len + more);
	return true;
}

/* --- By protocol ------------------------------------------------------- */

/* The flow of a frame to a guest: its ends are the other way round. */
static struct flow *find(struct shim *shim, enum flow_kind kind,
			 const struct departure *d, bool with_far,
			 struct flow_key *key)
{
	const struct packet *p = &d->p;
	struct flow *flow;

	*key = flow_key(kind, &p->dst, p->dst_port, with_far ? &p->src : NULL,
			p->src_port);
	flow = flows_find(shim->flows, key);
	if (flow)
		flows_touch(shim->flows, flow, d->now);
	return flow;
}

static struct flow *admit(struct shim *shim, const struct departure *d,
			  const struct flow_key *key)
{
	return shim_admit(shim, key, &d->mac, d->now);
}

static bool is_gateway(const struct shim *shim, const struct net *addr)
{
	const struct net *g = addr->family == AF_INET ? &shim->conf->gateway
						      : &shim->conf->gateway6;

	return memcmp(g->addr, addr->addr, addr->family == AF_INET ? 4 : 16) ==
	       0;
}

static void follow(struct flow *flow, const uint8_t *tcp)
{
	flow->answered = true;
	if (tcp[13] & TCP_ACK)
		flow->slirp_next = get32(tcp + 8);
	if (tcp[13] & TCP_SYN)
		flow->guest_next = get32(tcp + 4) + 1;
	flow->slirp_fin |= (tcp[13] & (TCP_FIN | TCP_RST)) != 0;
	flow->guest_fin |= (tcp[13] & TCP_RST) != 0;
}

static void out_tcp(struct shim *shim, struct departure *d)
{
	bool is_v4 = d->p.type == PACKET_TYPE_IPV4;
	const uint8_t *tcp = d->given + d->p.l4;
	uint16_t dns = is_v4 ? shim->dns_port : shim->dns_port6;
	struct flow_key key;
	struct flow *flow = find(shim, FLOW_TCP, d, true, &key);

	if (!flow && (tcp[13] & (TCP_SYN | TCP_ACK)) == TCP_SYN) {
		flow = admit(shim, d, &key);
		if (!flow)
			return;
	}
	if (flow)
		follow(flow, tcp);
	if (join(shim, d) || !copy(shim, d))
		return;
	if (tcp[13] & TCP_SYN)
		(void)edit_mss(d->data, &d->p,
			       (uint16_t)(shim->conf->mtu - TCP_HEADER -
					  (d->p.l4 - FRAME_HEADER)));
	if (dns && d->p.src_port == dns && is_gateway(shim, &d->p.src)) {
		edit_src(d->data, &d->p,
			 is_v4 ? &shim->conf->dns : &shim->conf->dns6);
		edit_src_port(d->data, &d->p, DNS_PORT);
	}
	send_tcp(shim, d, flow);
}

/*
 * To a port from which the guest has not sent before, or from the host's
 * loopback, it is a forward's: the guest may answer that end.
 */
static void out_udp(struct shim *shim, struct departure *d)
{
	struct flow_key key;
	struct flow *flow = is_gateway(shim, &d->p.src)
				    ? NULL
				    : find(shim, FLOW_UDP, d, false, &key);

	if (!flow)
		flow = find(shim, FLOW_UDP, d, true, &key);
	if (!flow)
		flow = admit(shim, d, &key);
	if (!flow)
		return;
	flow->answered = true;
	if (copy(shim, d))
		send_whole(shim, d);
}

static bool is_loopback(const struct net *addr)
{
	static const uint8_t loopback6[16] = {[15] = 1};

	if (addr->family == AF_INET)
		return addr->addr[0] == 127;
	return memcmp(addr->addr, loopback6, 16) == 0;
}

static void out_icmp(struct shim *shim, struct departure *d)
{
	const uint8_t *icmp = d->given + d->p.l4;
	bool is_v4 = d->p.type == PACKET_TYPE_IPV4;
	uint8_t reply = is_v4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;
	struct flow_key key;
	struct flow *flow;

	if (!copy(shim, d))
		return;
	if (d->p.end - d->p.l4 >= 8 && icmp[0] == reply) {
		d->p.dst_port = get16(icmp + 4);
		d->p.src_port = get16(icmp + 6);
		flow = find(shim, FLOW_ECHO, d, true, &key);
		if (flow)
			flows_remove(shim->flows, flow);
	} else if (is_loopback(&d->p.src)) {
		edit_src(d->data, &d->p,
			 is_v4 ? &shim->conf->gateway : &shim->conf->gateway6);
	}
	send_whole(shim, d);
}

/* libslirp asks for a guest, as any host would. True: this was that. */
static bool out_question(struct shim *shim, const struct departure *d)
{
	struct net addr = {0};
	const uint8_t *icmp = d->given + d->p.l4;

	if (d->p.type == PACKET_TYPE_ARP) {
		if (d->len >= FRAME_HEADER + ARP_LEN &&
		    get16(d->given + FRAME_HEADER + 6) == ARP_REQUEST) {
			addr.family = AF_INET;
			memcpy(addr.addr, d->given + FRAME_HEADER + 24, 4);
			addr.bits = 32;
			ask(shim, &addr, d->now);
		}
		return true;
	}
	if (d->p.type != PACKET_TYPE_IPV6 || d->p.protocol != IPPROTO_ICMPV6 ||
	    d->p.end - d->p.l4 < 24 || icmp[0] != ND_NEIGHBOR_SOLICIT)
		return false;
	addr.family = AF_INET6;
	addr.bits = 128;
	memcpy(addr.addr, icmp + 8, 16);
	ask(shim, &addr, d->now);
	return true;
}

void shim_out(struct shim *shim, const uint8_t *data, uint32_t len,
	      uint64_t now)
{
	struct departure d = {.given = data, .len = len, .now = now};
	struct frame f = {data, len, {0}};
	const struct mac *mac;

	if (len > FRAME_MAX || !packet_parse(&f, &d.p) ||
	    out_question(shim, &d) || !d.p.dst.family)
		return;
	mac = neigh_find(shim->neigh, &d.p.dst);
	memcpy(d.mac.b, mac ? mac->b : data, 6);
	if (d.p.protocol == IPPROTO_TCP && !d.p.fragment)
		out_tcp(shim, &d);
	else if (d.p.protocol == IPPROTO_UDP && !d.p.fragment)
		out_udp(shim, &d);
	else
		out_icmp(shim, &d);
}
