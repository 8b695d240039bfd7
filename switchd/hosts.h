/* SPDX-License-Identifier: MIT */
/*
 * hosts: the hosts of a running lab: which there are, and their end.
 */
#ifndef LABSWITCH_SWITCHD_HOSTS_H
#define LABSWITCH_SWITCHD_HOSTS_H

#include <jansson.h>
#include <stdbool.h>

#include "plugs/priv.h"
#include "switchd/core/err.h"

struct lab;

/* Ends the host if no port of the lab is an interface of it any more. NULL is
 * allowed. */
void hosts_drop_unused(struct lab *lab, const char *name);

/* An array of {"host", "ifname", "port", "address"}, one for each interface;
 * address is as the topology has it, or null. */
json_t *hosts_list(const struct lab *lab);

/* Finds a host of the topology; err lists them if there is none so called. */
bool hosts_place(const struct lab *lab, const char *name,
		 struct host_place *place, struct err *err);

#endif
