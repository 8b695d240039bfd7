/* SPDX-License-Identifier: MIT */
/*
 * conf: what a NAT port is told to be. The parent makes it (nat_opts.h), the
 * child gets it as one message (msg.h); nothing in it is a pointer.
 */
#ifndef LABSWITCH_PLUGS_NAT_CONF_H
#define LABSWITCH_PLUGS_NAT_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/core/mac.h"
#include "topo/net.h"

#define NAT_HOSTS_MAX    64
#define NAT_FORWARDS_MAX 64
#define NAT_SERVERS_MAX  4
#define NAT_NAME_SIZE    64 /* a host name, one label, and a NUL */
#define NAT_DOMAIN_SIZE  64
#define NAT_PATH_SIZE    108 /* sun_path */

/* `hosts: {web: "52:54:00:12:34:56 .20"}` */
struct nat_host {
	char name[NAT_NAME_SIZE]; /* "": this entry is unused */
	struct mac mac;
	struct net addr; /* IPv4 */
};

/* `tcp 127.0.0.1:2222 -> .15:22` */
struct nat_forward {
	bool udp;
	char path[NAT_PATH_SIZE]; /* host side: a unix socket; "": outer */
	struct net outer;         /* host side; family 0: unused entry */
	uint16_t outer_port;
	struct net inner; /* the guest, of any family */
	uint16_t inner_port;
};

enum nat_dns { NAT_DNS_HOST, NAT_DNS_OFF, NAT_DNS_SERVERS };

struct nat_conf {
	struct net net; /* IPv4, the address being the first of the network */
	struct net gateway;
	struct net dns;
	struct net pool_first; /* leases; family 0: no DHCP */
	struct net pool_last;
	struct net net6; /* a /64; family 0: no IPv6 */
	struct net gateway6;
	struct net dns6;
	uint64_t lease_ns;
	char domain[NAT_DOMAIN_SIZE]; /* guests' names end so: "lab" */
	enum nat_dns dns_mode;
	struct net servers[NAT_SERVERS_MAX]; /* for NAT_DNS_SERVERS */
	bool host_loopback;  /* the gateway's address leads to 127.0.0.1 */
	bool restricted;     /* only DHCP, DNS if asked, and forwards */
	struct net outbound; /* source of what leaves; family 0: any */
	struct net outbound6;
	uint32_t mtu; /* of the guests, payload bytes */
	struct nat_host hosts[NAT_HOSTS_MAX];
};

/*
 * The one MAC that all frames of the NAT come from and all its addresses are
 * at: 52:55 and the gateway's four bytes, as QEMU's users know it.
 */
struct mac nat_mac(const struct nat_conf *conf);

bool nat_addr_same(const struct net *a, const struct net *b);

/* The broadcast address of an IPv4 network, as a number. */
uint32_t nat_net_last(const struct net *net);

/* Whether a station could have an address: it is in the network, and neither
 * its first nor, of IPv4, its last (RFC 1122 3.2.1.3, RFC 4291 2.6.1). */
bool nat_is_usable(const struct net *net, const struct net *addr);

/* Whether a guest could have it: it is usable, and not of the NAT itself. */
bool nat_is_guest(const struct nat_conf *conf, const struct net *addr);

/*
 * Reads a name that a guest gives itself, up to its first '.': letters, digits
 * and inner '-' (RFC 1123 section 2.1), in lower case. False and "": it is
 * none.
 */
bool nat_name_take(const char *text, size_t len, char name[NAT_NAME_SIZE]);

#endif
