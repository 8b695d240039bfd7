/* SPDX-License-Identifier: MIT */
/*
 * shim: what stands between the switch and libslirp.
 *
 * libslirp was made for one guest on a cable of its own. On a switch it would
 * answer frames that are not for it, and it trusts what it is given. So only
 * this comes to it (shim_in.c): unicast to the NAT's one MAC, from an address
 * of the NAT's network, whole TCP, UDP or an echo request, to an address
 * that the guests may reach. All else is answered here (ARP, NDP, DHCP, DNS,
 * refusals) or dropped under a name (stats.h).
 *
 * What libslirp sends (shim_out.c) gets the NAT's MAC, the guest's from neigh,
 * and its size put right: segments of TCP go out as one frame with its offload
 * state, of at most the guest's MSS each; other packets longer than the mtu
 * as fragments.
 *
 * Two things are translated, without state: DNS over TCP, to the port on
 * loopback where dns.c listens, and the loopback addresses that libslirp lets
 * out as senders of ICMP errors. URG is cleared, which libslirp before 4.9.2
 * answers with memory of ours (CVE-2026-9539).
 *
 * Who may have how many flows is decided here too (flow.h). The least recently
 * used one of TCP makes place, by a reset to both its ends. UDP ports and pings
 * that wait for an answer cannot be taken from libslirp early; of a guest that
 * has no TCP flow the newest is refused, until the oldest have been idle for
 * four minutes.
 *
 * libslirp knows the MACs of 16 guests. It asks for one as any host does; the
 * question is answered here, from neigh, which knows them all.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_SHIM_H
#define LABSWITCH_PLUGS_NAT_CHILD_SHIM_H

#include <stdbool.h>
#include <stdint.h>

#include "plugs/nat/child/dns.h"
#include "plugs/nat/child/flow.h"
#include "plugs/nat/child/outq.h"
#include "plugs/nat/child/reass.h"
#include "plugs/nat/dhcp.h"
#include "plugs/nat/neigh.h"
#include "plugs/nat/stats.h"

struct shim_calls {
	/* A frame for libslirp: the one that shim_in() was given. */
	void (*pass)(void *ctx, const uint8_t *data, uint32_t len);
	/*
	 * One of the shim's own, of at most SHIM_OWN_MAX bytes, borrowed for
	 * the call; libslirp may be in the middle of something.
	 */
	void (*inject)(void *ctx, const uint8_t *data, uint32_t len);
	/* A question by UDP to the name server. */
	void (*query)(void *ctx, const struct dns_asker *from,
		      const uint8_t *message, size_t len, uint64_t now);
	/* An echo request was dropped since the system forbids to ping. */
	void (*ping_forbidden)(void *ctx, uint8_t family);
};

#define SHIM_OWN_MAX 128

#define SHIM_ASKS 64 /* guests that libslirp wants the MACs of */

struct shim_ask {
	struct net addr; /* family 0: unused */
	uint64_t until;
	bool asked; /* the segment has been, too */
};

/* All that it points to is the caller's and outlives it. */
struct shim {
	const struct nat_conf *conf;
	struct mac mac;
	struct neigh *neigh;
	struct dhcp *dhcp; /* NULL: none */
	const struct leases *leases;
	struct flows *flows;
	struct reass *reass;
	struct outq *out;
	struct nat_stats *stats;
	const struct shim_calls *calls;
	void *ctx;
	uint16_t dns_port;  /* of dns.c on 127.0.0.1; 0: no DNS over TCP */
	uint16_t dns_port6; /* on ::1 */
	bool ping, ping6;   /* the system lets us */
	unsigned fds_max;   /* no new flow beyond (stats->fds) */
	struct shim_ask asks[SHIM_ASKS];
	uint32_t fragment_id;
};

/* A frame from the switch, complete (nothing left to do). It is changed. */
void shim_in(struct shim *shim, uint8_t *data, uint32_t len, uint64_t now);

/* A frame from libslirp. */
void shim_out(struct shim *shim, const uint8_t *data, uint32_t len,
	      uint64_t now);

/*
 * Tells libslirp the MACs that it has asked for, as far as they are known.
 * True if there was one: frames that wait for it can go out.
 */
bool shim_resolve(struct shim *shim, uint64_t now);

/* A frame of the NAT's own, to the switch. */
void shim_send(struct shim *shim, const uint8_t *data, uint32_t len);

/* --- Of shim_in.c, for shim_out.c ------------------------------------- */

/*
 * A new flow, if need be in the place of a TCP flow, which is reset.
 * NULL, and counted: there is no place.
 */
struct flow *shim_admit(struct shim *shim, const struct flow_key *key,
			const struct mac *mac, uint64_t now);

#endif
