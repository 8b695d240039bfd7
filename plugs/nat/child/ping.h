/* SPDX-License-Identifier: MIT */
/*
 * ping: whether this process may send echo requests. Without privileges that
 * takes a "ping socket" (SOCK_DGRAM with IPPROTO_ICMP), which Linux gives to
 * the groups in net.ipv4.ping_group_range, for IPv6 too: none, by default, in
 * a new network namespace.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_PING_H
#define LABSWITCH_PLUGS_NAT_CHILD_PING_H

#include <stdbool.h>
#include <stdint.h>

/* Tries. family: AF_INET or AF_INET6. */
bool ping_allowed(uint8_t family);

/* What to tell the user of a guest that pinged in vain. */
const char *ping_advice(uint8_t family);

#endif
