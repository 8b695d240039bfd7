/* SPDX-License-Identifier: MIT */
/*
 * control: what the process tells the switch, and what it does when told
 * (plugs/nat/msg.h). The switch never waits for it, so it may wait a moment
 * for the switch; one that does not listen at all is gone.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_CONTROL_H
#define LABSWITCH_PLUGS_NAT_CHILD_CONTROL_H

#include "plugs/nat/child/nat.h"

/* Does what a message says. False: it must not come now. */
bool control_obey(struct nat *nat, const struct nat_msg *msg, struct err *err);

void control_ready(struct nat *nat);
void control_note(struct nat *nat, const char *text);
void control_stats(struct nat *nat);

/* A dhcp_changed_fn; ctx is a struct nat. */
void control_lease(void *ctx, const struct lease *lease);

#endif
