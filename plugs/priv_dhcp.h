/* SPDX-License-Identifier: MIT */
/*
 * priv_dhcp: a DHCP client for an interface of a host.
 *
 * BusyBox's udhcpc asks, host-dhcp.sh makes the interface what the answer
 * says. A process in the host, the keeper, starts the client, and starts it
 * again, after 1, 2, 4 ... 30 s, whenever it ends.
 *
 * The keeper lives as long as the interface: it hears from the kernel that
 * this is gone, ends the client, and itself. So neither the end of a port nor
 * that of the lab, nor kill -9 of whomever, needs a word about it; a client
 * whose keeper is killed goes with it.
 *
 * It deliberately knows nothing of leases: those are udhcpc's.
 */
#ifndef LABSWITCH_PLUGS_PRIV_DHCP_H
#define LABSWITCH_PLUGS_PRIV_DHCP_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/err.h"

struct dhcp_request {
	unsigned ifindex; /* in the caller's network namespace */
	uint32_t mtu;     /* the most that a server can make it */
	const char *host; /* the name to tell the server */
	const char *resolv;
};

/* Starts a keeper in the caller's namespaces. err if there is no udhcpc. */
bool dhcp_start(const struct dhcp_request *req, struct err *err);

#endif
