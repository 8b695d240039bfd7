/* SPDX-License-Identifier: MIT */
/*
 * nat_opts: the options of a NAT port, as the file writes them; and
 * nat_opts_resolve(), which makes them whole and is the one place that checks
 * how they fit together.
 */
#ifndef LABSWITCH_PLUGS_NAT_OPTS_H
#define LABSWITCH_PLUGS_NAT_OPTS_H

#include "plugs/inet_end.h"
#include "plugs/nat_types.h"
#include "plugs/unix_path.h"

struct nat_fixed {
	char name[NAT_NAME_SIZE];
	struct mac mac;
	struct nat_addr addr;
};

/* A forward as written; inner_port 0: an unused entry. */
struct nat_rule {
	bool udp;
	struct unix_path path; /* host side; "": outer */
	struct inet_end outer;
	struct nat_addr inner; /* family 0: the first that is leased */
	uint16_t inner_port;
};

struct nat_opts {
	struct net net;
	struct nat_addr gateway;
	struct nat_addr dns_address;
	struct nat_pool pool;
	uint64_t lease_ns;
	struct nat_servers dns;
	char domain[NAT_DOMAIN_SIZE];
	struct nat_fixed hosts[NAT_HOSTS_MAX];
	struct nat_rule rules[NAT_FORWARDS_MAX];
	struct net net6; /* family 0: no IPv6 */
	struct net outbound[NAT_OUTBOUND_MAX];
	bool host_loopback;
	bool restricted;
};

extern const struct opt nat_opts_arg;
extern const struct opt nat_opts_rows[];

/* Makes of options what the process is told, without forwards. The message
 * goes on after the kind's name. */
bool nat_opts_resolve(const struct nat_opts *opts, uint32_t mtu,
		      struct nat_conf *conf, struct err *err);

#endif
