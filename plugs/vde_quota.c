/* SPDX-License-Identifier: MIT */
#include "plugs/vde_quota.h"

#include <assert.h>
#include <unistd.h>

bool vde_quota_enter(struct vde_quota *q, uid_t uid)
{
	unsigned same = 0;

	for (unsigned i = 0; i < q->count; i++)
		same += q->owner[i] == uid;
	if (uid != 0 && uid != geteuid() && same >= VDE_QUOTA_PER_UID)
		return false;
	if (q->count == VDE_QUOTA_TOTAL)
		return false;
	q->owner[q->count++] = uid;
	return true;
}

void vde_quota_leave(struct vde_quota *q, uid_t uid)
{
	unsigned i = 0;

	while (i < q->count && q->owner[i] != uid)
		i++;
	assert(i < q->count);
	q->owner[i] = q->owner[--q->count];
}
