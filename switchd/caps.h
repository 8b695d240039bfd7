/* SPDX-License-Identifier: MIT */
/*
 * caps: the forwarding process gives its privileges away (capabilities(7)).
 */
#ifndef LABSWITCH_SWITCHD_CAPS_H
#define LABSWITCH_SWITCHD_CAPS_H

#include "switchd/core/err.h"

/*
 * Drops every capability but CAP_SYS_NICE, empties the bounding set, where it
 * may, and sets no_new_privs, so that no program which it executes has any.
 * Root then still owns root's files, but may no longer touch others'.
 */
bool caps_drop(struct err *err);

#endif
