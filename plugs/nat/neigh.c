/* SPDX-License-Identifier: MIT */
#include "plugs/nat/neigh.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "plugs/nat/ip.h"
#include "plugs/nat/neigh_table.h"
#include "plugs/nat/packet.h"
#include "switchd/core/inet.h"

#define IP4_HEADER 20u
#define IP4_TTL    64
#define ND_LIMIT   255 /* RFC 4861: nobody has passed it on */

#define ARP_LEN     28u
#define ARP_REQUEST 1
#define ARP_REPLY   2
#define ARP_SHA     8
#define ARP_SPA     14
#define ARP_THA     18
#define ARP_TPA     24

#define ECHO_REPLY    0
#define ECHO_REQUEST  8
#define ECHO6_REQUEST 128
#define ECHO6_REPLY   129
#define ECHO_HEADER   8u

#define ND_SOLICIT   135
#define ND_ADVERTISE 136
#define ND_HEADER    24u
#define ND_OPTION    8u
#define ND_SOURCE    1 /* options: a link-layer address */
#define ND_TARGET    2
#define ND_ROUTER    0x80
#define ND_SOLICITED 0x40
#define ND_OVERRIDE  0x20

static const uint8_t nobody[6];
static const uint8_t everybody[6] = {255, 255, 255, 255, 255, 255};
static const uint8_t all_nodes[16] = {0xff, 2, [15] = 1};
static const uint8_t link_prefix[8] = {0xfe, 0x80};
static const uint8_t link_router[16] = {0xfe, 0x80, [15] = 2};

/* Gateway and name server, of IPv6 also behind fe80::/64, and fe80::2. */
#define OWN_MAX 7

#define DEFEND_NS (10 * UINT64_C(1000000000)) /* RFC 5227: DEFEND_INTERVAL */

/* An address of ours. */
struct own {
	struct neigh_claim claim; /* by all zero: not since the last defence */
	uint64_t rest;            /* no defence before */
};

struct neigh {
	const struct nat_conf *conf;
	struct mac mac;
	struct own own[OWN_MAX];
	unsigned own_count;
	struct neigh_table table;
};

static void add_own(struct neigh *neigh, const struct net *addr)
{
	neigh->own[neigh->own_count++].claim.addr =
		packet_addr(addr->family, addr->addr);
}

static void add_own6(struct neigh *neigh, const struct net *addr)
{
	struct net link = *addr;

	memcpy(link.addr, link_prefix, sizeof(link_prefix));
	add_own(neigh, addr);
	add_own(neigh, &link);
}

struct neigh *neigh_new(const struct nat_conf *conf)
{
	struct neigh *neigh = calloc(1, sizeof(*neigh));
	struct net router = packet_addr(AF_INET6, link_router);

	if (!neigh)
		return NULL;
	neigh->conf = conf;
	neigh->mac = nat_mac(conf);
	neigh_table_init(&neigh->table);
	add_own(neigh, &conf->gateway);
	add_own(neigh, &conf->dns);
	if (conf->net6.family) {
		add_own6(neigh, &conf->gateway6);
		add_own6(neigh, &conf->dns6);
		add_own(neigh, &router);
	}
	return neigh;
}

void neigh_free(struct neigh *neigh)
{
	free(neigh);
}

/* --- Whose addresses -------------------------------------------------- */

/* Which of ours it is; own_count: none. */
static unsigned find_own(const struct neigh *neigh, const struct net *addr)
{
	unsigned i = 0;

	while (i < neigh->own_count &&
	       !nat_addr_same(addr, &neigh->own[i].claim.addr))
		i++;
	return i;
}

static bool is_ours(const struct neigh *neigh, const struct net *addr)
{
	return find_own(neigh, addr) < neigh->own_count;
}

/* A station says that it is at mac, which it is not if it is ours. */
static void check_claim(struct neigh *neigh, const struct net *addr,
			const uint8_t mac[6])
{
	unsigned i = find_own(neigh, addr);

	if (i < neigh->own_count &&
	    memcmp(mac, neigh->mac.b, sizeof(neigh->mac.b)) != 0)
		memcpy(neigh->own[i].claim.by.b, mac, sizeof(neigh->mac.b));
}

/* Whether it is one that a host of the network can have, and we have not. */
static bool is_guests(const struct neigh *neigh, const struct net *addr)
{
	const struct nat_conf *conf = neigh->conf;

	return nat_is_guest(conf, addr) ||
	       (conf->net6.family && net_is_link_local(addr) &&
		!is_ours(neigh, addr));
}

/* Remembers it, if a guest can have that address and that MAC. */
static bool learn(struct neigh *neigh, const struct net *addr,
		  const uint8_t mac[6])
{
	if (!is_guests(neigh, addr) || mac_is_group(mac) || mac_is_zero(mac) ||
	    memcmp(mac, neigh->mac.b, sizeof(neigh->mac.b)) == 0)
		return false;
	neigh_table_put(&neigh->table, addr, mac);
	return true;
}

/* --- ARP -------------------------------------------------------------- */

static void write_ethernet(const struct neigh *neigh, const uint8_t dst[6],
			   uint16_t type, uint8_t *out)
{
	memcpy(out, dst, 6);
	memcpy(out + 6, neigh->mac.b, 6);
	put16(out + 12, type);
}

static size_t write_arp(const struct neigh *neigh, uint16_t op,
			const uint8_t from[4], const uint8_t mac[6],
			const uint8_t to[4], uint8_t *out)
{
	uint8_t *arp = out + FRAME_HEADER;

	put16(arp, 1);
	put16(arp + 2, PACKET_TYPE_IPV4);
	put16(arp + 4, 6 << 8 | 4);
	put16(arp + 6, op);
	memcpy(arp + ARP_SHA, neigh->mac.b, 6);
	memcpy(arp + ARP_SPA, from, 4);
	memcpy(arp + ARP_THA, mac, 6);
	memcpy(arp + ARP_TPA, to, 4);
	return FRAME_HEADER + ARP_LEN;
}

static bool input_arp(struct neigh *neigh, const struct frame *f, uint8_t *out,
		      size_t *len)
{
	const uint8_t *arp = f->data + FRAME_HEADER;
	struct net from;
	struct net to;
	bool learned;

	if (f->len < FRAME_HEADER + ARP_LEN || get16(arp) != 1 ||
	    get16(arp + 2) != PACKET_TYPE_IPV4 ||
	    get16(arp + 4) != (6 << 8 | 4))
		return true;
	from = packet_addr(AF_INET, arp + ARP_SPA);
	to = packet_addr(AF_INET, arp + ARP_TPA);
	check_claim(neigh, &from, arp + ARP_SHA);
	learned = learn(neigh, &from, arp + ARP_SHA);
	if (get16(arp + 6) == ARP_REPLY)
		return !learned;
	if (get16(arp + 6) != ARP_REQUEST || !is_ours(neigh, &to) ||
	    mac_is_group(arp + ARP_SHA))
		return true;
	write_ethernet(neigh, arp + ARP_SHA, PACKET_TYPE_ARP, out);
	*len = write_arp(neigh, ARP_REPLY, to.addr, arp + ARP_SHA, from.addr,
			 out);
	return true;
}

/* --- IPv6 ------------------------------------------------------------- */

/* Finishes a frame with an ICMPv6 message of len bytes. */
static size_t finish_icmp6(const struct packet_ends *ends, uint32_t len,
			   uint8_t *out)
{
	ip_begin(out, ends, PACKET_ICMP6, len);
	ip_finish(out, ends, PACKET_ICMP6, len, 2);
	return ip_headers(AF_INET6) + len;
}

/* A solicitation or an advertisement for target, with our MAC. */
static size_t write_nd(const struct packet_ends *ends, uint8_t type,
		       uint8_t flags, const struct net *target, uint8_t *out)
{
	uint8_t *icmp = out + ip_headers(AF_INET6);

	memset(icmp, 0, ND_HEADER);
	icmp[0] = type;
	icmp[4] = flags;
	memcpy(icmp + 8, target->addr, 16);
	icmp[ND_HEADER] = type == ND_SOLICIT ? ND_SOURCE : ND_TARGET;
	icmp[ND_HEADER + 1] = 1; /* of eight bytes */
	memcpy(icmp + ND_HEADER + 2, ends->src_mac.b, 6);
	return finish_icmp6(ends, ND_HEADER + ND_OPTION, out);
}

/* Its link-layer address in an option of that type; NULL: there is none.
 * False: an option is of no length or too long, so all is to be ignored. */
static bool find_option(const struct frame *f, const struct packet *p,
			uint8_t type, const uint8_t **mac)
{
	const uint8_t *at = f->data + p->l4 + ND_HEADER;
	const uint8_t *end = f->data + p->end;

	*mac = NULL;
	while (at < end) {
		if (end - at < (ptrdiff_t)ND_OPTION || at[1] == 0 ||
		    end - at < at[1] * (ptrdiff_t)ND_OPTION)
			return false;
		if (at[0] == type && !*mac)
			*mac = at + 2;
		at += (size_t)at[1] * ND_OPTION;
	}
	return true;
}

/* RFC 4861 section 7.1: what makes a solicitation or an advertisement valid;
 * *mac is the address that it tells. */
static bool check_nd(const struct frame *f, const struct packet *p,
		     const uint8_t **mac)
{
	const uint8_t *icmp = f->data + p->l4;

	return p->end - p->l4 >= ND_HEADER &&
	       f->data[FRAME_HEADER + 7] == ND_LIMIT && icmp[1] == 0 &&
	       icmp[8] != 0xff && !packet_l4_checksum(f, p) &&
	       find_option(f, p, icmp[0] == ND_SOLICIT ? ND_SOURCE : ND_TARGET,
			   mac);
}

static size_t advertise(const struct packet_ends *to, const struct net *target,
			uint8_t *out)
{
	struct packet_ends ends = *to;
	uint8_t flags = ND_ROUTER | ND_OVERRIDE;

	if (ends.dst.addr[0] != 0xff)
		flags |= ND_SOLICITED;
	ends.src = *target;
	return write_nd(&ends, ND_ADVERTISE, flags, target, out);
}

/* To all; who probes for an address (RFC 4862) has none yet. */
static size_t announce6(const struct neigh *neigh, const struct net *target,
			uint8_t *out)
{
	const struct packet_ends all = {
		.src_mac = neigh->mac,
		.dst_mac = {{0x33, 0x33, 0, 0, 0, 1}},
		.dst = packet_addr(AF_INET6, all_nodes),
	};

	return advertise(&all, target, out);
}

static bool input_nd(struct neigh *neigh, const struct frame *f,
		     const struct packet *p, uint8_t *out, size_t *len)
{
	static const uint8_t unspecified[16];
	struct packet_ends back = packet_ends_back(f, p, &neigh->mac);
	const uint8_t *icmp = f->data + p->l4;
	const uint8_t *mac;
	struct net target;

	if (!check_nd(f, p, &mac))
		return true;
	target = packet_addr(AF_INET6, icmp + 8);
	if (icmp[0] == ND_ADVERTISE) {
		check_claim(neigh, &target, mac ? mac : frame_src(f));
		return !learn(neigh, &target, mac ? mac : frame_src(f));
	}
	if (mac) {
		check_claim(neigh, &p->src, mac);
		(void)learn(neigh, &p->src, mac);
	}
	if (!is_ours(neigh, &target) || is_ours(neigh, &p->src))
		return true;
	*len = memcmp(p->src.addr, unspecified, 16) == 0
		       ? announce6(neigh, &target, out)
		       : advertise(&back, &target, out);
	return true;
}

/* --- Echo ------------------------------------------------------------- */

static size_t reply_ip4(const struct neigh *neigh, const struct frame *f,
			const struct packet *p, uint8_t *out)
{
	uint8_t *ip = out + FRAME_HEADER;
	uint8_t *icmp = ip + IP4_HEADER;
	uint32_t len = p->end - p->l4;

	write_ethernet(neigh, frame_src(f), PACKET_TYPE_IPV4, out);
	memcpy(ip, f->data + FRAME_HEADER, IP4_HEADER);
	ip[0] = 4 << 4 | IP4_HEADER / 4; /* without its options */
	put16(ip + 2, (uint16_t)(IP4_HEADER + len));
	ip[8] = IP4_TTL;
	memcpy(ip + 12, p->dst.addr, 4);
	memcpy(ip + 16, p->src.addr, 4);
	put16(ip + 10, inet_ip4_checksum(ip));
	memcpy(icmp, f->data + p->l4, len);
	icmp[0] = ECHO_REPLY;
	put16(icmp + 2, 0);
	put16(icmp + 2, (uint16_t)~inet_fold(inet_sum(icmp, len)));
	return FRAME_HEADER + IP4_HEADER + len;
}

static size_t reply_ip6(const struct neigh *neigh, const struct frame *f,
			const struct packet *p, uint8_t *out)
{
	struct packet_ends ends = packet_ends_back(f, p, &neigh->mac);
	uint8_t *icmp = out + ip_headers(AF_INET6);
	uint32_t len = p->end - p->l4;

	memcpy(icmp, f->data + p->l4, len);
	icmp[0] = ECHO6_REPLY;
	return finish_icmp6(&ends, len, out);
}

/* An echo request to one of ours, if the sender's address is a guest's. */
static bool input_echo(const struct neigh *neigh, const struct frame *f,
		       const struct packet *p, uint8_t *out, size_t *len)
{
	bool ip4 = p->type == PACKET_TYPE_IPV4;

	if (!is_ours(neigh, &p->dst) || !is_guests(neigh, &p->src))
		return false;
	if (p->end - p->l4 < ECHO_HEADER || p->end > NEIGH_FRAME_MAX ||
	    f->data[p->l4 + 1] != 0 || packet_l4_checksum(f, p) ||
	    mac_is_group(frame_dst(f)))
		return true;
	*len = ip4 ? reply_ip4(neigh, f, p, out) : reply_ip6(neigh, f, p, out);
	return true;
}

/* --- All of it -------------------------------------------------------- */

static bool input_icmp(struct neigh *neigh, const struct frame *f,
		       const struct packet *p, uint8_t *out, size_t *len)
{
	uint8_t type;

	if (p->fragment || p->end == p->l4)
		return false;
	type = f->data[p->l4];
	if (p->type == PACKET_TYPE_IPV4)
		return p->protocol == PACKET_ICMP && type == ECHO_REQUEST &&
		       input_echo(neigh, f, p, out, len);
	if (p->protocol != PACKET_ICMP6 || !neigh->conf->net6.family)
		return false;
	if (type == ND_SOLICIT || type == ND_ADVERTISE)
		return input_nd(neigh, f, p, out, len);
	return type == ECHO6_REQUEST && input_echo(neigh, f, p, out, len);
}

bool neigh_input(struct neigh *neigh, const struct frame *f,
		 uint8_t out[NEIGH_FRAME_MAX], size_t *len)
{
	struct packet p;

	*len = 0;
	if (frame_type(f) == PACKET_TYPE_ARP)
		return input_arp(neigh, f, out, len);
	if (!packet_parse(f, &p) || !p.src.family)
		return false;
	(void)learn(neigh, &p.src, frame_src(f));
	return input_icmp(neigh, f, &p, out, len);
}

static size_t announce(const struct neigh *neigh, const struct net *addr,
		       uint8_t *out)
{
	if (addr->family == AF_INET6)
		return announce6(neigh, addr, out);
	write_ethernet(neigh, everybody, PACKET_TYPE_ARP, out);
	return write_arp(neigh, ARP_REQUEST, addr->addr, nobody, addr->addr,
			 out);
}

size_t neigh_defend(struct neigh *neigh, uint64_t now,
		    struct neigh_claim *claim, uint8_t out[128])
{
	for (unsigned i = 0; i < neigh->own_count; i++) {
		struct own *own = &neigh->own[i];

		if (mac_is_zero(own->claim.by.b) || now < own->rest)
			continue;
		*claim = own->claim;
		own->claim.by = (struct mac){{0}};
		own->rest = now + DEFEND_NS;
		return announce(neigh, &claim->addr, out);
	}
	return 0;
}

const struct mac *neigh_find(const struct neigh *neigh, const struct net *addr)
{
	return neigh_table_find(&neigh->table, addr);
}

/* Its solicited-node group (RFC 4291 section 2.7.1), from our address of the
 * same scope. */
static size_t solicit(const struct neigh *neigh, const struct net *addr,
		      uint8_t *out)
{
	const uint8_t *last = addr->addr + 13;
	struct packet_ends ends = {
		.src_mac = neigh->mac,
		.dst_mac = {{0x33, 0x33, 0xff, last[0], last[1], last[2]}},
		.src = neigh->conf->gateway6,
		.dst = {.family = AF_INET6,
			.bits = 128,
			.addr = {0xff, 2, [11] = 1, [12] = 0xff, last[0],
				 last[1], last[2]}}};

	if (net_is_link_local(addr))
		memcpy(ends.src.addr, link_prefix, sizeof(link_prefix));
	return write_nd(&ends, ND_SOLICIT, 0, addr, out);
}

size_t neigh_ask(const struct neigh *neigh, const struct net *addr,
		 uint8_t out[128])
{
	if (addr->family == AF_INET6)
		return solicit(neigh, addr, out);
	write_ethernet(neigh, everybody, PACKET_TYPE_ARP, out);
	return write_arp(neigh, ARP_REQUEST, neigh->conf->gateway.addr, nobody,
			 addr->addr, out);
}
