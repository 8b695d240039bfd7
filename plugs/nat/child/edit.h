/* SPDX-License-Identifier: MIT */
/*
 * edit: changes to the headers of a packet in place. Checksums are updated by
 * what has changed (RFC 1624), so one that was wrong stays wrong. Pure.
 *
 * p is what packet_parse() said of the frame that data is, and is kept in
 * step; the packet is not a fragment.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_EDIT_H
#define LABSWITCH_PLUGS_NAT_CHILD_EDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "plugs/nat/packet.h"

/* Another source, or destination, address of the same family. */
void edit_src(uint8_t *data, struct packet *p, const struct net *addr);
void edit_dst(uint8_t *data, struct packet *p, const struct net *addr);

/* Of TCP. */
void edit_src_port(uint8_t *data, struct packet *p, uint16_t port);
void edit_dst_port(uint8_t *data, struct packet *p, uint16_t port);

/* Takes TCP's URG flag and pointer away. */
void edit_urgent(uint8_t *data, const struct packet *p);

/*
 * The maximum segment size that a SYN announces (RFC 9293 3.7.1), or 0 if it
 * says nothing. If it does and mss is not 0, it says mss from now on.
 */
uint16_t edit_mss(uint8_t *data, const struct packet *p, uint16_t mss);

#endif
