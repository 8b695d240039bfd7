/* SPDX-License-Identifier: MIT */
/* Kinds of plug for tests: every feature of struct opt_kind once. */
#ifndef LABSWITCH_TESTS_FAKE_KINDS_H
#define LABSWITCH_TESTS_FAKE_KINDS_H

#include <stdio.h>
#include <string.h>

#include "switchd/core/mac.h"
#include "switchd/core/vidset.h"
#include "topo/opt.h"

/* No argument, no option. */
static const struct opt fake_null_rows[] = {OPT_END};

static const struct opt_kind fake_null = {
	.name = "null",
	.help = "nothing",
	.rows = fake_null_rows,
	.mtu = 65520,
};

/* An argument that defaults to the port's name, and a claim. */
struct fake_tap {
	char ifname[16];
	char netns[40];
	struct mac mac;
	bool up;
};

static const struct opt fake_tap_arg = {
	.key = "tap",
	.type = &opt_ifname,
	OPT_AT(struct fake_tap, ifname),
	.help = "name of the interface",
};

static const struct opt fake_tap_rows[] = {
	{
		.key = "netns",
		.type = &opt_text,
		OPT_AT(struct fake_tap, netns),
	},
	{
		.key = "mac",
		.type = &opt_mac,
		OPT_AT(struct fake_tap, mac),
	},
	{
		.key = "up",
		.type = &opt_bool,
		OPT_AT(struct fake_tap, up),
		.def = "yes",
	},
	OPT_END,
};

static bool fake_tap_finish(void *conf, const char *port_name, struct err *err)
{
	struct fake_tap *tap = conf;

	if (tap->ifname[0])
		return true;
	/* In a namespace of its own it can have the name that all have. */
	return opt_ifname.parse(&fake_tap_arg, NULL,
				tap->netns[0] ? "eth0" : port_name, tap->ifname,
				err);
}

static void fake_tap_claim(const void *conf, char *buf, size_t size)
{
	const struct fake_tap *tap = conf;

	(void)snprintf(buf, size, "TAP %s in %s", tap->ifname,
		       tap->netns[0] ? tap->netns : "this namespace");
}

static const struct opt_kind fake_tap = {
	.name = "tap",
	.help = "a TAP",
	.arg = &fake_tap_arg,
	.rows = fake_tap_rows,
	.conf_size = sizeof(struct fake_tap),
	.mtu = 1500,
	.finish = fake_tap_finish,
	.claim = fake_tap_claim,
};

/* A required argument and a required option. */
struct fake_udp {
	char peer[64];
	uint32_t ttl;
};

static const struct opt fake_udp_arg = {
	.key = "udp",
	.type = &opt_text,
	OPT_AT(struct fake_udp, peer),
	.flags = OPT_REQUIRED,
	.help = "LPORT -> HOST:PORT",
};

static const struct opt fake_udp_rows[] = {
	{
		.key = "ttl",
		.type = &opt_uint,
		OPT_AT(struct fake_udp, ttl),
		.max = 255,
		.def = "64",
	},
	OPT_END,
};

static const struct opt_kind fake_udp = {
	.name = "udp",
	.help = "a tunnel",
	.arg = &fake_udp_arg,
	.rows = fake_udp_rows,
	.conf_size = sizeof(struct fake_udp),
	.mtu = 65520,
};

/* An option that must be there, a list, and a map. */
struct fake_net {
	uint32_t cost;
	struct vidset allowed;
	uint64_t lease;
	uint32_t count;
};

static const struct opt fake_net_dhcp_rows[] = {
	{
		.key = "lease",
		.type = &opt_duration,
		OPT_AT(struct fake_net, lease),
		.min = 1000000000,
		.max = 86400000000000,
		.def = "1h",
	},
	{
		.key = "count",
		.type = &opt_uint,
		OPT_AT(struct fake_net, count),
		.max = 100,
	},
	OPT_END,
};

static const struct opt fake_net_rows[] = {
	{
		.key = "cost",
		.type = &opt_uint,
		OPT_AT(struct fake_net, cost),
		.max = 10,
		.flags = OPT_REQUIRED,
		.help = "cost of the way",
	},
	{
		.key = "allowed",
		.type = &opt_vlans,
		OPT_AT(struct fake_net, allowed),
		.def = "1,2",
	},
	{
		.key = "dhcp",
		.type = &opt_map,
		.sub = fake_net_dhcp_rows,
	},
	OPT_END,
};

/* Has nothing to do; the dump must take maps into account all the same. */
static bool fake_net_finish(void *conf, const char *port_name, struct err *err)
{
	return true;
}

static const struct opt_kind fake_net = {
	.name = "net",
	.help = "a network",
	.rows = fake_net_rows,
	.conf_size = sizeof(struct fake_net),
	.mtu = 1500,
	.finish = fake_net_finish,
};

/* An argument that is a list. */
struct fake_ring {
	struct vidset vlans;
};

static const struct opt fake_ring_arg = {
	.key = "ring",
	.type = &opt_vlans,
	OPT_AT(struct fake_ring, vlans),
};

static const struct opt fake_ring_rows[] = {OPT_END};

static const struct opt_kind fake_ring = {
	.name = "ring",
	.help = "a ring",
	.arg = &fake_ring_arg,
	.rows = fake_ring_rows,
	.conf_size = sizeof(struct fake_ring),
	.mtu = 1500,
};

static const struct opt_kind *const fake_kinds[] = {
	&fake_null, &fake_tap, &fake_udp, &fake_net, &fake_ring, NULL};

#endif
