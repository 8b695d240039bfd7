/* SPDX-License-Identifier: MIT */
/*
 * hosts: network namespaces as hosts of a lab.
 *
 * With the right to make network namespaces, a host NAME is one that `ip netns`
 * shows too: /run/netns/NAME is mounted as iproute2 does it, and a file
 * DIR/NAME.netns says which namespace that is. A name that is taken by another
 * namespace is refused. So what is ours can be told from what is not, also
 * after everybody was killed: hosts_sweep() removes the former.
 *
 * Without that right the first host makes a user namespace in which the caller
 * is root, and all hosts are in it; they have no name outside, and vanish with
 * the last descriptor.
 *
 * Whatever is done in a host is done by a short-lived child (priv_worker.h):
 * who has entered a user namespace cannot return.
 */
#ifndef LABSWITCH_PLUGS_PRIV_HOSTS_H
#define LABSWITCH_PLUGS_PRIV_HOSTS_H

#include <stdbool.h>

#include "plugs/priv.h"

struct hosts;

/* dir, for its files, must outlive it; NULL: no memory. */
struct hosts *hosts_new(const char *dir);

/* Forgets all hosts. NULL is allowed. */
void hosts_free(struct hosts *hosts);

/* priv_ops.host_open, host_forget and host_find */
int hosts_open(struct hosts *hosts, const struct host_request *req,
	       struct err *err);
void hosts_forget(struct hosts *hosts, const char *name);
bool hosts_find(const struct hosts *hosts, const char *name,
		struct host_place *place, struct err *err);

/* Removes what a killed process has left of the hosts whose files are in dir.
 * Nobody else may be using dir. */
void hosts_sweep(const char *dir);

/* The file for a host's /etc/resolv.conf; a path of the given size. */
void hosts_resolv(const char *dir, const char *name, char *path, size_t size);

#endif
