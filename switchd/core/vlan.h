/* SPDX-License-Identifier: MIT */
/*
 * vlan: which VLAN a frame belongs to, and how it leaves
 * (IEEE 802.1Q-2018 clauses 6.9 and 8.6.2, 8.6.4).
 *
 * A port has a PVID for untagged and priority-tagged frames, and a set of VIDs
 * whose frames carry a tag. That says it all:
 *
 *	access 10		pvid 10, tagged {}
 *	trunk 10,20		pvid 0 (none), tagged {10,20}
 *	trunk 10,20 native 5	pvid 5, tagged {10,20}
 *	native sent tagged	pvid 5, tagged {5,10,20}
 *	tunnel 100		pvid 100, tagged {}, and no tag is looked at
 *
 * Tags are those of one type, which a bridge is made for: C-tags (0x8100), or,
 * on the bridges of a provider, S-tags (0x88a8). Those of the other type are
 * payload: to a provider, frames of its customers are untagged, whatever
 * C-VLANs they are of (802.1Q clause 15). At a tunnel S-tags are payload, too:
 * all that a customer sends is in the provider's VLAN, and comes out as it was.
 *
 * A bridge that is not VLAN-aware does not ask here: tags pass untouched.
 */
#ifndef LABSWITCH_CORE_VLAN_H
#define LABSWITCH_CORE_VLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/drop.h"
#include "switchd/core/frame.h"
#include "switchd/core/vidset.h"

struct vlan_port {
	uint16_t pvid; /* 0: untagged frames are dropped */
	bool tunnel;   /* all frames are untagged */
	struct vidset tagged;
};

/* What ingress found out about a frame. */
struct vlan_class {
	uint16_t vid;  /* 1-4094; 0 on a bridge that is not VLAN-aware */
	uint16_t tci;  /* of the tag it would leave with: PCP and DEI kept */
	bool tagged;   /* it came with a tag of the bridge's type */
	bool priority; /* that tag's VID was 0 */
};

static inline bool vlan_member(const struct vlan_port *p, unsigned vid)
{
	return vid == p->pvid || vidset_has(&p->tagged, vid);
}

/*
 * Classifies a frame of at least 14 bytes (18 if it has a tag of this type).
 * Returns true and fills *class, or false and sets *why: DROP_RX_VLAN_FILTERED
 * or DROP_RX_NO_PVID.
 */
bool vlan_ingress(const struct vlan_port *p, uint16_t type,
		  const struct frame *f, struct vlan_class *class,
		  enum drop *why);

/* What to do with the tag on egress port p, which is a member of class->vid. */
enum tag_op vlan_egress(const struct vlan_port *p,
			const struct vlan_class *class);

#endif
