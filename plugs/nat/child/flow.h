/* SPDX-License-Identifier: MIT */
/*
 * flow: which conversations lead through the NAT, so that no guest, and not
 * all of them together, take more than their share of sockets.
 *
 * A flow is, as libslirp has a socket for each: a TCP connection, a guest's
 * UDP port (whomever it talks to), an echo request that has no answer yet.
 * Where the remote end opened it (a forward), a UDP flow has a remote end too.
 *
 * What a guest may have is a number of each kind, and of all kinds as many as
 * are free: one guest alone has up to half, two have a third each, and whoever
 * comes next finds some free. For what cannot be ended (UDP, echoes) it is half
 * of that, so that TCP is left. A guest is a MAC, of which one can invent any
 * number; but there are no more leases than addresses. So guests without one
 * (not known) have together what one with a lease may have alone.
 *
 * Pure: time is an argument, in nanoseconds of CLOCK_MONOTONIC.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_FLOW_H
#define LABSWITCH_PLUGS_NAT_CHILD_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/mac.h"
#include "topo/net.h"

enum flow_kind { FLOW_TCP, FLOW_UDP, FLOW_ECHO, FLOW_KIND_COUNT };

/* Compared as bytes: has no padding, and is zeroed before it is filled. */
struct flow_key {
	uint8_t kind;
	uint8_t family;
	uint16_t guest_port; /* an echo's identifier */
	uint16_t far_port;   /* an echo's sequence number; 0: any */
	uint8_t guest[16];
	uint8_t far[16]; /* all zero: any */
};

struct flow {
	struct flow_key key;
	struct mac mac; /* the guest's */
	uint64_t used;  /* when it carried something last */
	/* TCP: what to say that each side believes a reset, and */
	uint32_t guest_next; /* the next number that the guest waits for */
	uint32_t slirp_next; /* and libslirp */
	uint16_t mss;        /* the guest's; 0: not known */
	bool answered;       /* libslirp has sent something, of UDP since the
				guest has */
	bool guest_fin, slirp_fin;
	/* UDP: the guest's last datagram was to port 53 */
	bool asked_name;
};

struct flow_limits {
	unsigned all;                        /* flows */
	unsigned per_guest[FLOW_KIND_COUNT]; /* of a MAC, known or not */
};

struct flows;

/* NULL: no memory. */
struct flows *flows_new(const struct flow_limits *limits);
void flows_free(struct flows *flows);

/* far NULL: any. */
struct flow_key flow_key(enum flow_kind kind, const struct net *guest,
			 uint16_t guest_port, const struct net *far,
			 uint16_t far_port);

/* NULL: there is none. */
struct flow *flows_find(struct flows *flows, const struct flow_key *key);
void flows_touch(struct flows *flows, struct flow *flow, uint64_t now);

/* A new one; NULL: the guest has as many as it may. The key is not there
 * yet. */
struct flow *flows_add(struct flows *flows, const struct flow_key *key,
		       const struct mac *mac, bool known, uint64_t now);
void flows_remove(struct flows *flows, struct flow *flow);

/* The guest has a lease no more: its flows are of those that are not known. */
void flows_disown(struct flows *flows, const struct mac *mac);

/*
 * The TCP flow that makes place for another of that kind: the guest's own; for
 * one of TCP of a guest that is not known, that of any such; for a guest that
 * has none where none is free, anybody's. One that both ends have closed, else
 * the least recently used of those that a reset can end because they are open.
 * NULL: none, or it would not help.
 */
struct flow *flows_victim(struct flows *flows, enum flow_kind kind,
			  const struct mac *mac, bool known);

/* Forgets those that libslirp has forgotten by now. */
void flows_expire(struct flows *flows, uint64_t now);

unsigned flows_count(const struct flows *flows);

#endif
