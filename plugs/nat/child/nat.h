/* SPDX-License-Identifier: MIT */
/*
 * nat: all that the NAT's process has.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_NAT_H
#define LABSWITCH_PLUGS_NAT_CHILD_NAT_H

#include <sys/epoll.h>

#include "plugs/nat/child/dns.h"
#include "plugs/nat/child/engine.h"
#include "plugs/nat/child/flow.h"
#include "plugs/nat/child/inbox.h"
#include "plugs/nat/child/outq.h"
#include "plugs/nat/child/pollset.h"
#include "plugs/nat/child/shim.h"
#include "plugs/nat/dhcp.h"
#include "plugs/nat/lease.h"
#include "plugs/nat/msg.h"
#include "plugs/nat/neigh.h"
#include "plugs/nat/packet.h"

#define INJECTED_MAX 256

/* A frame of the shim's own that waits until libslirp can be given one. */
struct injected {
	uint32_t len;
	uint8_t data[SHIM_OWN_MAX];
};

struct nat {
	int frames, control;
	struct nat_conf conf;
	struct leases *leases;
	struct neigh *neigh;
	struct dhcp dhcp;
	struct dns *dns; /* NULL: off */
	struct flows *flows;
	struct reass *reass;
	unsigned flows_max;
	struct inbox *inbox;
	struct outq *out;
	struct pollset *set;
	struct engine *engine;
	struct shim shim;
	struct injected injected[INJECTED_MAX];
	unsigned injected_count;
	struct nat_forward forwards[NAT_FORWARDS_MAX];
	unsigned forward_count;
	struct nat_stats stats;
	bool told_ping, told_ping6;
	uint64_t now;
	uint64_t poll_due, second_due, advert_due;
	uint64_t poll_rest; /* no round before */
	bool resting;       /* a round is due then */
	bool over;          /* the switch has gone */
};

#endif
