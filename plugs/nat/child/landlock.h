/* SPDX-License-Identifier: MIT */
/*
 * landlock: what of the file system the process keeps (landlock(7)): reading
 * the folder in which a file is, so that the file may be replaced, and making
 * unix sockets, which forwards begin at. Where the kernel knows how, it cannot
 * connect to abstract unix sockets of other processes either. Landlock does not
 * govern connecting to those that have a path, nor asking what is there (stat).
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_LANDLOCK_H
#define LABSWITCH_PLUGS_NAT_CHILD_LANDLOCK_H

#include <stdbool.h>

#include "switchd/core/err.h"

/* There is no way back. file NULL: none is read. True, and nothing changed, on
 * kernels without it (before 5.13, or switched off). */
bool landlock_enter(const char *file, struct err *err);

#endif
