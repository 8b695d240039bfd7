/* SPDX-License-Identifier: MIT */
/*
 * vde_quota: how many connections a VDE directory has, and whose.
 *
 * A user who opens connections without end must not use up the descriptors of
 * the switch, nor the places of others. root and the daemon's own user are
 * bound by the total only.
 */
#ifndef LABSWITCH_PLUGS_VDE_QUOTA_H
#define LABSWITCH_PLUGS_VDE_QUOTA_H

#include <stdbool.h>
#include <sys/types.h>

#define VDE_QUOTA_TOTAL   1024
#define VDE_QUOTA_PER_UID 64

/* All zero: nobody is there. */
struct vde_quota {
	uid_t owner[VDE_QUOTA_TOTAL]; /* one for each, in no order */
	unsigned count;
};

/* Counts one more of uid. Returns false, with nothing counted, if it would be
 * one too many. */
bool vde_quota_enter(struct vde_quota *q, uid_t uid);

/* One of uid, who had entered, is gone. */
void vde_quota_leave(struct vde_quota *q, uid_t uid);

#endif
