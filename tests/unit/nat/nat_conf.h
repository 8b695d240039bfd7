/* SPDX-License-Identifier: MIT */
/* The configuration that NAT tests begin with, and addresses in short. */
#ifndef LABSWITCH_TESTS_NAT_CONF_H
#define LABSWITCH_TESTS_NAT_CONF_H

#include "tests/cmocka.h"

#include <stdio.h>
#include <string.h>

#include "plugs/nat/conf.h"

#define SECOND UINT64_C(1000000000)
#define LEASE  (3600 * SECOND)

static inline struct net net_of(const char *text)
{
	struct net n = {.family = 0};
	struct err err;

	if (strchr(text, '/'))
		assert_true(net_parse(text, &n, &err));
	else
		assert_true(net_parse_addr(text, &n, &err));
	return n;
}

static inline struct mac mac_of(unsigned n)
{
	return (struct mac){{0x52, 0x54, 0, (uint8_t)(n >> 16),
			     (uint8_t)(n >> 8), (uint8_t)n}};
}

static inline struct nat_conf conf_default(void)
{
	return (struct nat_conf){
		.net = net_of("10.0.2.0/24"),
		.gateway = net_of("10.0.2.2"),
		.dns = net_of("10.0.2.3"),
		.pool_first = net_of("10.0.2.15"),
		.pool_last = net_of("10.0.2.254"),
		.net6 = net_of("fd00::/64"),
		.gateway6 = net_of("fd00::2"),
		.dns6 = net_of("fd00::3"),
		.lease_ns = LEASE,
		.domain = "lab",
		.mtu = 1500,
		.hosts = {{.name = "web",
			   .mac = mac_of(0xabcdef),
			   .addr = net_of("10.0.2.20")}},
	};
}

#endif
