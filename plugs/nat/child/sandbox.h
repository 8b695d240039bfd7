/* SPDX-License-Identifier: MIT */
/*
 * sandbox: what the process can still do once it hears guests.
 *
 * No capabilities, no way to gain any, no core file, no debugger of the same
 * user, limits on what it may open, and a list of the system calls that the
 * NAT makes: any other ends it (SIGSYS), which costs the switch one port. It
 * keeps the network and reading files, since connecting to wherever guests
 * want to, and resolv.conf, are its work.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_SANDBOX_H
#define LABSWITCH_PLUGS_NAT_CHILD_SANDBOX_H

#include <stdbool.h>

#include "switchd/core/err.h"

/*
 * First thing: usual priority, as many descriptors as are allowed, no other
 * limits but those that end accidents, no capabilities. Returns the number of
 * descriptors that may be open.
 */
unsigned sandbox_prepare(void);

/* Before the first frame: the list. There is no way back. */
bool sandbox_enter(struct err *err);

#endif
