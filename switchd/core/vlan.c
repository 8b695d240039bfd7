/* SPDX-License-Identifier: MIT */
#include "switchd/core/vlan.h"

#define TCI_VID 0x0fff

bool vlan_ingress(const struct vlan_port *p, uint16_t type,
		  const struct frame *f, struct vlan_class *class,
		  enum drop *why)
{
	uint16_t tci = 0;
	uint16_t vid;

	class->tagged = !p->tunnel && frame_type(f) == type;
	if (class->tagged)
		tci = frame_tci(f);
	vid = tci & TCI_VID;
	class->priority = class->tagged && vid == 0;
	if (vid == 0)
		vid = p->pvid;
	if (vid == 0) {
		*why = DROP_RX_NO_PVID;
		return false;
	}
	if (!vlan_member(p, vid)) {
		*why = DROP_RX_VLAN_FILTERED;
		return false;
	}
	class->vid = vid;
	class->tci = (uint16_t)((tci & ~TCI_VID) | vid);
	return true;
}

enum tag_op vlan_egress(const struct vlan_port *p,
			const struct vlan_class *class)
{
	if (!vidset_has(&p->tagged, class->vid))
		return class->tagged ? TAG_POP : TAG_KEEP;
	if (!class->tagged)
		return TAG_PUSH;
	return class->priority ? TAG_REPLACE : TAG_KEEP;
}
