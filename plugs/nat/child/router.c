/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/router.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>

#include "plugs/nat/ip.h"
#include "switchd/core/inet.h"

#define SERVER_PORT    547
#define CLIENT_PORT    546
#define ROUTER_SECONDS 1800 /* lifetime of the default route and the server */
#define VALID_SECONDS  86400
#define HOPS           255
#define DOMAIN_MAX     (NAT_DOMAIN_SIZE + 2)

enum { /* RFC 4861 4.6, RFC 8106 5 */
       OPT_SOURCE = 1,
       OPT_TARGET = 2,
       OPT_PREFIX = 3,
       OPT_MTU = 5,
       OPT_RDNSS = 25,
       OPT_DNSSL = 31
};

enum { /* RFC 8415 7.3, 21; RFC 3646 */
       DHCP6_REPLY = 7,
       DHCP6_INFORMATION_REQUEST = 11,
       DHCP6_CLIENT_ID = 1,
       DHCP6_SERVER_ID = 2,
       DHCP6_SERVERS = 23,
       DHCP6_DOMAINS = 24
};

#define CLIENT_ID_MAX 130 /* RFC 8415 11.1: a DUID is at most 128 + 2 */

/* As QEMU's users know it; neigh.h answers for it. */
static const struct net link_local = {
	.family = AF_INET6, .bits = 128, .addr = {0xfe, 0x80, [15] = 2}};
static const struct net all_nodes = {
	.family = AF_INET6, .bits = 128, .addr = {0xff, 0x02, [15] = 1}};
static const struct mac all_nodes_mac = {{0x33, 0x33, 0, 0, 0, 1}};

bool router_is_group(const uint8_t mac[6])
{
	return mac[0] == 0x33 && mac[1] == 0x33;
}

static struct packet_ends ends_to_all(const struct nat_conf *conf)
{
	return (struct packet_ends){
		.src_mac = nat_mac(conf),
		.dst_mac = all_nodes_mac,
		.src = link_local,
		.dst = all_nodes,
	};
}

/* "lab" as labels (RFC 1035 3.1), which conf.h has checked to be short. */
static size_t put_domain(uint8_t *out, const char *domain)
{
	size_t len = 0;

	while (*domain) {
		size_t label = strcspn(domain, ".");

		out[len++] = (uint8_t)label;
		memcpy(out + len, domain, label);
		len += label;
		domain += label;
		domain += *domain == '.';
	}
	out[len++] = 0;
	return len;
}

static uint8_t *put_prefix(uint8_t *o, const struct nat_conf *conf)
{
	memset(o, 0, 32);
	o[0] = OPT_PREFIX;
	o[1] = 4;
	o[2] = conf->net6.bits;
	o[3] = ND_OPT_PI_FLAG_ONLINK | ND_OPT_PI_FLAG_AUTO;
	put32(o + 4, VALID_SECONDS);
	put32(o + 8, VALID_SECONDS / 2);
	memcpy(o + 16, conf->net6.addr, conf->net6.bits / 8);
	return o + 32;
}

static uint8_t *put_dns(uint8_t *o, const struct nat_conf *conf)
{
	size_t len;

	memset(o, 0, 24);
	o[0] = OPT_RDNSS;
	o[1] = 3;
	put32(o + 4, ROUTER_SECONDS);
	memcpy(o + 8, conf->dns6.addr, 16);
	o += 24;
	if (!conf->domain[0])
		return o;
	memset(o, 0, 8 + DOMAIN_MAX + 7);
	len = (8 + put_domain(o + 8, conf->domain) + 7) & ~(size_t)7;
	o[0] = OPT_DNSSL;
	o[1] = (uint8_t)(len / 8);
	put32(o + 4, ROUTER_SECONDS);
	return o + len;
}

size_t router_advert(const struct nat_conf *conf, uint8_t out[ROUTER_FRAME_MAX])
{
	struct packet_ends ends = ends_to_all(conf);
	uint8_t *icmp = out + ip_headers(AF_INET6);
	uint8_t *o = icmp + sizeof(struct nd_router_advert);
	uint32_t len;

	if (!conf->net6.family)
		return 0;
	memset(icmp, 0, sizeof(struct nd_router_advert));
	icmp[0] = ND_ROUTER_ADVERT;
	icmp[4] = 64; /* hop limit */
	if (conf->dns_mode != NAT_DNS_OFF)
		icmp[5] = ND_RA_FLAG_OTHER;
	put16(icmp + 6, ROUTER_SECONDS);
	o[0] = OPT_SOURCE;
	o[1] = 1;
	memcpy(o + 2, ends.src_mac.b, 6);
	o += 8;
	memset(o, 0, 8);
	o[0] = OPT_MTU;
	o[1] = 1;
	put32(o + 4, conf->mtu);
	o = put_prefix(o + 8, conf);
	if (conf->dns_mode != NAT_DNS_OFF)
		o = put_dns(o, conf);
	len = (uint32_t)(o - icmp);
	ip_begin(out, &ends, IPPROTO_ICMPV6, len);
	ip_finish(out, &ends, IPPROTO_ICMPV6, len, 2);
	return ip_headers(AF_INET6) + len;
}

static bool solicited(const struct nat_conf *conf, const struct frame *f,
		      const struct packet *p, uint8_t *out, size_t *len)
{
	const uint8_t *icmp = f->data + p->l4;

	if (p->end - p->l4 < 8 || icmp[0] != ND_ROUTER_SOLICIT)
		return false;
	*len = 0;
	if (f->data[FRAME_HEADER + 7] == HOPS && icmp[1] == 0 &&
	    !packet_l4_checksum(f, p))
		*len = router_advert(conf, out);
	return true;
}

static uint8_t *put_option(uint8_t *o, uint16_t code, const uint8_t *data,
			   size_t len)
{
	put16(o, code);
	put16(o + 2, (uint16_t)len);
	memcpy(o + 4, data, len);
	return o + 4 + len;
}

/* The client's identifier is given back as it is; NULL: it has none. */
static const uint8_t *client_id(const uint8_t *o, const uint8_t *end,
				uint16_t *len)
{
	while (end - o >= 4) {
		*len = get16(o + 2);
		if (end - o - 4 < *len)
			return NULL;
		if (get16(o) == DHCP6_CLIENT_ID)
			return *len <= CLIENT_ID_MAX ? o + 4 : NULL;
		o += 4 + *len;
	}
	return NULL;
}

static size_t inform(const struct nat_conf *conf, const struct frame *f,
		     const struct packet *p, uint8_t *out)
{
	const uint8_t *request = f->data + p->l4 + 8;
	struct mac mac = nat_mac(conf);
	uint8_t duid[10] = {0, 3, 0, 1}; /* DUID-LL, Ethernet */
	uint8_t names[DOMAIN_MAX];
	uint8_t reply[ROUTER_FRAME_MAX - 64];
	uint8_t *o = reply + 4;
	uint16_t id_len = 0;
	const uint8_t *id = client_id(request + 4, f->data + p->end, &id_len);
	struct packet_ends ends = {.src_mac = mac,
				   .src = link_local,
				   .dst = p->src,
				   .src_port = SERVER_PORT,
				   .dst_port = p->src_port};

	memcpy(ends.dst_mac.b, frame_src(f), 6);
	memcpy(duid + 4, mac.b, 6);
	memcpy(reply, request, 4); /* the transaction's number */
	reply[0] = DHCP6_REPLY;
	o = put_option(o, DHCP6_SERVER_ID, duid, sizeof(duid));
	if (id)
		o = put_option(o, DHCP6_CLIENT_ID, id, id_len);
	o = put_option(o, DHCP6_SERVERS, conf->dns6.addr, 16);
	if (conf->domain[0])
		o = put_option(o, DHCP6_DOMAINS, names,
			       put_domain(names, conf->domain));
	return packet_udp(&ends, reply, (size_t)(o - reply), out,
			  ROUTER_FRAME_MAX);
}

bool router_input(const struct nat_conf *conf, const struct frame *f,
		  const struct packet *p, uint8_t out[ROUTER_FRAME_MAX],
		  size_t *len)
{
	if (!conf->net6.family || p->type != PACKET_TYPE_IPV6 || p->fragment)
		return false;
	if (p->protocol == IPPROTO_ICMPV6)
		return solicited(conf, f, p, out, len);
	if (p->protocol != IPPROTO_UDP || p->dst_port != SERVER_PORT ||
	    !net_is_link_local(&p->src))
		return false;
	*len = 0;
	if (p->src_port == CLIENT_PORT && p->end - p->l4 >= 8 + 4 &&
	    f->data[p->l4 + 8] == DHCP6_INFORMATION_REQUEST &&
	    conf->dns_mode != NAT_DNS_OFF && !packet_l4_checksum(f, p))
		*len = inform(conf, f, p, out);
	return true;
}
