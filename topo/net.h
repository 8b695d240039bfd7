/* SPDX-License-Identifier: MIT */
/*
 * net: IP addresses as values: what an interface has, and where routes lead.
 */
#ifndef LABSWITCH_TOPO_NET_H
#define LABSWITCH_TOPO_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/err.h"

#define NET_TEXT_SIZE 52 /* the longest IPv6 address, "/128" and a NUL */

/* An address, and how many of its bits are those of its network. */
struct net {
	uint8_t family; /* AF_INET or AF_INET6; 0: none */
	uint8_t bits;   /* 32 or 128 for an address alone */
	uint8_t addr[16];
};

/* The number of bits of an address of this family. */
uint8_t net_width(uint8_t family);

/* Reads "10.0.0.1/24". The message goes on after "is ". */
bool net_parse(const char *text, struct net *net, struct err *err);

/* Reads "10.0.0.1". The message goes on after "is ". */
bool net_parse_addr(const char *text, struct net *net, struct err *err);

/* "10.0.0.1/24", and the address alone. They return buf. */
const char *net_format(const struct net *net, char buf[NET_TEXT_SIZE]);
const char *net_format_addr(const struct net *net, char buf[NET_TEXT_SIZE]);

/* Whether addr is an address in net. */
bool net_has(const struct net *net, const struct net *addr);

/* Whether an address can be reached on any link: fe80::/10. */
bool net_is_link_local(const struct net *addr);

#endif
