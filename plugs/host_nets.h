/* SPDX-License-Identifier: MIT */
/*
 * host_nets: the addresses of a host's interfaces, as a topology has them.
 */
#ifndef LABSWITCH_PLUGS_HOST_NETS_H
#define LABSWITCH_PLUGS_HOST_NETS_H

#include "plugs/priv.h"

/* (struct host_nets) "10.0.0.1/24, 2001:db8::1/64 via 10.0.0.254" or "dhcp" */
extern const struct opt_type host_nets_type;

/* (struct host_vlan[HOST_VLANS_MAX]) for OPT_KEYED: {10: 10.0.10.1/24} */
extern const struct opt_type host_vlans_type;

/* Whether addr is on one of the networks. */
bool host_nets_has(const struct host_nets *nets, const struct net *addr);

#endif
