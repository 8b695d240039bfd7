/* SPDX-License-Identifier: MIT */
/*
 * priv_named: names for network namespaces, as `ip netns` keeps them: files
 * /run/netns/NAME with the namespace mounted on them (ip-netns(8)).
 *
 * Before a name is made, DIR/NAME.netns takes down the namespace's inode; it
 * proves later that the name is ours. DIR/netns.made says that the directory
 * of names was made by us: iproute2 makes it a shared mount, so it cannot just
 * be there.
 */
#ifndef LABSWITCH_PLUGS_PRIV_NAMED_H
#define LABSWITCH_PLUGS_PRIV_NAMED_H

#include <stdbool.h>
#include <stddef.h>

#include "switchd/core/err.h"

#define NAMED_DIR "/run/netns"

/* An error if the name is taken by a namespace that is not ours. */
bool named_is_free(const char *name, struct err *err);

/* Names the namespace that net is open on. */
bool named_add(const char *dir, const char *name, int net, struct err *err);

/* Removes the name, if it is ours, and DIR/NAME.netns. */
void named_remove(const char *dir, const char *name);

/* Removes all names that dir knows of, and the directory if it was ours. */
void named_sweep(const char *dir);

#endif
