/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/shim.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "plugs/nat/child/edit.h"
#include "plugs/nat/child/refuse.h"
#include "plugs/nat/child/router.h"
#include "plugs/nat/packet.h"
#include "switchd/core/inet.h"

#define DNS_PORT   53
#define MSS_LARGE  32768 /* what libslirp may send, to be cut here */
#define MSS_V4     536   /* of who says nothing: RFC 9293 3.7.1 */
#define MSS_V6     1220
#define ANSWER_MAX NEIGH_FRAME_MAX

/* A frame on its way in. */
struct arrival {
	uint8_t *data;
	struct frame f;
	struct packet p;
	uint64_t now;
};

static void count(struct shim *shim, enum nat_stat stat)
{
	shim->stats->count[stat]++;
}

static bool same(const struct net *a, const struct net *b)
{
	return a->family && a->family == b->family &&
	       memcmp(a->addr, b->addr, a->family == AF_INET ? 4 : 16) == 0;
}

static const struct net *gateway(const struct shim *shim, uint8_t family)
{
	return family == AF_INET ? &shim->conf->gateway : &shim->conf->gateway6;
}

static const struct net *dns_addr(const struct shim *shim, uint8_t family)
{
	return family == AF_INET ? &shim->conf->dns : &shim->conf->dns6;
}

/* Counts it, and says so to the guest. */
static void refuse(struct shim *shim, const struct arrival *a,
		   enum nat_stat stat)
{
	uint8_t answer[REFUSE_MAX];
	size_t len = refuse_frame(&a->f, &a->p, &shim->mac,
				  gateway(shim, a->p.src.family), answer);

	count(shim, stat);
	if (len)
		outq_put(shim->out, answer, (uint32_t)len);
}

void shim_send(struct shim *shim, const uint8_t *data, uint32_t len)
{
	outq_put(shim->out, data, len);
}

/* --- Flows ------------------------------------------------------------- */

/* Ends a TCP flow: a reset to libslirp in the guest's name, one to the guest
 * in the other end's. */
static void end_flow(struct shim *shim, const struct flow *flow)
{
	const struct flow_key *key = &flow->key;
	size_t size = key->family == AF_INET ? 4 : 16;
	struct reset r = {
		.ends = {.src_mac = flow->mac,
			 .dst_mac = shim->mac,
			 .src = {.family = key->family},
			 .dst = {.family = key->family},
			 .src_port = key->guest_port,
			 .dst_port = key->far_port},
		.seq = flow->slirp_next,
		.ack = flow->guest_next,
		.flags = TCP_RST | TCP_ACK,
	};
	uint8_t out[REFUSE_MAX];

	memcpy(r.ends.src.addr, key->guest, size);
	memcpy(r.ends.dst.addr, key->far, size);
	shim->calls->inject(shim->ctx, out, (uint32_t)refuse_reset(&r, out));
	r.ends = (struct packet_ends){
		.src_mac = shim->mac,
		.dst_mac = flow->mac,
		.src = r.ends.dst,
		.dst = r.ends.src,
		.src_port = key->far_port,
		.dst_port = key->guest_port,
	};
	r.seq = flow->guest_next;
	r.ack = flow->slirp_next;
	outq_put(shim->out, out, (uint32_t)refuse_reset(&r, out));
}

struct flow *shim_admit(struct shim *shim, const struct flow_key *key,
			const struct mac *mac, uint64_t now)
{
	const struct lease *lease = leases_by_mac(shim->leases, mac, now);
	bool known = lease && lease->bound;
	struct flow *flow = NULL;
	struct flow *victim;

	if (shim->stats->fds < shim->fds_max)
		flow = flows_add(shim->flows, key, mac, known, now);
	if (!flow) {
		victim = flows_victim(shim->flows, key->kind, mac, known);
		if (victim) {
			end_flow(shim, victim);
			flows_remove(shim->flows, victim);
			flow = flows_add(shim->flows, key, mac, known, now);
		}
	}
	if (!flow)
		count(shim, NAT_STAT_FLOW_LIMIT);
	return flow;
}

static struct flow *find(struct shim *shim, enum flow_kind kind,
			 const struct arrival *a, bool with_far)
{
	const struct packet *p = &a->p;
	struct flow_key key = flow_key(kind, &p->src, p->src_port,
				       with_far ? &p->dst : NULL, p->dst_port);
	struct flow *flow = flows_find(shim->flows, &key);

	if (flow)
		flows_touch(shim->flows, flow, a->now);
	return flow;
}

static struct flow *admit(struct shim *shim, enum flow_kind kind,
			  const struct arrival *a, bool with_far)
{
	const struct packet *p = &a->p;
	struct flow_key key = flow_key(kind, &p->src, p->src_port,
				       with_far ? &p->dst : NULL, p->dst_port);
	struct mac mac;

	memcpy(mac.b, frame_src(&a->f), 6);
	return shim_admit(shim, &key, &mac, a->now);
}

static void pass(struct shim *shim, const struct arrival *a)
{
	shim->calls->pass(shim->ctx, a->data, a->f.len);
}

/* --- TCP, UDP, echo ---------------------------------------------------- */

static void learn_mss(struct arrival *a, struct flow *flow)
{
	uint16_t said = edit_mss(a->data, &a->p, MSS_LARGE);

	if (!said)
		said = a->p.type == PACKET_TYPE_IPV4 ? MSS_V4 : MSS_V6;
	flow->mss = said;
}

/* opens: the guest may begin a connection to where this goes. */
static void in_tcp(struct shim *shim, struct arrival *a, bool opens,
		   enum nat_stat refusal)
{
	const uint8_t *tcp = a->data + a->p.l4;
	struct flow *flow = find(shim, FLOW_TCP, a, true);
	bool is_syn = tcp[13] & TCP_SYN && !(tcp[13] & TCP_ACK);

	/* Nor may it begin one anew between the ends of one that was a
	 * forward's. */
	if (!opens && (!flow || is_syn)) {
		refuse(shim, a, refusal);
		return;
	}
	edit_urgent(a->data, &a->p);
	if (!flow && is_syn) {
		flow = admit(shim, FLOW_TCP, a, true);
		if (!flow)
			return;
	}
	/* Without a flow it is of a connection of a former life: libslirp
	 * resets it. */
	if (flow) {
		if (tcp[13] & TCP_SYN)
			learn_mss(a, flow);
		if (tcp[13] & TCP_ACK)
			flow->guest_next = get32(tcp + 8);
		flow->guest_fin |= (tcp[13] & (TCP_FIN | TCP_RST)) != 0;
		flow->slirp_fin |= (tcp[13] & TCP_RST) != 0;
	}
	pass(shim, a);
}

static void in_udp(struct shim *shim, struct arrival *a, bool opens,
		   enum nat_stat refusal)
{
	struct flow *flow = find(shim, FLOW_UDP, a, true);

	if (!flow && !opens) {
		refuse(shim, a, refusal);
		return;
	}
	if (!flow)
		flow = find(shim, FLOW_UDP, a, false);
	if (!flow)
		flow = admit(shim, FLOW_UDP, a, false);
	if (!flow)
		return;
	flow->asked_name = !flow->key.far_port && a->p.dst_port == DNS_PORT;
	flow->answered = false;
	pass(shim, a);
}

static void in_echo(struct shim *shim, struct arrival *a, bool opens,
		    enum nat_stat refusal)
{
	bool is_v4 = a->p.type == PACKET_TYPE_IPV4;

	if (!opens) {
		refuse(shim, a, refusal);
		return;
	}
	if (is_v4 ? !shim->ping : !shim->ping6) {
		count(shim, NAT_STAT_PING_FORBIDDEN);
		shim->calls->ping_forbidden(shim->ctx, a->p.src.family);
		return;
	}
	a->p.src_port = get16(a->data + a->p.l4 + 4);
	a->p.dst_port = get16(a->data + a->p.l4 + 6);
	if (find(shim, FLOW_ECHO, a, true) || admit(shim, FLOW_ECHO, a, true))
		pass(shim, a);
}

static bool is_echo(const struct arrival *a)
{
	uint8_t type = a->data[a->p.l4];

	return (a->p.protocol == IPPROTO_ICMP && type == ICMP_ECHO) ||
	       (a->p.protocol == IPPROTO_ICMPV6 && type == ICMP6_ECHO_REQUEST);
}

/* By protocol; what is none of the three is refused. packet_parse() has seen
 * to it that headers of TCP and UDP are whole. */
static void in_transport(struct shim *shim, struct arrival *a, bool opens,
			 enum nat_stat refusal)
{
	uint32_t have = a->p.end - a->p.l4;

	if (a->p.protocol == IPPROTO_TCP)
		in_tcp(shim, a, opens, refusal);
	else if (a->p.protocol == IPPROTO_UDP)
		in_udp(shim, a, opens, refusal);
	else if (have >= 8 && is_echo(a))
		in_echo(shim, a, opens, refusal);
	else if (opens)
		refuse(shim, a, NAT_STAT_BAD_PROTOCOL);
	else
		refuse(shim, a, refusal);
}

/* --- Where it goes ----------------------------------------------------- */

static void ask_name(struct shim *shim, const struct arrival *a)
{
	const struct packet *p = &a->p;
	const uint8_t *udp = a->data + p->l4;
	struct dns_asker asker = {
		.addr = p->src, .to = p->dst, .port = p->src_port};

	/* 0 says that there is no checksum (RFC 768). */
	if (get16(udp + 6) && packet_l4_checksum(&a->f, p)) {
		count(shim, NAT_STAT_BAD_FRAME);
		return;
	}
	memcpy(asker.mac.b, frame_src(&a->f), 6);
	shim->calls->query(shim->ctx, &asker, udp + 8, get16(udp + 4) - 8u,
			   a->now);
}

static void in_dns(struct shim *shim, struct arrival *a)
{
	const struct packet *p = &a->p;
	uint16_t port =
		p->src.family == AF_INET ? shim->dns_port : shim->dns_port6;
	bool is_open =
		shim->conf->dns_mode != NAT_DNS_OFF && p->dst_port == DNS_PORT;

	if (is_open && p->protocol == IPPROTO_UDP) {
		ask_name(shim, a);
	} else if (is_open && port) {
		edit_dst(a->data, &a->p, gateway(shim, p->src.family));
		edit_dst_port(a->data, &a->p, port);
		in_transport(shim, a, true, NAT_STAT_LOOPBACK);
	} else {
		refuse(shim, a, NAT_STAT_LOOPBACK);
	}
}

/* 0/8, 127/8, ::/96 and ::ffff:0:0/96 all lead to the host itself. */
static bool is_host(const struct net *dst)
{
	static const uint8_t zero[10];

	if (dst->family == AF_INET)
		return dst->addr[0] == 0 || dst->addr[0] == 127;
	return memcmp(dst->addr, zero, 10) == 0 &&
	       (dst->addr[10] == dst->addr[11]) &&
	       (dst->addr[10] == 0 || dst->addr[10] == 0xff);
}

/* Groups, and those that are of this network and not of the NAT. */
static bool is_elsewhere(const struct shim *shim, const struct net *dst)
{
	if (dst->family == AF_INET)
		return dst->addr[0] >= 224 || net_has(&shim->conf->net, dst);
	return dst->addr[0] == 0xff || net_is_link_local(dst) ||
	       net_has(&shim->conf->net6, dst);
}

static uint8_t hops(const struct arrival *a)
{
	return a->data[FRAME_HEADER + (a->p.type == PACKET_TYPE_IPV4 ? 8 : 7)];
}

/* The gateway is a hop on the way, by which guests trace it. */
static void expire(struct shim *shim, const struct arrival *a)
{
	uint8_t answer[REFUSE_MAX];
	size_t len = refuse_expired(&a->f, &a->p, &shim->mac,
				    gateway(shim, a->p.src.family), answer);

	count(shim, NAT_STAT_EXPIRED);
	if (len)
		outq_put(shim->out, answer, (uint32_t)len);
}

static void in_ip(struct shim *shim, struct arrival *a)
{
	const struct nat_conf *conf = shim->conf;
	const struct net *dst = &a->p.dst;

	if (same(dst, dns_addr(shim, dst->family)))
		in_dns(shim, a);
	else if (same(dst, gateway(shim, dst->family)))
		in_transport(shim, a, conf->host_loopback && !conf->restricted,
			     conf->host_loopback ? NAT_STAT_RESTRICTED
						 : NAT_STAT_LOOPBACK);
	else if (is_host(dst))
		refuse(shim, a, NAT_STAT_LOOPBACK);
	else if (is_elsewhere(shim, dst))
		count(shim, NAT_STAT_NOT_OURS);
	else if (hops(a) <= 1 && !conf->restricted)
		expire(shim, a);
	else
		in_transport(shim, a, !conf->restricted, NAT_STAT_RESTRICTED);
}

/* An answer to a whole packet goes the way of what libslirp sends, since it
 * may have to be cut. */
static void in_fragment(struct shim *shim, struct arrival *a)
{
	uint8_t out[NEIGH_FRAME_MAX];
	uint32_t len;
	size_t answer = 0;
	uint8_t *data = reass_input(shim->reass, &a->f, &a->p, a->now, &len);

	if (!data)
		return;
	a->data = data;
	a->f = (struct frame){data, len, {0}};
	/* That its payload is a fragment again is no sender's need. */
	if (!packet_parse(&a->f, &a->p) || a->p.fragment)
		count(shim, NAT_STAT_BAD_FRAME);
	else if (len > NEIGH_FRAME_MAX ||
		 !neigh_input(shim->neigh, &a->f, out, &answer))
		in_ip(shim, a);
	else if (answer)
		shim_out(shim, out, (uint32_t)answer, a->now);
}

/* Answers what is asked of the NAT as a host, a router and a DHCP server. */
static bool answer(struct shim *shim, const struct arrival *a)
{
	uint8_t out[ANSWER_MAX];
	size_t len = 0;

	if (shim->dhcp && dhcp_is_request(&a->f)) {
		len = dhcp_input(shim->dhcp, &a->f, a->now, out);
		if (len)
			outq_put(shim->out, out, (uint32_t)len);
		return true;
	}
	if (!neigh_input(shim->neigh, &a->f, out, &len) &&
	    !router_input(shim->conf, &a->f, &a->p, out, &len))
		return a->p.type == PACKET_TYPE_ARP;
	if (len)
		outq_put(shim->out, out, (uint32_t)len);
	return true;
}

void shim_in(struct shim *shim, uint8_t *data, uint32_t len, uint64_t now)
{
	struct arrival a = {.data = data, .f = {data, len, {0}}, .now = now};
	bool to_us;

	if (len < FRAME_HEADER || mac_is_group(frame_src(&a.f))) {
		count(shim, NAT_STAT_BAD_FRAME);
		return;
	}
	to_us = memcmp(frame_dst(&a.f), shim->mac.b, 6) == 0;
	if (!to_us && !mac_is_broadcast(frame_dst(&a.f)) &&
	    !router_is_group(frame_dst(&a.f))) {
		count(shim, NAT_STAT_NOT_OURS);
		return;
	}
	switch (frame_type(&a.f)) {
	case PACKET_TYPE_ARP:
	case PACKET_TYPE_IPV4:
	case PACKET_TYPE_IPV6:
		break;
	default:
		count(shim, NAT_STAT_BAD_TYPE);
		return;
	}
	if (!packet_parse(&a.f, &a.p))
		count(shim, NAT_STAT_BAD_FRAME);
	else if (answer(shim, &a))
		return;
	else if (!to_us)
		count(shim, NAT_STAT_NOT_OURS);
	else if (!nat_is_guest(shim->conf, &a.p.src))
		count(shim, NAT_STAT_BAD_SOURCE);
	else if (a.p.fragment)
		in_fragment(shim, &a);
	else
		in_ip(shim, &a);
}
