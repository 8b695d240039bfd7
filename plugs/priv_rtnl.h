/* SPDX-License-Identifier: MIT */
/*
 * priv_rtnl: interfaces, addresses and routes of the network namespace that a
 * socket was opened in (rtnetlink(7)). Each call is one request, and waits for
 * the kernel's answer, which comes at once.
 */
#ifndef LABSWITCH_PLUGS_PRIV_RTNL_H
#define LABSWITCH_PLUGS_PRIV_RTNL_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/err.h"
#include "topo/net.h"

#define RTNL_MSG_SIZE 512

/* A request; its header says how long it is. */
union rtnl_msg {
	struct nlmsghdr header;
	unsigned char bytes[RTNL_MSG_SIZE];
};

/* --- Requests ---------------------------------------------------------- */

/* How many frames an interface keeps for a slow reader. */
void rtnl_link_queue(union rtnl_msg *msg, unsigned ifindex, uint32_t frames);

/* A VLAN device (802.1Q) called name on an interface. */
void rtnl_vlan_new(union rtnl_msg *msg, unsigned ifindex, const char *name,
		   uint16_t vid);

void rtnl_link_up(union rtnl_msg *msg, unsigned ifindex);

/* An IPv6 address can be used at once: nobody is asked whether he has it. */
void rtnl_addr_new(union rtnl_msg *msg, unsigned ifindex,
		   const struct net *addr);

/* to with 0 bits is the default route. */
void rtnl_route_new(union rtnl_msg *msg, unsigned ifindex, const struct net *to,
		    const struct net *via);

/* --- Sending them ------------------------------------------------------ */

/* Returns a socket in the caller's namespace, or -1 and err. */
int rtnl_open(struct err *err);

/* The same, to be readable whenever an interface there changes; what is read
 * is best thrown away, as messages may be lost. */
int rtnl_watch_links(struct err *err);

/* Returns 0 or the errno of the kernel's answer. */
int rtnl_request(int sock, union rtnl_msg *msg);

#endif
