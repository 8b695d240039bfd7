/* SPDX-License-Identifier: MIT */
#include "plugs/nat/dhcp.h"

#include <string.h>
#include <sys/socket.h>

#include "plugs/nat/dhcp_options.h"
#include "plugs/nat/dhcp_parse.h"
#include "plugs/nat/packet.h"
#include "switchd/core/inet.h"

#define UDP_HEADER  8u
#define IP_UDP      28u /* both headers: what a client's limit counts too */
#define BOOTREPLY   2
#define MESSAGE_MIN 300 /* RFC 1542 section 2.1: a BOOTP message at least */

/* An answer in the making. */
struct answer {
	enum dhcp_type type;
	const uint8_t *yiaddr; /* NULL: 0.0.0.0 */
	const char *name;
};

static bool is_dhcp(const struct frame *f, struct packet *p)
{
	return packet_parse(f, p) && p->type == PACKET_TYPE_IPV4 &&
	       p->protocol == PACKET_UDP && p->dst_port == DHCP_SERVER_PORT;
}

bool dhcp_is_request(const struct frame *f)
{
	struct packet p;

	return is_dhcp(f, &p);
}

/* --- Requests --------------------------------------------------------- */

static bool is_ours(const struct dhcp *dhcp, const uint8_t server[4])
{
	return memcmp(server, dhcp->conf->gateway.addr, 4) == 0;
}

/* To us, to all, or to all of the network. */
static bool is_for_us(const struct dhcp *dhcp, const struct packet *p)
{
	uint32_t dst = get32(p->dst.addr);

	return dst == UINT32_MAX || dst == nat_net_last(&dhcp->conf->net) ||
	       is_ours(dhcp, p->dst.addr);
}

static void discover(struct dhcp *dhcp, const struct dhcp_request *r,
		     uint64_t now, struct answer *a)
{
	const struct lease *lease =
		leases_offer(dhcp->leases, &r->mac, r->requested, now);

	if (!lease)
		return;
	*a = (struct answer){DHCP_OFFER, lease->addr, lease->name};
}

static void release(struct dhcp *dhcp, const struct mac *mac,
		    const uint8_t addr[4], uint64_t now)
{
	struct lease was;

	if (leases_release(dhcp->leases, mac, addr, now, &was))
		dhcp->changed(dhcp->ctx, &was);
}

/* The client has taken another server's offer. */
static void lose(struct dhcp *dhcp, const struct dhcp_request *r, uint64_t now)
{
	const struct lease *lease = leases_by_mac(dhcp->leases, &r->mac, now);

	if (lease)
		release(dhcp, &r->mac, lease->addr, now);
}

/*
 * SELECTING names us and the address; INIT-REBOOT the address alone; RENEWING
 * and REBINDING have it in ciaddr (RFC 2131 section 4.3.2).
 */
static void request(struct dhcp *dhcp, const struct dhcp_request *r,
		    uint64_t now, struct answer *a)
{
	const uint8_t *addr = r->requested ? r->requested : r->ciaddr;
	const struct lease *lease;

	if (!addr)
		return;
	lease = leases_bind(dhcp->leases, &r->mac, addr, r->name, now);
	if (!lease) {
		*a = (struct answer){.type = DHCP_NAK, .name = ""};
		return;
	}
	*a = (struct answer){DHCP_ACK, lease->addr, lease->name};
	dhcp->changed(dhcp->ctx, lease);
}

static void decline(struct dhcp *dhcp, const struct dhcp_request *r,
		    uint64_t now)
{
	struct lease was;

	if (r->requested &&
	    leases_decline(dhcp->leases, &r->mac, r->requested, now, &was))
		dhcp->changed(dhcp->ctx, &was);
}

/* An address that was set by hand; what else there is to know. */
static void inform(const struct dhcp *dhcp, const struct dhcp_request *r,
		   struct answer *a)
{
	struct net addr;

	if (!r->ciaddr)
		return;
	addr = packet_addr(AF_INET, r->ciaddr);
	if (net_has(&dhcp->conf->net, &addr))
		*a = (struct answer){.type = DHCP_ACK, .name = ""};
}

/* --- Answers ---------------------------------------------------------- */

/* RFC 2131 section 4.1: where to. */
static struct packet_ends ends(const struct dhcp *dhcp,
			       const struct dhcp_request *r,
			       const struct answer *a)
{
	uint16_t flags = get16(r->message + DHCP_AT_FLAGS);
	struct packet_ends e = {
		.src_mac = nat_mac(dhcp->conf),
		.dst_mac = r->mac,
		.src = dhcp->conf->gateway,
		.dst = {.family = AF_INET, .bits = 32},
		.src_port = DHCP_SERVER_PORT,
		.dst_port = DHCP_CLIENT_PORT,
	};

	if (a->type == DHCP_NAK ||
	    (!r->ciaddr && flags & DHCP_FLAG_BROADCAST)) {
		memset(e.dst_mac.b, 255, sizeof(e.dst_mac.b));
		memset(e.dst.addr, 255, 4);
	} else {
		memcpy(e.dst.addr, r->ciaddr ? r->ciaddr : a->yiaddr, 4);
	}
	return e;
}

/* How long a message may be, for the client and for the network. */
static size_t message_max(const struct dhcp *dhcp, const struct dhcp_request *r)
{
	size_t packet = r->max_size;

	if (packet > dhcp->conf->mtu)
		packet = dhcp->conf->mtu;
	if (packet < DHCP_PACKET_LEAST)
		packet = DHCP_PACKET_LEAST;
	if (packet > DHCP_FRAME_MAX - FRAME_HEADER)
		packet = DHCP_FRAME_MAX - FRAME_HEADER;
	return packet - IP_UDP;
}

static size_t write_answer(const struct dhcp *dhcp,
			   const struct dhcp_request *r, const struct answer *a,
			   uint8_t out[DHCP_FRAME_MAX])
{
	uint8_t message[DHCP_FRAME_MAX - FRAME_HEADER - IP_UDP] = {0};
	struct packet_ends e = ends(dhcp, r, a);
	size_t len;

	memcpy(message, r->message, DHCP_AT_CIADDR); /* types, xid, flags */
	message[0] = BOOTREPLY;
	put32(message + 8, get16(message + DHCP_AT_FLAGS)); /* secs: 0 */
	message[3] = 0;                                     /* hops */
	if (r->ciaddr && a->type == DHCP_ACK)
		memcpy(message + DHCP_AT_CIADDR, r->ciaddr, 4);
	if (a->yiaddr)
		memcpy(message + DHCP_AT_YIADDR, a->yiaddr, 4);
	memcpy(message + DHCP_AT_CHADDR, r->mac.b, sizeof(r->mac.b));
	put32(message + DHCP_AT_COOKIE, DHCP_COOKIE);
	len = DHCP_HEADER +
	      dhcp_options_write(dhcp->conf, r, a->type, a->name,
				 message + DHCP_HEADER,
				 message_max(dhcp, r) - DHCP_HEADER);
	if (len < MESSAGE_MIN)
		len = MESSAGE_MIN;
	return packet_udp(&e, message, len, out, DHCP_FRAME_MAX);
}

static bool is_intact(const struct frame *f, const struct packet *p)
{
	return f->off.flags || !get16(f->data + p->l4 + 6) ||
	       !packet_l4_checksum(f, p);
}

static void serve(struct dhcp *dhcp, const struct dhcp_request *r, uint64_t now,
		  struct answer *a)
{
	bool others = r->server && !is_ours(dhcp, r->server);

	if (r->type == DHCP_DISCOVER)
		discover(dhcp, r, now, a);
	else if (r->type == DHCP_INFORM)
		inform(dhcp, r, a);
	else if (r->type == DHCP_REQUEST && others)
		lose(dhcp, r, now);
	else if (r->type == DHCP_REQUEST)
		request(dhcp, r, now, a);
	else if (r->type == DHCP_DECLINE && !others)
		decline(dhcp, r, now);
	else if (r->type == DHCP_RELEASE && !others && r->ciaddr)
		release(dhcp, &r->mac, r->ciaddr, now);
}

size_t dhcp_input(struct dhcp *dhcp, const struct frame *f, uint64_t now,
		  uint8_t out[DHCP_FRAME_MAX])
{
	struct dhcp_request r;
	struct packet p;
	struct answer a = {.name = NULL};
	const uint8_t *udp;

	if (!dhcp->conf->pool_first.family || !is_dhcp(f, &p) ||
	    !is_for_us(dhcp, &p) || !is_intact(f, &p))
		return 0;
	udp = f->data + p.l4;
	if (!dhcp_parse(udp + UDP_HEADER, get16(udp + 4) - UDP_HEADER, &r))
		return 0;
	serve(dhcp, &r, now, &a);
	return a.name ? write_answer(dhcp, &r, &a, out) : 0;
}
