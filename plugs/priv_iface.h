/* SPDX-License-Identifier: MIT */
/*
 * priv_iface: an interface of a host, in the caller's network namespace: the
 * TAP, its addresses and routes or a DHCP client for them, and whether the host
 * is a router. All of it vanishes with the TAP's descriptor.
 */
#ifndef LABSWITCH_PLUGS_PRIV_IFACE_H
#define LABSWITCH_PLUGS_PRIV_IFACE_H

#include "plugs/priv.h"

struct iface_order {
	const struct host_request *req;
	const char *resolv; /* the host's /etc/resolv.conf, for DHCP */
};

/* A worker_fn; arg is a struct iface_order. Returns the TAP's descriptor. */
int iface_open(const void *arg, struct err *err);

#endif
