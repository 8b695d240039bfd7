/* SPDX-License-Identifier: MIT */
/*
 * sandbox: what the process can still do once it hears guests.
 *
 * No capabilities, no core file, no debugger of the same user, limits on what
 * it may open, almost no files (landlock.h), and a list of the system calls
 * that the NAT makes: any other ends it (SIGSYS), which costs the switch one
 * port. It keeps the network, since connecting to wherever guests want to is
 * its work, and with it unix sockets that have a path and let its user in.
 *
 * There is no way to gain privileges: exec is not on the list, and would give
 * none, by no_new_privs. The bounding set is out of its reach, which takes a
 * capability to change; a daemon that root has started has emptied it.
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

/* Before the first frame, when all else is open: files, but for what may be
 * read (NULL: nothing), and the list. There is no way back. */
bool sandbox_enter(const char *readable, struct err *err);

#endif
