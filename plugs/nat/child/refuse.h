/* SPDX-License-Identifier: MIT */
/*
 * refuse: what a guest is told at once about a packet that goes nowhere: TCP
 * by a reset (RFC 9293 3.5.2), anything else by ICMP "administratively
 * prohibited" or "port unreachable"; about one that has come too far by ICMP
 * "time exceeded". Pure.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_REFUSE_H
#define LABSWITCH_PLUGS_NAT_CHILD_REFUSE_H

#include <stddef.h>
#include <stdint.h>

#include "plugs/nat/packet.h"

#define REFUSE_MAX 640 /* bytes of an answer */

/*
 * Writes the answer to f, sent from mac. far is whom an ICMP error comes from.
 * Returns its length; 0: a packet of its kind is never answered.
 */
size_t refuse_frame(const struct frame *f, const struct packet *p,
		    const struct mac *mac, const struct net *far,
		    uint8_t out[REFUSE_MAX]);

/* The same for a packet with no hop left (RFC 1812 5.3.1, RFC 4443 3.3). */
size_t refuse_expired(const struct frame *f, const struct packet *p,
		      const struct mac *mac, const struct net *far,
		      uint8_t out[REFUSE_MAX]);

/* What a reset says of itself. */
struct reset {
	struct packet_ends ends;
	uint32_t seq;
	uint32_t ack;
	uint8_t flags; /* TCP_RST, and TCP_ACK if ack means something */
};

/* Writes a reset. Returns its length. */
size_t refuse_reset(const struct reset *reset, uint8_t out[REFUSE_MAX]);

#endif
