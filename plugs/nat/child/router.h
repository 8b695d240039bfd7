/* SPDX-License-Identifier: MIT */
/*
 * router: what makes the NAT the guests' IPv6 router: advertisements with
 * prefix, mtu, name server and domain (RFC 4861 6.2, RFC 8106), and stateless
 * DHCPv6 (RFC 8415 18.3.6) for those that ask there for the name server. Pure.
 *
 * libslirp's own advertisements name the server only if the host itself has
 * one on IPv6.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_ROUTER_H
#define LABSWITCH_PLUGS_NAT_CHILD_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugs/nat/conf.h"
#include "plugs/nat/packet.h"

#define ROUTER_FRAME_MAX 512
#define ROUTER_PERIOD_NS UINT64_C(200000000000) /* between advertisements */

/* Whether a group MAC is one that the NAT listens to. */
bool router_is_group(const uint8_t mac[6]);

/*
 * Takes a router solicitation or a DHCPv6 request, and writes the answer, if
 * one is due. False: it is neither.
 */
bool router_input(const struct nat_conf *conf, const struct frame *f,
		  const struct packet *p, uint8_t out[ROUTER_FRAME_MAX],
		  size_t *len);

/* An advertisement to all. Returns its length; 0: there is no IPv6. */
size_t router_advert(const struct nat_conf *conf,
		     uint8_t out[ROUTER_FRAME_MAX]);

#endif
