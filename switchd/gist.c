/* SPDX-License-Identifier: MIT */
#include "switchd/gist.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "switchd/core/bpdu.h"
#include "switchd/core/inet.h"
#include "switchd/core/mac.h"

#define IP4_HEADER 20
#define IP6_HEADER 40
#define ARP_LEN    28 /* for Ethernet and IPv4 */

#define PROTO_ICMP   1
#define PROTO_ICMPV6 58

/* What is left of a frame, and what was said of it. */
struct gist {
	const uint8_t *data;
	uint32_t len;
	char *buf; /* GIST_SIZE */
};

__attribute__((format(printf, 2, 3))) static void say(struct gist *g,
						      const char *fmt, ...)
{
	size_t used = strlen(g->buf);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(g->buf + used, GIST_SIZE - used, fmt, ap);
	va_end(ap);
}

static void skip(struct gist *g, uint32_t len)
{
	g->data += len;
	g->len -= len;
}

static const char *ip4(const uint8_t *address, char buf[INET6_ADDRSTRLEN])
{
	return inet_ntop(AF_INET, address, buf, INET6_ADDRSTRLEN);
}

static const char *ip6(const uint8_t *address, char buf[INET6_ADDRSTRLEN])
{
	return inet_ntop(AF_INET6, address, buf, INET6_ADDRSTRLEN);
}

static void say_arp(struct gist *g)
{
	static const uint8_t head[6] = {0, 1, 8, 0, 6, 4};
	char a[INET6_ADDRSTRLEN], b[INET6_ADDRSTRLEN], mac[MAC_TEXT_SIZE];
	struct mac sender;

	if (g->len < ARP_LEN || memcmp(g->data, head, sizeof(head)) != 0)
		return;
	memcpy(sender.b, g->data + 8, sizeof(sender.b));
	if (get16(g->data + 6) == 1)
		say(g, " who has %s, tell %s", ip4(g->data + 24, a),
		    ip4(g->data + 14, b));
	else if (get16(g->data + 6) == 2)
		say(g, " %s is at %s", ip4(g->data + 14, a),
		    mac_format(&sender, mac));
}

/* --- What is in IP ------------------------------------------------------ */

static void say_icmp(struct gist *g)
{
	static const char *const names[] = {
		[0] = "echo reply",     [3] = "destination unreachable",
		[5] = "redirect",       [8] = "echo request",
		[11] = "time exceeded",
	};
	uint8_t type = g->len >= 8 ? g->data[0] : UINT8_MAX;

	say(g, " ICMP");
	if (type < sizeof(names) / sizeof(names[0]) && names[type])
		say(g, " %s", names[type]);
	if (type == 0 || type == 8)
		say(g, " %u", get16(g->data + 6));
}

static void say_icmpv6(struct gist *g)
{
	static const char *const names[] = {"echo request",
					    "echo reply",
					    "listener query",
					    "listener report",
					    "listener done",
					    "router solicitation",
					    "router advertisement",
					    "neighbour solicitation for",
					    "neighbour advertisement of"};
	uint8_t type = g->len >= 8 ? g->data[0] : 0;
	char address[INET6_ADDRSTRLEN];

	say(g, " ICMPv6");
	if (type == 143)
		say(g, " listener report");
	if (type < 128 || type > 136)
		return;
	say(g, " %s", names[type - 128]);
	if (type <= 129)
		say(g, " %u", get16(g->data + 6));
	else if (type >= 135 && g->len >= 24)
		say(g, " %s", ip6(g->data + 8, address));
}

static void say_tcp(struct gist *g)
{
	static const struct {
		uint8_t flag;
		const char *name;
	} flags[] = {{TCP_SYN, "SYN"},
		     {TCP_FIN, "FIN"},
		     {TCP_RST, "RST"},
		     {TCP_ACK, "ACK"}};

	say(g, " TCP");
	if (g->len < 20)
		return;
	say(g, " %u -> %u", get16(g->data), get16(g->data + 2));
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (g->data[13] & flags[i].flag)
			say(g, " %s", flags[i].name);
}

static void say_udp(struct gist *g)
{
	uint16_t from, to;

	say(g, " UDP");
	if (g->len < 8)
		return;
	from = get16(g->data);
	to = get16(g->data + 2);
	say(g, " %u -> %u", from, to);
	if (from == 67 || to == 67)
		say(g, " (DHCP)");
	else if (from == 53 || to == 53)
		say(g, " (DNS)");
}

static void say_transport(struct gist *g, uint8_t protocol)
{
	switch (protocol) {
	case PROTO_ICMP:
		say_icmp(g);
		break;
	case INET_TCP:
		say_tcp(g);
		break;
	case INET_UDP:
		say_udp(g);
		break;
	case PROTO_ICMPV6:
		say_icmpv6(g);
		break;
	default:
		say(g, " protocol %u", protocol);
	}
}

static void say_ip4(struct gist *g)
{
	char a[INET6_ADDRSTRLEN], b[INET6_ADDRSTRLEN];
	uint8_t protocol;
	uint32_t header;

	if (g->len < IP4_HEADER)
		return;
	say(g, " %s -> %s", ip4(g->data + 12, a), ip4(g->data + 16, b));
	header = (g->data[0] & 0xfu) * 4;
	protocol = g->data[9];
	if (get16(g->data + 6) & 0x1fff)
		say(g, " a fragment");
	else if (header >= IP4_HEADER && header <= g->len) {
		skip(g, header);
		say_transport(g, protocol);
	}
}

static void say_ip6(struct gist *g)
{
	char a[INET6_ADDRSTRLEN], b[INET6_ADDRSTRLEN];
	uint8_t protocol;

	if (g->len < IP6_HEADER)
		return;
	say(g, " %s -> %s", ip6(g->data + 8, a), ip6(g->data + 24, b));
	protocol = g->data[6];
	skip(g, IP6_HEADER);
	/* Before a report of listeners stands an option for routers. */
	if (protocol == 0 && g->len >= 8 && 8u + g->data[1] * 8u <= g->len) {
		protocol = g->data[0];
		skip(g, 8u + g->data[1] * 8u);
	}
	say_transport(g, protocol);
}

/* --- Frames ------------------------------------------------------------- */

/* NULL: none here. */
static const char *find_name(uint16_t type)
{
	static const struct {
		uint16_t type;
		const char *name;
	} rows[] = {
		{0x0800, "IPv4"},
		{0x0806, "ARP"},
		{FRAME_TYPE_VLAN, "VLAN tag"},
		{0x86dd, "IPv6"},
		{FRAME_TYPE_QINQ, "S-VLAN tag"},
		{0x8847, "MPLS"},
		{0x8863, "PPPoE discovery"},
		{0x8864, "PPPoE session"},
		{0x88cc, "LLDP"},
		{0x888e, "EAPOL"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].type == type)
			return rows[i].name;
	return NULL;
}

const char *gist_type_name(uint16_t type)
{
	const char *name = find_name(type);

	if (name)
		return name;
	return type <= 1500 ? "a length: 802.2 LLC" : "unknown to this program";
}

static bool say_type(struct gist *g, uint16_t type)
{
	const char *name = find_name(type);
	size_t used;

	if (name)
		say(g, "%s", name);
	else if (type <= 1500)
		say(g, "802.2 LLC");
	else
		say(g, "type 0x%04x", type);
	used = strlen(g->buf);
	if (type == 0x0806)
		say_arp(g);
	else if (type == 0x0800)
		say_ip4(g);
	else if (type == 0x86dd)
		say_ip6(g);
	return strlen(g->buf) > used;
}

bool gist_of(const struct frame *f, char buf[GIST_SIZE])
{
	struct gist g = {f->data, f->len, buf};
	uint16_t type;

	buf[0] = '\0';
	if (f->len < FRAME_HEADER) {
		say(&g, "shorter than a header");
		return false;
	}
	type = frame_type(f);
	skip(&g, FRAME_HEADER);
	for (int tags = 0;
	     tags < 2 && frame_type_is_tag(type) && g.len >= FRAME_TAG;
	     tags++) {
		say(&g, "vlan %u ", get16(g.data) & 0xfffu);
		type = get16(g.data + 2);
		skip(&g, FRAME_TAG);
	}
	if (type > 1500 || !bpdu_is_for(frame_dst(f)))
		return say_type(&g, type);
	say(&g, "spanning tree");
	return true;
}
