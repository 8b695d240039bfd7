/* SPDX-License-Identifier: MIT */
/*
 * priv_iface: an interface of a host, in the caller's network namespace: the
 * TAP, its addresses and routes, and whether the host is a router. All of it
 * vanishes with the TAP's descriptor.
 */
#ifndef LABSWITCH_PLUGS_PRIV_IFACE_H
#define LABSWITCH_PLUGS_PRIV_IFACE_H

#include "plugs/priv.h"

/* A worker_fn; arg is a struct host_request. Returns the TAP's descriptor. */
int iface_open(const void *arg, struct err *err);

#endif
